/** Listening to signals: once each, however many calls one serves, because Node warns of more than ten listeners. */

interface Watched {
  readonly calls: Set<() => void>;
  readonly tell: () => void;
}

const watched = new WeakMap<AbortSignal, Watched>();

/** Has `abort` called when the signal is aborted; gives what ends that. */
export function onAbort(signal: AbortSignal, abort: () => void): () => void {
  const { calls, tell } = watched.get(signal) ?? watch(signal);
  calls.add(abort);
  return () => {
    if (!calls.delete(abort) || calls.size > 0) return;
    signal.removeEventListener("abort", tell);
    watched.delete(signal);
  };
}

function watch(signal: AbortSignal): Watched {
  const calls = new Set<() => void>();
  const made = { calls, tell: () => [...calls].forEach((abort) => abort()) };
  signal.addEventListener("abort", made.tell, { once: true });
  watched.set(signal, made);
  return made;
}

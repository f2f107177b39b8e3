/**
 * Waits for what the runtime's threads do, one bridge for each thread of JavaScript.
 *
 * All that has ended by the time JavaScript is told comes as one text, so a hundred replies cost one crossing and one
 * `JSON.parse`. A process stays alive while somebody waits here, and no longer.
 */

import { setInterval } from "node:timers";

import { aborted, errorOf, type Failure } from "./failure.js";
import { native, type NativeBridge, type NativeClient, type NativeOptions, type NativeStream } from "./native.js";
import type { RawResponse } from "./response.js";
import { onAbort } from "./signal.js";

/** A reply: its decoded JSON, and the id of its request. */
export interface RawReply {
  readonly value: unknown;
  readonly requestId: string | null;
  /** What the answer told beside its body. */
  readonly response: RawResponse | null;
}

/** An event of a stream. */
export interface RawEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: object;
}

/** Chunks of a stream one after the other: what they share, and the content of each. */
export interface RawChunks {
  readonly of: object;
  readonly contents: readonly string[];
}

/** `[token, kind, value, request id, response]`. */
type Outcome = readonly [number, Kind, unknown, string | null, RawResponse | null];

const enum Kind {
  Reply = 0,
  Failure = 1,
  Batch = 2,
  End = 3,
}

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** A timer that never matters; only whether it is told to keep the process alive does. */
const FOREVER_MS = 2 ** 31 - 1;

class Bridge {
  readonly #native: NativeBridge;
  readonly #waiting = new Map<number, Waiting>();
  readonly #alive = setInterval(() => {}, FOREVER_MS).unref();
  #lastToken = 0;

  constructor() {
    this.#native = new (native().Bridge)((outcomes) => this.#told(outcomes));
  }

  /** Calls, and waits for the reply. */
  call(
    client: NativeClient,
    operation: string,
    args: string,
    options: NativeOptions | null,
    signal: AbortSignal | undefined,
  ): Promise<RawReply> {
    if (signal?.aborted) return Promise.reject(aborted(signal));
    const token = this.#token();
    // Its outcome comes in a later turn of the event loop, so not before somebody waits.
    this.#native.call(client, token, operation, args, options);
    return signal ? this.#replyUnlessAborted(token, signal) : this.#reply(token);
  }

  /** What a stream has, once it has something; nothing at its end. */
  async next(stream: NativeStream): Promise<readonly (RawEvent | RawChunks)[] | undefined> {
    const token = this.#token();
    const batch = this.#native.next(stream, token);
    if (batch !== null) return JSON.parse(batch) as (RawEvent | RawChunks)[];
    const { value } = await this.#reply(token);
    return (value as (RawEvent | RawChunks)[] | null) ?? undefined;
  }

  async #reply(token: number): Promise<RawReply> {
    if (this.#waiting.size === 0) this.#alive.ref();
    const [, kind, value, requestId, response] = await new Promise<Outcome>((resolve, reject) => {
      this.#waiting.set(token, { resolve, reject });
    });
    // Made here, after an `await`, so that its stack goes on to the caller.
    if (kind === Kind.Failure) throw errorOf(value as Failure);
    return { value, requestId, response };
  }

  async #replyUnlessAborted(token: number, signal: AbortSignal): Promise<RawReply> {
    const forget = onAbort(signal, () => {
      this.#native.cancel(token);
      this.#take(token)?.reject(aborted(signal));
    });
    try {
      return await this.#reply(token);
    } finally {
      forget();
    }
  }

  #told(outcomes: string): void {
    for (const outcome of JSON.parse(outcomes) as Outcome[]) this.#take(outcome[0])?.resolve(outcome);
  }

  #take(token: number): Waiting | undefined {
    const waiting = this.#waiting.get(token);
    if (this.#waiting.delete(token) && this.#waiting.size === 0) this.#alive.unref();
    return waiting;
  }

  #token(): number {
    // So many calls do not run at once that one of them still has a number when it comes round again.
    return (this.#lastToken = (this.#lastToken + 1) >>> 0);
  }
}

let made: Bridge | undefined;

/** The bridge of this thread. */
export function bridge(): Bridge {
  return (made ??= new Bridge());
}

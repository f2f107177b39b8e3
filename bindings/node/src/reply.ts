/** What calls give. */

/** A reply, and where its request can be found in the gateway's log. */
export type Reply<T> = T & {
  /** The id of the request; not enumerable, so it is in no copy and in no JSON. */
  readonly _requestId?: string;
};

/** Adds the id of the request to a reply. */
export function withRequestId<T extends object>(reply: T, requestId: string | null | undefined): Reply<T> {
  if (requestId != null) Object.defineProperty(reply, "_requestId", { value: requestId, configurable: true });
  return reply;
}

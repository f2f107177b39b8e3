/** What an answer told beside its body, for who asks: `await client.status.get().withResponse()`. */

/** `[status, retries, headers]`, a line a header. */
export type RawResponse = readonly [number, number, string];

/** An answer without its body: status and headers. */
export class APIResponse {
  /** The HTTP status, of the 200s: others are thrown. */
  readonly status: number;
  /** How many tries went before the one that this answers. */
  readonly retries: number;
  readonly #text: string;
  #headers: Headers | undefined;

  /** @internal */
  constructor([status, retries, headers]: RawResponse) {
    this.status = status;
    this.retries = retries;
    this.#text = headers;
  }

  /** The headers of the answer. */
  get headers(): Headers {
    return (this.#headers ??= new Headers(this.#text.split("\n").filter(Boolean).map(pair)));
  }
}

/** What a call gives, and what its answer told. */
export interface WithResponse<T> {
  /** What the call gives without `withResponse()`. */
  readonly data: T;
  /** Status and headers. */
  readonly response: APIResponse;
  /** The id of the request, to find it in the gateway's log. */
  readonly requestId: string | undefined;
}

/** What a call gives: a promise, which can also tell what the answer told. */
export interface APIPromise<T> extends Promise<T> {
  /** The reply, and beside it status, headers and the id of the request. */
  withResponse(): Promise<WithResponse<T>>;
  /** Only status and headers. */
  asResponse(): Promise<APIResponse>;
}

/** Where a call puts what its answer told; there once its promise is fulfilled. */
export class Seen {
  response: RawResponse | undefined;
}

/** Where a promise keeps what its call has seen. An assigned member: a map of promises would cost a call ten times that. */
const SEEN = Symbol("seen");

interface Call<T> extends Promise<T> {
  [SEEN]?: Seen;
}

/**
 * What promises of calls can do beside those of JavaScript.
 *
 * Not a class of promises: `await` and the stacks of errors go through JavaScript's own ones as through no other.
 */
const abilities = Object.create(Promise.prototype, {
  withResponse: { value: withResponse },
  asResponse: {
    async value(this: Promise<unknown>): Promise<APIResponse> {
      return (await withResponse.call(this)).response;
    },
  },
}) as object;

/** Makes the promise of a call one that can tell what the answer told. */
export function answering<T>(call: Call<T>, seen: Seen): APIPromise<T> {
  call[SEEN] = seen;
  return Object.setPrototypeOf(call, abilities) as APIPromise<T>;
}

/** A reply and what is known of its answer. */
export function beside<T>(data: T, raw: RawResponse): WithResponse<T> {
  const response = new APIResponse(raw);
  return { data, response, requestId: response.headers.get("x-request-id") ?? undefined };
}

async function withResponse<T>(this: Call<T>): Promise<WithResponse<T>> {
  return beside(await this, this[SEEN]?.response as RawResponse);
}

function pair(line: string): [string, string] {
  const colon = line.indexOf(":");
  // A byte a character, as `fetch` has them: `Headers` takes no others.
  return [line.slice(0, colon), Buffer.from(line.slice(colon + 1)).toString("latin1")];
}

/** The way of all calls: one gateway and one key, and the options of every call. */

import { bridge, type RawReply } from "./bridge.js";
import { fromWire, type TypeName } from "./convert.js";
import { APIDecodeError, ConfigError } from "./errors.js";
import { translated } from "./failure.js";
import { List, ListPage } from "./list.js";
import type { NativeClient, NativeStream } from "./native.js";
import { merged, nativeOptions, type RequestOptions } from "./options.js";
import { withRequestId, type Reply } from "./reply.js";
import type { Stream } from "./stream.js";
import type { Page } from "./types.js";

/** The arguments of a call, spelled as on the wire. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One gateway and one key, and the options of every call. */
export class Transport {
  #native: NativeClient | undefined;
  readonly #defaults: RequestOptions;

  constructor(client: NativeClient | undefined, defaults: RequestOptions) {
    this.#native = client;
    this.#defaults = defaults;
  }

  /** The same with other options for every call. */
  withOptions(options: RequestOptions): Transport {
    return new Transport(this.#native, merged(this.#defaults, options));
  }

  /** Lets go of the connections, once no call uses them. */
  close(): void {
    this.#native = undefined;
  }

  /** Calls, and gives the reply. */
  async call<T extends object>(
    operation: string,
    args: Arguments,
    type: TypeName,
    options: RequestOptions = {},
  ): Promise<Reply<T>> {
    const { value, requestId } = await this.#reply(operation, args, options);
    return withRequestId(fromWire<T>(type, value as object), requestId);
  }

  /** Calls; there is no reply. */
  async done(operation: string, args: Arguments, options: RequestOptions = {}): Promise<void> {
    await this.#reply(operation, args, options);
  }

  /** A list that nothing is fetched of yet; `type` is that of its pages. */
  list<Row>(operation: string, args: Arguments, type: TypeName, options: RequestOptions = {}): List<Row> {
    return this.listOf<Row, Row>(operation, args, type, (row) => row, options);
  }

  /** The same with something made of each row. */
  listOf<Raw, Row>(
    operation: string,
    args: Arguments,
    type: TypeName,
    make: (row: Raw) => Row,
    options: RequestOptions = {},
  ): List<Row> {
    const fetch = async (after?: string): Promise<ListPage<Row>> => {
      const from = after === undefined ? args : { ...args, after };
      const page = await this.call<Page<Raw>>(operation, from, type, options);
      if (!Array.isArray(page.data)) {
        const told = { requestId: page._requestId };
        throw new APIDecodeError("the gateway's answer could not be read: it is no page of a list", told);
      }
      const rows = { ...page, data: page.data.map(make) };
      return withRequestId(new ListPage(rows, fetch), page._requestId);
    };
    return new List(fetch);
  }

  /** A streamed reply, once it has begun. */
  async stream<S extends Stream<unknown>>(
    Class: new (stream: NativeStream, signal: AbortSignal | undefined) => S,
    operation: string,
    args: Arguments,
    options: RequestOptions = {},
  ): Promise<S> {
    const all = merged(this.#defaults, options);
    const client = this.#open();
    const native = translated(() => client.stream(operation, JSON.stringify(args), nativeOptions(all)));
    const stream = new Class(native, all.signal ?? undefined);
    await stream.begin();
    return stream;
  }

  async #reply(operation: string, args: Arguments, options: RequestOptions): Promise<RawReply> {
    const { signal, ...all } = merged(this.#defaults, options);
    return bridge().call(this.#open(), operation, JSON.stringify(args), nativeOptions(all), signal ?? undefined);
  }

  #open(): NativeClient {
    if (this.#native) return this.#native;
    throw new ConfigError("the client is closed");
  }
}

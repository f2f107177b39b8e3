/** The way of all calls: one gateway and one key, and the options of every call. */

import { bridge, type RawReply } from "./bridge.js";
import { fromWire, type TypeName } from "./convert.js";
import { APIDecodeError, ConfigError } from "./errors.js";
import { translated } from "./failure.js";
import { List, ListPage } from "./list.js";
import type { Log } from "./log.js";
import type { NativeClient, NativeStream } from "./native.js";
import { merged, nativeOptions, type RequestOptions } from "./options.js";
import { withRequestId, type Reply } from "./reply.js";
import { answering, Seen, type APIPromise } from "./response.js";
import type { Stream } from "./stream.js";
import type { Page } from "./types.js";

/** The arguments of a call, spelled as on the wire. */
export type Arguments = Readonly<Record<string, unknown>>;

/** One gateway and one key, and the options of every call. */
export class Transport {
  #native: NativeClient | undefined;
  readonly #defaults: RequestOptions;
  readonly #log: Log;

  constructor(client: NativeClient | undefined, defaults: RequestOptions, log: Log) {
    this.#native = client;
    this.#defaults = defaults;
    this.#log = log;
  }

  /** The same with other options for every call. */
  withOptions(options: RequestOptions): Transport {
    return new Transport(this.#native, merged(this.#defaults, options), this.#log);
  }

  /** Lets go of the connections, once no call uses them. */
  close(): void {
    this.#native = undefined;
  }

  /** Calls, and gives the reply. */
  call<T extends object>(
    operation: string,
    args: Arguments,
    type: TypeName,
    options?: RequestOptions,
  ): APIPromise<Reply<T>> {
    return this.callFor<T, Reply<T>>(operation, args, type, (reply) => reply, options);
  }

  /** Calls, and gives what is made of the reply. */
  callFor<T extends object, Made>(
    operation: string,
    args: Arguments,
    type: TypeName,
    make: (reply: Reply<T>) => Made,
    options: RequestOptions = {},
  ): APIPromise<Made> {
    const seen = new Seen();
    const called = async (): Promise<Made> => {
      const { value, requestId } = await this.#reply(operation, args, options, seen);
      return make(withRequestId(fromWire<T>(type, value as object), requestId));
    };
    return answering(called(), seen);
  }

  /** Calls; there is no reply. */
  done(operation: string, args: Arguments, options: RequestOptions = {}): APIPromise<void> {
    const seen = new Seen();
    const called = async (): Promise<void> => {
      await this.#reply(operation, args, options, seen);
    };
    return answering(called(), seen);
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
    const fetch = (after?: string): APIPromise<ListPage<Row>> => {
      const from = after === undefined ? args : { ...args, after };
      return this.callFor<Page<Raw>, ListPage<Row>>(operation, from, type, pageOf, options);
    };
    const pageOf = (page: Reply<Page<Raw>>): ListPage<Row> => {
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
    const given = nativeOptions(all, this.#log.level);
    const native = translated(() => client.stream(operation, JSON.stringify(args), given));
    const stream = new Class(native, all.signal ?? undefined);
    try {
      await stream.begin();
    } finally {
      this.#log.tell(client);
    }
    return stream;
  }

  async #reply(operation: string, args: Arguments, options: RequestOptions, seen: Seen): Promise<RawReply> {
    const { signal, ...all } = merged(this.#defaults, options);
    const [client, given] = [this.#open(), nativeOptions(all, this.#log.level)];
    try {
      const reply = await bridge().call(client, operation, JSON.stringify(args), given, signal ?? undefined);
      seen.response = reply.response ?? undefined;
      return reply;
    } finally {
      this.#log.tell(client);
    }
  }

  #open(): NativeClient {
    if (this.#native) return this.#native;
    throw new ConfigError("the client is closed");
  }
}

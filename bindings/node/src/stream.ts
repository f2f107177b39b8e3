/// <reference lib="esnext.disposable" preserve="true" />
/** Streamed replies: taken piece by piece, closed early without a leak. */

import { bridge, type RawChunks, type RawEvent } from "./bridge.js";
import { fromWire } from "./convert.js";
import { APIInterruptedError, type APIUserAbortError } from "./errors.js";
import { aborted } from "./failure.js";
import type { NativeStream } from "./native.js";
import { withRequestId, type Reply } from "./reply.js";
import { beside, type APIResponse, type RawResponse, type WithResponse } from "./response.js";
import { onAbort } from "./signal.js";
import type { ChatChunk, ChatResponse, WebhookEvent } from "./types.js";

/**
 * A streamed reply: iterate over it, once.
 *
 * Leaving the loop early, `close()`, `await using` or letting go of it hangs up, and the gateway stops its work.
 */
export abstract class Stream<Item> implements AsyncIterable<Item>, AsyncDisposable {
  readonly #native: NativeStream;
  /** Until it is over. */
  #signal: AbortSignal | undefined;
  readonly #forgetSignal: (() => void) | undefined;
  /** What has come. */
  #batch: readonly (RawEvent | RawChunks)[] = [];
  #batchAt = 0;
  /** The items of the piece of it that is being given. */
  #items: readonly Item[] = [];
  #at = 0;
  #fetching: Promise<void> | undefined;
  #isOver = false;

  /** @internal */
  constructor(stream: NativeStream, signal: AbortSignal | undefined) {
    this.#native = stream;
    this.#signal = signal;
    if (!signal) return;
    // Weak, so that a signal that outlives the stream does not keep it.
    const open = new WeakRef(stream);
    if (signal.aborted) stream.close();
    else this.#forgetSignal = onAbort(signal, () => open.deref()?.close());
  }

  /** The id of the request, to find it in the gateway's log; where there is one request. */
  get requestId(): string | undefined {
    return this.#native.requestId ?? undefined;
  }

  /** What the answer with which it began told. @internal */
  get rawResponse(): RawResponse {
    return JSON.parse(this.#native.response as string) as RawResponse;
  }

  /** Hangs up. Iterating then ends. */
  close(): void {
    this.#end();
    this.#native.close();
  }

  /** The same as a stream of the web: a line of JSON for each item. Cancelling it hangs up. */
  toReadableStream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { value, done } = await this.#next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      cancel: () => this.close(),
    });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Item> {
    const iterator: AsyncIterableIterator<Item> = {
      next: () => this.#next(),
      return: () => {
        this.close();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Waits until it has begun, or throws why it cannot. @internal */
  begin(): Promise<void> {
    return this.#fetch();
  }

  /** The items that a piece of a batch holds. @internal */
  protected abstract accept(piece: RawEvent | RawChunks): readonly Item[];

  #next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#signal?.aborted) return Promise.reject(this.#aborted(this.#signal));
    const item = this.#take();
    return item === undefined ? this.#wait() : Promise.resolve({ value: item, done: false });
  }

  async #wait(): Promise<IteratorResult<Item, undefined>> {
    while (!this.#isOver) {
      await (this.#fetching ??= this.#fetch());
      const item = this.#take();
      if (item !== undefined) return { value: item, done: false };
    }
    return { value: undefined, done: true };
  }

  /** The next item of those that have come. */
  #take(): Item | undefined {
    while (this.#at === this.#items.length) {
      if (this.#batchAt === this.#batch.length) return undefined;
      this.#items = this.accept(this.#batch[this.#batchAt++] as RawEvent | RawChunks);
      this.#at = 0;
    }
    return this.#items[this.#at++];
  }

  async #fetch(): Promise<void> {
    try {
      const batch = await bridge().next(this.#native);
      if (this.#signal?.aborted) throw this.#aborted(this.#signal);
      if (batch && !this.#isOver) [this.#batch, this.#batchAt] = [batch, 0];
      else this.#end();
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#fetching = undefined;
    }
  }

  #aborted(signal: AbortSignal): APIUserAbortError {
    this.close();
    return aborted(signal);
  }

  #end(): void {
    this.#isOver = true;
    [this.#batch, this.#batchAt, this.#items, this.#at] = [[], 0, [], 0];
    this.#forgetSignal?.();
    this.#signal = undefined;
  }
}

/** A reply as it comes: chunks, whose `content` joined is that of the whole reply. */
export class ChatStream extends Stream<ChatChunk> {
  #final: Reply<ChatResponse> | undefined;

  /** The contents of the chunks, in place of the chunks. */
  async *textStream(): AsyncGenerator<string, void, undefined> {
    for await (const chunk of this) yield chunk.content;
  }

  /**
   * The whole reply, with model and usage; passes over the chunks that were not taken.
   *
   * @throws {APIInterruptedError} If the stream has failed or was closed early.
   */
  async finalResponse(): Promise<Reply<ChatResponse>> {
    for await (const _ of this);
    if (this.#final) return this.#final;
    throw new APIInterruptedError("the stream ended before its reply was whole", { requestId: this.requestId });
  }

  protected override accept(piece: RawEvent | RawChunks): readonly ChatChunk[] {
    if ("contents" in piece) {
      const { id, sessionId, ...more } = fromWire<Omit<ChatChunk, "content">>("ChatChunk", piece.of);
      // Spreading into a new object costs ten times the object, so it is done only where there is something to spread.
      if (Object.keys(more).length > 0) return piece.contents.map((content) => ({ id, sessionId, ...more, content }));
      return piece.contents.map((content) => ({ id, sessionId, content }));
    }
    const { event, data } = piece;
    if (event === "chunk") return [fromWire<ChatChunk>("ChatChunk", data)];
    if (event === "done") this.#final = withRequestId(fromWire<ChatResponse>("ChatResponse", data), this.requestId);
    return [];
  }
}

/** Events as they happen. A broken connection is taken up again after the last event that was given. */
export class EventStream extends Stream<WebhookEvent> {
  #lastEventId: string | undefined;

  /** The id of the last event that was given: to go on after it, in another process. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  protected override accept(piece: RawEvent | RawChunks): readonly WebhookEvent[] {
    if (!("data" in piece)) return [];
    this.#lastEventId = piece.id ?? this.#lastEventId;
    return [fromWire<WebhookEvent>("WebhookEvent", piece.data)];
  }
}

/**
 * A stream that is about to begin: `await` it, or iterate over it at once.
 *
 * @example
 * for await (const chunk of client.chat.stream({ message: "讲个故事" })) process.stdout.write(chunk.content);
 */
export class Starting<Item, S extends Stream<Item>> extends Promise<S> implements AsyncIterable<Item> {
  /** What `then` gives is any promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    yield* await this;
  }

  /** The stream once it has begun, and beside it status, headers and the id of the request. */
  async withResponse(): Promise<WithResponse<S>> {
    const stream = await this;
    return beside(stream, stream.rawResponse);
  }

  /** Only status and headers. */
  async asResponse(): Promise<APIResponse> {
    return (await this.withResponse()).response;
  }
}

/** A chat stream that is about to begin. */
export class StartingChat extends Starting<ChatChunk, ChatStream> {
  /** The whole reply; see {@link ChatStream.finalResponse}. */
  async finalResponse(): Promise<Reply<ChatResponse>> {
    return (await this).finalResponse();
  }
}

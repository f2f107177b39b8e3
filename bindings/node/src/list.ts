/** Lists: a page at a time, or all rows, fetched page by page as they are taken. */

import { APIDecodeError } from "./errors.js";
import type { APIPromise, APIResponse, WithResponse } from "./response.js";
import type { Page } from "./types.js";

/** Fetches the page that follows a place; the first one if none is given. */
export type Fetch<Row> = (after?: string) => APIPromise<ListPage<Row>>;

/** A page of a list. Iterating gives its rows, then those of the pages that follow. */
export class ListPage<Row> implements Page<Row>, AsyncIterable<Row> {
  /** The rows of this page. */
  readonly data: Row[];
  /** Whether more rows follow. */
  readonly hasMore: boolean;
  /** What to pass as `after` for the next page; absent on the last. */
  readonly next?: string | null;
  readonly #fetch: Fetch<Row>;

  /** @internal */
  constructor(page: Page<Row>, fetch: Fetch<Row>) {
    this.data = page.data;
    this.hasMore = page.hasMore;
    this.next = page.next ?? null;
    this.#fetch = fetch;
  }

  /** The page that follows; `undefined` after the last one. */
  async nextPage(): Promise<ListPage<Row> | undefined> {
    if (!this.hasMore || !this.next) return undefined;
    const page = await this.#fetch(this.next);
    if (page.next === this.next) {
      throw new APIDecodeError("the gateway's answer could not be read: the next page is the same page");
    }
    return page;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for (let page: ListPage<Row> | undefined = this; page; page = await page.nextPage()) yield* page.data;
  }
}

/**
 * A list that nothing is fetched of yet: iterate over all its rows, or `await` it, or its `page()`, for the first page.
 *
 * @example
 * for await (const session of client.sessions.list()) console.log(session.id);
 */
export class List<Row> implements AsyncIterable<Row>, PromiseLike<ListPage<Row>> {
  readonly #fetch: Fetch<Row>;

  /** @internal */
  constructor(fetch: Fetch<Row>) {
    this.#fetch = fetch;
  }

  /** Fetches the first page. */
  page(): APIPromise<ListPage<Row>> {
    return this.#fetch();
  }

  /** Fetches the first page; gives beside it status, headers and the id of the request. */
  withResponse(): Promise<WithResponse<ListPage<Row>>> {
    return this.page().withResponse();
  }

  /** Fetches the first page, and gives only status and headers. */
  asResponse(): Promise<APIResponse> {
    return this.page().asResponse();
  }

  then<Kept = ListPage<Row>, Failed = never>(
    onPage?: ((page: ListPage<Row>) => Kept | PromiseLike<Kept>) | null,
    onError?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Kept | Failed> {
    return this.page().then(onPage, onError);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    yield* await this.page();
  }
}

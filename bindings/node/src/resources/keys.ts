/** `client.keys`: the API keys of this workspace. */

import { toWire } from "../convert.js";
import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type { CreatedKey, CreateKeyRequest, Key, ListKeysParams } from "../types.js";
import { Resource } from "./resource.js";

/** Makes, lists and revokes API keys. */
export class Keys extends Resource {
  /** Makes a key. Its `secret` is in this reply and nowhere else. */
  create(request: CreateKeyRequest, options?: RequestOptions): APIPromise<Reply<CreatedKey>> {
    return this.transport.call("keys.create", toWire("CreateKeyRequest", request), "CreatedKey", options);
  }

  /** Lists the keys, newest first, without their secrets. */
  list(params: ListKeysParams = {}, options?: RequestOptions): List<Key> {
    return this.transport.list("keys.list", toWire("ListKeysParams", params), "KeyPage", options);
  }

  /** Revokes a key by its id; it stops working everywhere within a second. */
  revoke(id: string, options?: RequestOptions): APIPromise<void> {
    return this.transport.done("keys.revoke", { id }, options);
  }
}

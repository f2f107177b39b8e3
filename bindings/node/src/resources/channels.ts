/** `client.channels`: messages that a bridge brings from a platform of its own. */

import { toWire } from "../convert.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type { ChannelMessageRequest, ChatResponse } from "../types.js";
import { Resource } from "./resource.js";

/** Brings messages from channels that the gateway does not speak itself. */
export class Channels extends Resource {
  /**
   * Brings a message of the channel of that name and waits for the whole reply.
   *
   * With the platform's id of the message as `idempotencyKey`, one that it repeats is answered once.
   *
   * @example
   * const message = { chatId: "room-7", message: "今天天气怎么样", user: { id: "wx_user_789" } };
   * const { content } = await client.channels.send("wechat", message, { idempotencyKey: "wechat-4711" });
   */
  send(id: string, request: ChannelMessageRequest, options?: RequestOptions): APIPromise<Reply<ChatResponse>> {
    const args = { ...toWire("ChannelMessageRequest", request), id };
    return this.transport.call("channels.send", args, "ChatResponse", options);
  }
}

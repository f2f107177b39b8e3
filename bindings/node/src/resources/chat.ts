/** `client.chat`: one message in, one reply out, whole or in chunks. */

import { toWire } from "../convert.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import { ChatStream, StartingChat } from "../stream.js";
import type { ChatRequest, ChatResponse } from "../types.js";
import { Resource } from "./resource.js";

/** Sends messages. */
export class Chat extends Resource {
  /**
   * Sends a message and waits for the whole reply.
   *
   * @example
   * const { content } = await client.chat.send({ sessionId: "user_123", message: "帮我总结一下" });
   */
  send(request: ChatRequest, options?: RequestOptions): APIPromise<Reply<ChatResponse>> {
    return this.transport.call("chat.send", toWire("ChatRequest", request), "ChatResponse", options);
  }

  /**
   * Sends a message and takes the reply as it comes. Hanging up early stops the model; what it had said is kept.
   *
   * @example
   * const stream = await client.chat.stream({ sessionId: "user_123", message: "讲个故事" });
   * for await (const chunk of stream) process.stdout.write(chunk.content);
   */
  stream(request: ChatRequest, options?: RequestOptions): StartingChat {
    const args = toWire("ChatRequest", request);
    return new StartingChat((begun) => begun(this.transport.stream(ChatStream, "chat.stream", args, options)));
  }
}

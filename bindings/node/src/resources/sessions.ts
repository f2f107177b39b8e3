/** `client.sessions`: the conversations of this workspace, and what was said in them. */

import { toWire } from "../convert.js";
import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type { ListMessagesParams, ListSessionsParams, Message, Session, UpdateSessionRequest } from "../types.js";
import { Resource } from "./resource.js";

/** Reads, changes and deletes sessions. A session is made by its first message. */
export class Sessions extends Resource {
  /** Gets a session by your name for it. */
  get(id: string, options?: RequestOptions): APIPromise<Reply<Session>> {
    return this.transport.call("sessions.get", { id }, "Session", options);
  }

  /** Lists the sessions, newest first. */
  list(params: ListSessionsParams = {}, options?: RequestOptions): List<Session> {
    return this.transport.list("sessions.list", toWire("ListSessionsParams", params), "SessionPage", options);
  }

  /** Changes title or metadata; what is absent stays. */
  update(id: string, change: UpdateSessionRequest, options?: RequestOptions): APIPromise<Reply<Session>> {
    const args = { ...toWire("UpdateSessionRequest", change), id };
    return this.transport.call("sessions.update", args, "Session", options);
  }

  /** Deletes a session with its messages. */
  delete(id: string, options?: RequestOptions): APIPromise<void> {
    return this.transport.done("sessions.delete", { id }, options);
  }

  /** Lists what was said, oldest first, or newest first with `order: "desc"`. */
  messages(id: string, params: ListMessagesParams = {}, options?: RequestOptions): List<Message> {
    const args = { ...toWire("ListMessagesParams", params), id };
    return this.transport.list("sessions.messages", args, "MessagePage", options);
  }
}

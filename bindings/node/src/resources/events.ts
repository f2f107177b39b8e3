/** `client.events`: what happened in this workspace, read back or followed. */

import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import { EventStream, Starting } from "../stream.js";
import type { ListEventsParams, StreamEventsParams, WebhookEvent } from "../types.js";
import { Resource } from "./resource.js";

/** Names of events or patterns: `agent.*` is all of a noun, `*` every documented one. A list, or with commas between. */
type Patterns = { events?: string | readonly string[] };

/** Which events to list. */
export type EventsParams = Omit<ListEventsParams, "events"> & Patterns;

/** Which events to follow, and after which one to go on. */
export type EventStreamParams = Omit<StreamEventsParams, "events"> &
  Patterns & {
    /** The id of the last event seen; absent: from now on. */
    lastEventId?: string;
  };

/** Reads and follows events. */
export class Events extends Resource {
  /** Gets an event by its id, `evt_…`. */
  get(id: string, options?: RequestOptions): APIPromise<Reply<WebhookEvent>> {
    return this.transport.call("events.get", { id }, "WebhookEvent", options);
  }

  /** Lists events, oldest first. The id of an event is what `after` takes. */
  list(params: EventsParams = {}, options?: RequestOptions): List<WebhookEvent> {
    return this.transport.list("events.list", { ...params }, "WebhookEventPage", options);
  }

  /** Follows events. It never ends by itself: after a broken connection it goes on where it was. */
  stream(params: EventStreamParams = {}, options?: RequestOptions): Starting<WebhookEvent, EventStream> {
    const { lastEventId, ...rest } = params;
    const args = { ...rest, last_event_id: lastEventId };
    return new Starting((begun) => begun(this.transport.stream(EventStream, "events.stream", args, options)));
  }
}

/** `client.schedules`: agents that are spawned when their time comes. */

import { toWire } from "../convert.js";
import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type {
  CreateScheduleRequest,
  ListScheduleRunsParams,
  ListSchedulesParams,
  Schedule,
  ScheduleRun,
  UpdateScheduleRequest,
} from "../types.js";
import { Resource } from "./resource.js";

/** Makes, changes, runs and deletes schedules. */
export class Schedules extends Resource {
  /** Makes a schedule; the reply shows its next five slots. */
  create(request: CreateScheduleRequest, options?: RequestOptions): APIPromise<Reply<Schedule>> {
    const args = toWire("CreateScheduleRequest", request);
    return this.transport.call("schedules.create", args, "Schedule", options);
  }

  /** Lists the schedules, newest first. */
  list(params: ListSchedulesParams = {}, options?: RequestOptions): List<Schedule> {
    return this.transport.list("schedules.list", toWire("ListSchedulesParams", params), "SchedulePage", options);
  }

  /** Gets a schedule by its id, `sch_…`. */
  get(id: string, options?: RequestOptions): APIPromise<Reply<Schedule>> {
    return this.transport.call("schedules.get", { id }, "Schedule", options);
  }

  /** Changes a schedule; what is absent stays. `enabled: false` pauses it. */
  update(id: string, change: UpdateScheduleRequest, options?: RequestOptions): APIPromise<Reply<Schedule>> {
    const args = { ...toWire("UpdateScheduleRequest", change), id };
    return this.transport.call("schedules.update", args, "Schedule", options);
  }

  /** Deletes a schedule and its history; its agents stay. */
  delete(id: string, options?: RequestOptions): APIPromise<void> {
    return this.transport.done("schedules.delete", { id }, options);
  }

  /** Runs it now, paused or not, beside its slots. */
  run(id: string, options?: RequestOptions): APIPromise<Reply<ScheduleRun>> {
    return this.transport.call("schedules.run", { id }, "ScheduleRun", options);
  }

  /** Lists what became of its slots, newest first. */
  runs(id: string, params: ListScheduleRunsParams = {}, options?: RequestOptions): List<ScheduleRun> {
    const args = { ...toWire("ListScheduleRunsParams", params), id };
    return this.transport.list("schedules.runs", args, "ScheduleRunPage", options);
  }
}

/** `client.models`, `client.skills`, `client.status`, `client.usage`: what the gateway offers, and how it is doing. */

import { toWire } from "../convert.js";
import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type { ListUsageParams, Model, Skill, Status as GatewayStatus, UsageBucket } from "../types.js";
import { Resource } from "./resource.js";

/** Lists models. */
export class Models extends Resource {
  /** Lists the models that may be asked for. */
  list(options?: RequestOptions): List<Model> {
    return this.transport.list("models.list", {}, "ModelPage", options);
  }
}

/** Lists skills. */
export class Skills extends Resource {
  /** Lists what agents may be granted. */
  list(options?: RequestOptions): List<Skill> {
    return this.transport.list("skills.list", {}, "SkillPage", options);
  }
}

/** Asks how the gateway is doing. */
export class Status extends Resource {
  /** Gets version, uptime, queues and the health of the providers. */
  get(options?: RequestOptions): APIPromise<Reply<GatewayStatus>> {
    return this.transport.call("status.get", {}, "Status", options);
  }
}

/** Tokens used. */
export class Usage extends Resource {
  /** Lists tokens used by UTC day and model, oldest first. */
  list(params: ListUsageParams = {}, options?: RequestOptions): List<UsageBucket> {
    return this.transport.list("usage.list", toWire("ListUsageParams", params), "UsageBucketPage", options);
  }
}

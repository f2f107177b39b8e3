/** A worker that was spawned, and what can be done with it. */

import { toWire } from "./convert.js";
import { AgentFailedError } from "./errors.js";
import type { List } from "./list.js";
import type { RequestOptions } from "./options.js";
import { withRequestId } from "./reply.js";
import type { APIPromise } from "./response.js";
import { EventStream, Starting } from "./stream.js";
import type { Arguments, Transport } from "./transport.js";
import type { Agent, AgentInput, AgentStep, ListAgentChildrenParams, ListAgentStepsParams, WebhookEvent } from "./types.js";

/** After which event to go on. */
export interface ResumeParams {
  /** The id of the last event seen; absent: from the beginning. */
  lastEventId?: string;
}

/** A worker, as it stood when last heard of, with its methods. */
export interface AgentHandle extends Agent {
  /** The id of the latest request that told of it; not enumerable. */
  readonly _requestId?: string;
}

/** A worker, as it stood when last heard of, with its methods. */
export class AgentHandle {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport, agent: Agent & { _requestId?: string }) {
    this.#transport = transport;
    this.#hear(agent);
  }

  /**
   * Waits until it has ended, however, or needs an answer, and gives it: what it found is in `output`.
   *
   * See `status` for how it ended, or call `throwIfFailed()`. `timeout` is in milliseconds; without one the agent's own is
   * the bound. The agent works on if the wait ends first.
   *
   * @throws {APITimeoutError} If it still works after `timeout`.
   */
  waitForCompletion({ timeout, ...options }: RequestOptions = {}): APIPromise<this> {
    const limit = timeout === undefined ? {} : { timeout: timeout / 1000 };
    return this.#ask("agents.wait_for_completion", limit, options);
  }

  /**
   * Gives it, unless it is known that it will not complete.
   *
   * @throws {AgentFailedError} If it failed, was cancelled or needs an answer.
   */
  throwIfFailed(): this {
    if (["queued", "running", "completed"].includes(this.status)) return this;
    throw new AgentFailedError(whyNotCompleted(this), this);
  }

  /** Follows what it does, from its beginning or after an event, to its end. */
  events(params: ResumeParams = {}, options?: RequestOptions): Starting<WebhookEvent, EventStream> {
    return agentEvents(this.#transport, this.id, params, options);
  }

  /** Asks how it stands now, and gives it. */
  refresh(options?: RequestOptions): APIPromise<this> {
    return this.#ask("agents.get", {}, options);
  }

  /** Cancels it and all below it, and gives it. If it has ended it stays as it is. */
  cancel(options?: RequestOptions): APIPromise<this> {
    return this.#ask("agents.cancel", {}, options);
  }

  /** Answers one of its `requiredActions`, or says something to it on the way; gives it. */
  input(input: AgentInput, options?: RequestOptions): APIPromise<this> {
    return this.#ask("agents.input", toWire("AgentInput", input), options);
  }

  /** Lists what it did, oldest first. */
  steps(params: ListAgentStepsParams = {}, options?: RequestOptions): List<AgentStep> {
    return this.#transport.list("agents.steps", { ...params, id: this.id }, "AgentStepPage", options);
  }

  /** Lists its sub-agents, newest first. */
  children(params: ListAgentChildrenParams = {}, options?: RequestOptions): List<AgentHandle> {
    return agentList(this.#transport, "agents.children", { ...params, id: this.id }, options);
  }

  #ask(operation: string, args: Arguments, options?: RequestOptions): APIPromise<this> {
    const heard = (agent: Agent): this => {
      this.#hear(agent);
      return this;
    };
    return this.#transport.callFor<Agent, this>(operation, { ...args, id: this.id }, "Agent", heard, options);
  }

  #hear(agent: Agent & { _requestId?: string }): void {
    for (const name of Object.keys(this)) if (!(name in agent)) Reflect.deleteProperty(this, name);
    withRequestId(Object.assign(this, agent), agent._requestId);
  }
}

/** A list of agents, as handles. @internal */
export function agentList(
  transport: Transport,
  operation: string,
  args: Arguments,
  options?: RequestOptions,
): List<AgentHandle> {
  return transport.listOf(operation, args, "AgentPage", (row: Agent) => new AgentHandle(transport, row), options);
}

/** The events of an agent. @internal */
export function agentEvents(
  transport: Transport,
  id: string,
  { lastEventId }: ResumeParams,
  options?: RequestOptions,
): Starting<WebhookEvent, EventStream> {
  const args = { id, last_event_id: lastEventId };
  return new Starting((begun) => begun(transport.stream(EventStream, "agents.events", args, options)));
}

function whyNotCompleted(agent: Agent): string {
  if (agent.status === "requires_action") {
    return `agent ${agent.id} needs an answer: see its \`requiredActions\`, and answer with \`input\``;
  }
  if (!agent.error) return `agent ${agent.id} is ${agent.status}`;
  return `agent ${agent.id} ${agent.status}: ${agent.error.message} (${agent.error.code})`;
}

/** `client.agents`: workers that are spawned with a task and end with an output or an error. */

import { agentEvents, AgentHandle, agentList, type ResumeParams } from "../agent.js";
import { toWire } from "../convert.js";
import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type { EventStream, Starting } from "../stream.js";
import type { Arguments } from "../transport.js";
import type {
  Agent,
  AgentInput,
  AgentStep,
  GetAgentParams,
  ListAgentChildrenParams,
  ListAgentsParams,
  ListAgentStepsParams,
  SpawnAgentRequest,
  WaitAgentsRequest,
  WaitAgentsResponse,
  WebhookEvent,
} from "../types.js";
import { Resource } from "./resource.js";

/** Spawns agents, waits for them, tells of them. */
export class Agents extends Resource {
  /**
   * Spawns an agent. It is accepted at once and works from then on.
   *
   * @example
   * const agent = await client.agents.spawn({ task: "分析数据", model: "claude-3-5-sonnet" });
   * const { output } = await agent.waitForCompletion();
   */
  spawn(request: SpawnAgentRequest, options?: RequestOptions): APIPromise<AgentHandle> {
    return this.#handle("agents.spawn", toWire("SpawnAgentRequest", request), options);
  }

  /** Gets an agent by its id, `agt_…`; with `wait`, once it has ended or needs an answer, or after so many seconds. */
  get(id: string, params: GetAgentParams = {}, options?: RequestOptions): APIPromise<AgentHandle> {
    return this.#handle("agents.get", { ...toWire("GetAgentParams", params), id }, options);
  }

  /** Lists agents, newest first. */
  list(params: ListAgentsParams = {}, options?: RequestOptions): List<AgentHandle> {
    return agentList(this.transport, "agents.list", toWire("ListAgentsParams", params), options);
  }

  /** Waits for several, once: until all or any have ended or need an answer, or for `timeout` seconds. */
  wait(request: WaitAgentsRequest, options?: RequestOptions): APIPromise<Reply<WaitAgentsResponse>> {
    return this.transport.call("agents.wait", toWire("WaitAgentsRequest", request), "WaitAgentsResponse", options);
  }

  /** Waits until an agent has ended; see {@link AgentHandle.waitForCompletion}. */
  waitForCompletion(id: string, options?: RequestOptions): APIPromise<AgentHandle> {
    return new AgentHandle(this.transport, { id } as Agent).waitForCompletion(options);
  }

  /** Follows what an agent does, from its beginning or after an event, to its end. */
  events(id: string, params: ResumeParams = {}, options?: RequestOptions): Starting<WebhookEvent, EventStream> {
    return agentEvents(this.transport, id, params, options);
  }

  /** Cancels an agent and all below it. One that has ended stays as it is. */
  cancel(id: string, options?: RequestOptions): APIPromise<AgentHandle> {
    return this.#handle("agents.cancel", { id }, options);
  }

  /** Answers one of an agent's `requiredActions`, or says something to it on the way. */
  input(id: string, input: AgentInput, options?: RequestOptions): APIPromise<AgentHandle> {
    return this.#handle("agents.input", { ...toWire("AgentInput", input), id }, options);
  }

  /** Lists what an agent did, oldest first. */
  steps(id: string, params: ListAgentStepsParams = {}, options?: RequestOptions): List<AgentStep> {
    return this.transport.list("agents.steps", { ...params, id }, "AgentStepPage", options);
  }

  /** Lists an agent's sub-agents, newest first. */
  children(id: string, params: ListAgentChildrenParams = {}, options?: RequestOptions): List<AgentHandle> {
    return agentList(this.transport, "agents.children", { ...params, id }, options);
  }

  #handle(operation: string, args: Arguments, options?: RequestOptions): APIPromise<AgentHandle> {
    const handle = (agent: Agent): AgentHandle => new AgentHandle(this.transport, agent);
    return this.transport.callFor<Agent, AgentHandle>(operation, args, "Agent", handle, options);
  }
}

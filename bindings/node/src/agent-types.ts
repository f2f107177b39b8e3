/** The types of agents, until the gateway's OpenAPI document tells of them. */

import type { Member, Page, Timestamp, Usage } from "./types.js";

/** Where an agent stands. The last three are ends. */
export type AgentStatus =
  | "queued"
  | "running"
  | "requires_action"
  | "completed"
  | "failed"
  | "cancelled"
  | (string & {});

/** Why an agent completed. */
export type StopReason = "end_turn" | "output_schema_met" | "max_output_tokens" | "content_filter" | (string & {});

/** A worker, as it stands. */
export interface Agent {
  /**
   * Its id.
   *
   * @example "agt_01k8z6v3m2t7q4c9x5b1n0d8ra"
   */
  id: string;
  /** Where it stands. */
  status: AgentStatus;
  /** Why it completed; absent until then. */
  stopReason?: StopReason | null;
  /** The caller's short name for it. */
  label?: string | null;
  /** What it is asked to do. */
  task: string;
  /** The model it was given, in the caller's name for it. */
  model: string;
  /** What it was granted, and no other. */
  skills: string[];
  /** The conversation it belongs to, if its caller said. */
  sessionId?: string | null;
  /** The agent that spawned it, or for which it was spawned. */
  parentId?: string | null;
  /** The agent at the top of its tree; its own id if it has no parent. */
  rootId: string;
  /** How many agents stand above it. */
  depth: number;
  /** What it found: the answer, or what there was when a limit, an error or a cancellation ended it. */
  output?: string | null;
  /** The output as JSON, where an `outputSchema` was given and is met. */
  outputJson?: unknown;
  /** Whether the output is not the whole answer. */
  partial: boolean;
  /** Why it failed or was cancelled. */
  error?: AgentError | null;
  /** What it used; its children's use is their own. */
  usage: AgentUsage;
  /** What it may use at most. */
  budget: AgentBudget;
  /** What it waits for, while its status is `requires_action`. */
  requiredActions?: RequiredAction[] | null;
  /** When it was accepted. */
  createdAt: Timestamp;
  /** When it first began to run. */
  startedAt?: Timestamp | null;
  /** When it ended. */
  endedAt?: Timestamp | null;
  /** When its time is up, whatever it does then. */
  expiresAt: Timestamp;
  /** The caller's own notes. */
  metadata: Record<string, unknown>;
}

/** Why an agent failed or was cancelled. */
export interface AgentError {
  /**
   * A stable name.
   *
   * @example "timeout"
   */
  code: string;
  /** For people. */
  message: string;
}

/** What an agent used. */
export interface AgentUsage {
  /** Tokens of all prompts. */
  inputTokens: number;
  /** Tokens of all replies. */
  outputTokens: number;
  /** Model calls and tool calls that are over. */
  steps: number;
  /** Tool calls that are over. */
  toolCalls: number;
}

/** What an agent may use at most; 0 means nothing. */
export interface AgentBudget {
  /** Model calls and tool calls. */
  maxSteps: number;
  /** Tokens in and out, with those of its children. */
  maxTokens: number;
}

/** What an agent waits for; answered with `input`. */
export interface RequiredAction {
  /** Name this as `actionId`. */
  id: string;
  /** What is wanted: a `decision`, or a `message`. */
  kind: "approval" | "question" | (string & {});
  /** The tool that waits for approval. */
  tool?: string | null;
  /** What the tool would be called with. */
  arguments?: unknown;
  /** What the agent asks. */
  question?: string | null;
}

/**
 * An agent to spawn; only the task is needed.
 *
 * @example {"task": "分析这份文档", "model": "gpt-4o", "timeout": 300, "skills": ["web_fetch", "file_read"]}
 */
export interface SpawnAgentRequest {
  /** What to do; not empty, at most 256 KiB. */
  task: string;
  /** The model to ask; absent: the parent's, else `models.default` of the configuration. */
  model?: string | null;
  /** Seconds from now until it is stopped, at least 1; absent: `agents.timeout_seconds` of the configuration. */
  timeout?: number | null;
  /** What it is granted; absent: nothing. */
  skills?: string[] | null;
  /** A short name for it, at most 100 characters. */
  label?: string | null;
  /** The conversation it belongs to, to find it by. */
  sessionId?: string | null;
  /** The system text. */
  instructions?: string | null;
  /** 0 to 2; absent: the vendor's default. */
  temperature?: number | null;
  /** The most tokens of one reply of its model, at least 1. */
  maxOutputTokens?: number | null;
  /** JSON Schema that the output must fit; the model has one more try if it does not. */
  outputSchema?: Record<string, unknown> | null;
  /** What it may use at most. */
  budget?: AgentBudgetRequest | null;
  /** The agent whose child it is to be: its skills, time and budget bound this one's, and its end ends it. */
  parentId?: string | null;
  /** Which tools run, wait for approval, or never run; absent ones as the configuration says. */
  approvals?: Record<string, ToolApproval> | null;
  /** The caller's own notes; not sent to the model. */
  metadata?: Record<string, unknown> | null;
}

/** What an agent may use at most; what is absent is as the configuration says. 0 means nothing, never everything. */
export interface AgentBudgetRequest {
  /** Model calls and tool calls. */
  maxSteps?: number | null;
  /** Tokens in and out, with those of its children. */
  maxTokens?: number | null;
}

/** What happens when a model calls a tool. */
export type ToolApproval = "always_allow" | "always_ask" | "deny" | (string & {});

/** Words to an agent: an answer to what it waits for, or a message on the way. */
export interface AgentInput {
  /** Which of `requiredActions` this answers; absent: a message to the agent, read before its next model call. */
  actionId?: string | null;
  /** For an approval. */
  decision?: AgentDecision | null;
  /** The answer to a question, a word beside a decision, or a message. */
  message?: string | null;
}

/** Whether a tool may be called. */
export type AgentDecision = "approve" | "deny" | (string & {});

/** Which agents to wait for. */
export interface WaitAgentsRequest {
  /** Their ids, 1 to 64. */
  ids: string[];
  /** Until all have ended or need an action, or any has. */
  mode?: "all" | "any" | (string & {});
  /** The most seconds to wait; absent, or more than that: `agents.wait_seconds_max` of the configuration. */
  timeout?: number | null;
}

/** How the agents stand after a wait; one that is over before they ended is no error. */
export interface WaitAgentsResponse {
  /** Whether what was waited for came about. */
  done: boolean;
  /** The agents, in the order asked for. */
  agents: Agent[];
}

/** One model call or one tool call of an agent. */
export interface AgentStep {
  /** Its place, from 1. */
  number: number;
  /** What it is. */
  kind: "model" | "tool" | (string & {});
  /** Where it stands. */
  status: "running" | "completed" | "failed" | "interrupted" | (string & {});
  /** When it began. */
  startedAt: Timestamp;
  /** When it was over. */
  endedAt?: Timestamp | null;
  /** Model calls: the model that answered. */
  model?: string | null;
  /** Model calls: what it said. */
  content?: string | null;
  /** Model calls: the tools that it asked for. */
  toolCalls?: AgentToolCall[] | null;
  /** Model calls: tokens used. */
  usage?: Usage | null;
  /** Tool calls: the tool. */
  tool?: string | null;
  /** Tool calls: which of the model's calls. */
  callId?: string | null;
  /** Tool calls: the arguments, JSON as the model wrote it. */
  arguments?: string | null;
  /** Tool calls: what the model was told. */
  result?: string | null;
  /** Tool calls: whether it failed. */
  isError?: boolean | null;
}

/** A tool that a model asked for. */
export interface AgentToolCall {
  /** Names the call. */
  id: string;
  /** The tool. */
  name: string;
  /** JSON as the model wrote it. */
  arguments: string;
}

/** Options to list agents, newest first. */
export interface ListAgentsParams {
  /** That stand so. */
  status?: AgentStatus;
  /** That are children of that agent. */
  parentId?: string;
  /** Of that agent's tree. */
  rootId?: string;
  /** Of that conversation. */
  sessionId?: string;
  /** Rows of a page, 1 to 100; 20 if absent. */
  limit?: number;
  /** The `next` of the previous page. */
  after?: string;
}

/** A capability that is granted by name at spawn; it brings the tools that a model sees. */
export interface Skill {
  /**
   * The name to grant: built-in ones have a `_`, folders none, MCP servers begin with `mcp:`.
   *
   * @example "web_fetch"
   */
  name: string;
  /** Where it comes from. */
  kind: "builtin" | "folder" | "mcp" | (string & {});
  /** What it does and when to use it. */
  description: string;
  /** What the model may call. Of an MCP server only known once an agent used it. */
  tools: string[];
  /** Whether it can be granted now. */
  available: boolean;
  /** Why it cannot, and what to do. */
  reason?: string | null;
}

/** One page of a list. */
export type AgentPage = Page<Agent>;

/** Joins the table in `types.ts`. */
export const agentMembers = {
  Agent: [
    ["stopReason", "stop_reason"],
    ["sessionId", "session_id"],
    ["parentId", "parent_id"],
    ["rootId", "root_id"],
    ["outputJson", "output_json"],
    ["error", "error", "one", "AgentError"],
    ["usage", "usage", "one", "AgentUsage"],
    ["budget", "budget", "one", "AgentBudget"],
    ["requiredActions", "required_actions", "list", "RequiredAction"],
    ["createdAt", "created_at"],
    ["startedAt", "started_at"],
    ["endedAt", "ended_at"],
    ["expiresAt", "expires_at"],
  ],
  AgentError: [],
  AgentUsage: [
    ["inputTokens", "input_tokens"],
    ["outputTokens", "output_tokens"],
    ["toolCalls", "tool_calls"],
  ],
  AgentBudget: [
    ["maxSteps", "max_steps"],
    ["maxTokens", "max_tokens"],
  ],
  RequiredAction: [],
  SpawnAgentRequest: [
    ["sessionId", "session_id"],
    ["maxOutputTokens", "max_output_tokens"],
    ["outputSchema", "output_schema"],
    ["budget", "budget", "one", "AgentBudgetRequest"],
    ["parentId", "parent_id"],
  ],
  AgentBudgetRequest: [
    ["maxSteps", "max_steps"],
    ["maxTokens", "max_tokens"],
  ],
  AgentInput: [["actionId", "action_id"]],
  WaitAgentsRequest: [],
  WaitAgentsResponse: [["agents", "agents", "list", "Agent"]],
  AgentStep: [
    ["startedAt", "started_at"],
    ["endedAt", "ended_at"],
    ["toolCalls", "tool_calls", "list", "AgentToolCall"],
    ["usage", "usage", "one", "Usage"],
    ["callId", "call_id"],
    ["isError", "is_error"],
  ],
  AgentToolCall: [],
  ListAgentsParams: [
    ["parentId", "parent_id"],
    ["rootId", "root_id"],
    ["sessionId", "session_id"],
  ],
  Skill: [],
  AgentPage: [["data", "data", "list", "Agent"], ["hasMore", "has_more"]],
  AgentStepPage: [["data", "data", "list", "AgentStep"], ["hasMore", "has_more"]],
  SkillPage: [["data", "data", "list", "Skill"], ["hasMore", "has_more"]],
} as const satisfies Record<string, readonly Member[]>;

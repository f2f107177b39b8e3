// Compiled, never run: what the types of `types.ts` let a user write, and what they refuse.

import type { APIPromise, AgentHandle, OpenClawClient, Reply } from "../src/index.js";
import type { ChatRequest, ChatResponse, FinishReason, Page, Session, WebhookEvent } from "../src/types.js";

export const request: ChatRequest = {
  sessionId: "user_123",
  message: "hello",
  context: { model: "echo", temperature: 0 },
  metadata: { any_key: [1, { KeepThis: true }] },
};

// @ts-expect-error: the wire's spelling is not the language's.
export const wire: ChatRequest = { session_id: "user_123", message: "hello" };

// @ts-expect-error: which method is called decides.
export const streamed: ChatRequest = { message: "hello", stream: true };

export function reason(response: ChatResponse): string {
  const known: FinishReason = "stop";
  const newer: FinishReason = "some_newer_reason";
  return response.finishReason === known ? newer : response.finishReason;
}

export function titles(page: Page<Session>): (string | null | undefined)[] {
  return page.data.map((session) => session.title);
}

export function told(event: WebhookEvent): string {
  switch (event.event) {
    case "message.received":
      return event.data.sessionId + event.timestamp;
    case "agent.completed":
    case "agent.error":
      return event.data.agentId + (event.data.error?.code ?? event.data.output ?? "");
    case "rate_limit.exceeded":
      // @ts-expect-error: that event tells of a key, not of a session.
      event.data.sessionId;
      return event.data.keyId;
    case "system.error":
    case "session.created":
    case "agent.spawned":
    case "agent.started":
    case "agent.step":
    case "agent.requires_action":
    case "endpoint.disabled":
    case "message.sent":
    case "schedule.fired":
    case "schedule.skipped":
    case "webhook.test":
      return event.id;
    default:
      return `${event.event.toUpperCase()} ${JSON.stringify(event.data["anything"])}`;
  }
}

export async function answered(client: OpenClawClient): Promise<string> {
  const call: APIPromise<Reply<ChatResponse>> = client.chat.send({ message: "hi" });
  const { data, response, requestId } = await call.withResponse();
  const spawned = await client.agents.spawn({ task: "hi" }).withResponse();
  const handle: AgentHandle = spawned.data;
  const { data: page } = await client.sessions.list().withResponse();
  const { data: stream } = await client.chat.stream({ message: "hi" }).withResponse();
  const status: number = (await client.sessions.delete("s").asResponse()).status;
  // @ts-expect-error: what is made of a call with `then` is a promise like any other.
  call.then(() => 1).withResponse();
  for await (const chunk of stream) if (chunk.content) return chunk.content;
  return `${data.content} ${response.headers.get("date")} ${requestId} ${handle.id} ${page.data.length} ${status}`;
}

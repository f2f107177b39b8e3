import assert from "node:assert/strict";
import { test } from "node:test";

import { fromWire, toWire } from "../node_modules/openclaw-sdk/dist/core.js";

test("a request is renamed, inside too, and what the caller owns is not", () => {
  const request = {
    sessionId: "user_123",
    message: "hello",
    context: { model: "echo", maxTokens: 5 },
    user: { id: "tg_1" },
    metadata: { orderId: 7, deep: { innerKey: [{ sessionId: 1 }] } },
  };
  const before = structuredClone(request);
  assert.deepEqual(toWire("ChatRequest", request), {
    session_id: "user_123",
    message: "hello",
    context: { model: "echo", max_tokens: 5 },
    user: { id: "tg_1" },
    metadata: { orderId: 7, deep: { innerKey: [{ sessionId: 1 }] } },
  });
  assert.deepEqual(request, before);
});

test("a page is renamed row by row", () => {
  const page = fromWire("SessionPage", {
    data: [
      { id: "a", message_count: 2, usage: { input_tokens: 1, output_tokens: 2 }, metadata: { snake_key: 1 } },
      { id: "b", message_count: 0, usage: null },
    ],
    has_more: true,
    next: "b",
  });
  assert.deepEqual(page, {
    data: [
      { id: "a", messageCount: 2, usage: { inputTokens: 1, outputTokens: 2 }, metadata: { snake_key: 1 } },
      { id: "b", messageCount: 0, usage: null },
    ],
    hasMore: true,
    next: "b",
  });
});

test("an event's data follows its name, and unknown events stay as they came", () => {
  const told = (event, data) => fromWire("WebhookEvent", { event, data, id: "evt_1" }).data;
  assert.deepEqual(told("message.received", { session_id: "s", user: { id: "u" } }), { sessionId: "s", user: { id: "u" } });
  assert.deepEqual(told("agent.error", { agent_id: "a", error: { code: "timeout" } }), {
    agentId: "a",
    error: { code: "timeout" },
  });
  for (const name of ["moon.landed", "toString", "__proto__", undefined]) {
    assert.deepEqual(told(name, { session_id: "s" }), { session_id: "s" });
  }
});

test("what a newer gateway adds is kept as it is", () => {
  const reply = fromWire("ChatResponse", { id: "msg_1", new_member: { inner_member: 1 }, usage: { cached_tokens: 3 } });
  assert.deepEqual(reply, { id: "msg_1", new_member: { inner_member: 1 }, usage: { cached_tokens: 3 } });
});

test("a member called __proto__ is a member", () => {
  const reply = fromWire("ChatResponse", JSON.parse('{"id": "msg_1", "__proto__": {"polluted": true}}'));
  assert.equal(reply.polluted, undefined);
  assert.deepEqual(Object.keys(reply), ["id", "__proto__"]);
  assert.equal({}.polluted, undefined);
});

test("opaque members of any depth cost nothing", () => {
  let deep = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  const request = { message: "hello", metadata: deep };
  assert.equal(toWire("ChatRequest", request).metadata, deep);
});

test("what is sent and comes back is what it was", () => {
  const endpoint = { endpoint: { id: "whe_1", createdAt: "t", updatedAt: "t", disabledReason: "gone" }, secret: "s" };
  assert.deepEqual(fromWire("CreatedEndpoint", toWire("CreatedEndpoint", endpoint)), endpoint);
});

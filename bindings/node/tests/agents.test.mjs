// Agents: the handle, against a server that says what it is told to.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { AgentFailedError, AgentHandle, APITimeoutError } from "openclaw-sdk";

import { startStandIn } from "./gateway.mjs";

const RUNNING = { id: "agt_1", status: "running", task: "分析数据", model: "echo", skills: [], metadata: { my_key: 1 } };
const COMPLETED = { ...RUNNING, status: "completed", output: "42", usage: { steps: 3, tool_calls: 1 } };
const FAILED = { ...RUNNING, status: "failed", error: { code: "timeout", message: "its time ran out" } };

let standIn, client;
before(async () => ({ client } = standIn = await startStandIn()));
after(() => standIn.stop());

test("an agent is spawned and waited for", async () => {
  standIn.answer({ ...RUNNING, label: "gone later" }, 202);
  standIn.answer(RUNNING);
  standIn.answer(COMPLETED);
  const agent = await client.agents.spawn({
    task: "分析数据",
    model: "claude-3-5-sonnet",
    timeout: 300,
    skills: ["web_fetch"],
    maxOutputTokens: 7,
    outputSchema: { required: ["some_key"], properties: { camelKey: {} } },
    budget: { maxSteps: 3 },
  });
  assert.ok(agent instanceof AgentHandle);
  assert.deepEqual([agent.id, agent.status, agent.output, agent.label], ["agt_1", "running", undefined, "gone later"]);
  const result = await agent.waitForCompletion({ timeout: 20_000 });
  assert.equal(result, agent);
  assert.equal(result.throwIfFailed(), agent);
  assert.deepEqual([result.output, result.usage.toolCalls, result.label], ["42", 1, undefined]);
  assert.deepEqual(JSON.parse(JSON.stringify(result)).metadata, { my_key: 1 });
  assert.equal(result._requestId, "req_standin");
  const [spawned, waited] = standIn.seen;
  assert.deepEqual(spawned.body, {
    task: "分析数据",
    model: "claude-3-5-sonnet",
    timeout: 300,
    skills: ["web_fetch"],
    max_output_tokens: 7,
    output_schema: { required: ["some_key"], properties: { camelKey: {} } },
    budget: { max_steps: 3 },
  });
  assert.match(waited.path, /^\/api\/v1\/agents\/agt_1\?wait=/);
});

for (const [state, told] of [
  [FAILED, /agent agt_1 failed: its time ran out \(timeout\)/],
  [{ ...RUNNING, status: "cancelled" }, /agent agt_1 is cancelled/],
  [{ ...RUNNING, status: "requires_action" }, /needs an answer/],
]) {
  test(`an agent that is ${state.status} is an error if asked`, async () => {
    standIn.answer(state);
    const agent = await client.agents.waitForCompletion("agt_1");
    assert.equal(agent.status, state.status);
    assert.throws(() => agent.throwIfFailed(), (error) => {
      assert.ok(error instanceof AgentFailedError && error.agent === agent);
      assert.match(error.message, told);
      return true;
    });
  });
}

test("a wait that is over before the agent is a timeout, and may be aborted", async () => {
  for (let at = 0; at < 3; at += 1) standIn.answer(RUNNING);
  await assert.rejects(client.agents.waitForCompletion("agt_1", { timeout: 300 }), APITimeoutError);
  const signal = AbortSignal.timeout(50);
  await assert.rejects(client.agents.waitForCompletion("agt_1", { signal }), (error) => {
    assert.equal(error.name, "AbortError");
    assert.equal(error.cause.name, "TimeoutError");
    return true;
  });
  standIn.forget();
});

test("the rest of an agent", async () => {
  standIn.answer({ data: [RUNNING, COMPLETED], has_more: false });
  const agents = [];
  for await (const agent of client.agents.list({ status: "running", sessionId: "s" })) agents.push(agent);
  assert.match(standIn.seen.at(-1).path, /session_id=s&status=running/);
  const [first] = agents;
  standIn.answer(COMPLETED);
  assert.equal(await first.refresh(), first);
  assert.equal(first.output, "42");
  standIn.answer({ ...RUNNING, status: "cancelled" });
  assert.equal((await first.cancel()).status, "cancelled");
  assert.deepEqual([standIn.seen.at(-1).method, standIn.seen.at(-1).path], ["POST", "/api/v1/agents/agt_1/cancel"]);
  standIn.answer(RUNNING);
  await first.input({ actionId: "call_1", decision: "approve" });
  assert.deepEqual(standIn.seen.at(-1).body, { action_id: "call_1", decision: "approve" });
  standIn.answer({ data: [{ number: 1, kind: "tool", tool: "web_fetch", call_id: "c" }], has_more: false });
  assert.equal((await first.steps().page()).data[0].callId, "c");
  standIn.answer({ data: [COMPLETED], has_more: false });
  const [child] = (await first.children({ limit: 1 })).data;
  standIn.answer(COMPLETED);
  assert.equal((await child.refresh()).output, "42");
  standIn.answer({ done: true, agents: [COMPLETED] });
  const waited = await client.agents.wait({ ids: ["agt_1"], mode: "any", timeout: 5 });
  assert.equal(waited.agents[0].usage.toolCalls, 1);
  standIn.answer({ data: [{ name: "web_fetch", tools: ["web_fetch"] }], has_more: false });
  for await (const skill of client.skills.list()) assert.equal(skill.name, "web_fetch");
});

test("the events of an agent end with it, over a broken connection", async () => {
  const event = (name, id) => {
    const data = { event: name, timestamp: "2026-04-17T01:20:00Z", data: { agent_id: "agt_1" }, id };
    return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
  };
  const headers = { "content-type": "text/event-stream" };
  standIn.answer(event("agent.started", "evt_1"), 200, headers);
  standIn.answer(event("agent.completed", "evt_2"), 200, headers);
  const stream = await client.agents.events("agt_1");
  const names = [];
  for await (const { event, data } of stream) names.push(event, data.agentId);
  assert.deepEqual(names, ["agent.started", "agt_1", "agent.completed", "agt_1"]);
  assert.equal(stream.lastEventId, "evt_2");
  assert.equal(standIn.seen.at(-1).headers["last-event-id"], "evt_1");
});

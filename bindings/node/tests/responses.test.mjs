// What calls tell beside their replies: the answers' status and headers, and the log.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { APIResponse, ListPage, NotFoundError, OpenClawClient } from "openclaw-sdk";

import { KEY, run, startGateway, startStandIn } from "./gateway.mjs";

const SECRET = "what was said in private";

let gateway, client, standin;
before(async () => {
  gateway = await startGateway();
  client = gateway.client;
  standin = await startStandIn();
});
after(async () => {
  standin.stop();
  await gateway.stop();
});

test("a reply comes with its answer, whenever that is asked for", async () => {
  standin.answer({ content: "hi" }, 200, { "content-type": "application/json", "X-Odd": "a:b", "x-wide": "\u00e9" });
  const call = standin.client.chat.send({ message: "hi" });
  const { data, response, requestId } = await call.withResponse();
  assert.equal(data.content, "hi");
  assert.ok(response instanceof APIResponse && response.headers instanceof Headers);
  assert.deepEqual([response.status, response.retries, requestId], [200, 0, "req_standin"]);
  assert.equal(response.headers.get("x-odd"), "a:b");
  assert.equal(await call, data, "it is the same reply");
  assert.equal((await call.asResponse()).status, 200);
  assert.ok(call instanceof Promise && call.then(() => 1).withResponse === undefined);
});

test("pages, streams, handles and calls without a reply come with it too", async () => {
  const started = await client.chat.stream({ sessionId: "seen", message: "one two" }).withResponse();
  assert.match(started.response.headers.get("content-type"), /^text\/event-stream/);
  assert.equal((await started.data.finalResponse()).content, "one two");
  assert.equal(started.requestId, started.data.requestId);
  const page = await client.sessions.list({ limit: 1 }).withResponse();
  assert.ok(page.data instanceof ListPage && page.requestId === page.data._requestId);
  const gone = await client.sessions.delete("seen").withResponse();
  assert.deepEqual([gone.data, gone.response.status], [undefined, 204]);
  const { data: agent, requestId } = await client.agents.spawn({ task: "hi" }).withResponse();
  assert.equal(requestId, agent._requestId);
  const ended = await agent.waitForCompletion().withResponse();
  assert.ok(ended.data === agent && agent.status === "completed" && ended.response.status === 200);
  await assert.rejects(client.sessions.get("nobody").withResponse(), NotFoundError);
  await assert.rejects(client.sessions.get("nobody").asResponse(), NotFoundError);
});

test("the log tells of each request, and nothing that was said", async () => {
  const lines = [];
  const keep = (level) => (message, fields) => lines.push({ level, message, ...fields });
  const logger = { info: keep("info"), debug: keep("debug") };
  const { url } = standin;
  const logged = new OpenClawClient({ baseURL: url, apiKey: KEY, proxy: "", logLevel: "info", logger });
  standin.answer({ error: { type: "overloaded_error", code: "busy", message: SECRET } }, 503, { "retry-after": "0" });
  standin.answer({ content: SECRET });
  await logged.chat.send({ message: SECRET }, { headers: { "x-secret": SECRET } });
  const [failed, again, done] = lines;
  assert.match(failed.message, /^POST \/api\/v1\/chat: 503 busy in \d+ ms, attempt 1, req_standin$/);
  assert.equal(again.message, "POST /api/v1/chat: to be tried again in 0 ms, attempt 1");
  assert.ok(Math.abs(done.time - new Date()) < 60_000 && done.durationMs >= 0);
  assert.deepEqual([done.status, done.attempt, done.requestId, done.path], [200, 2, "req_standin", "/api/v1/chat"]);
  assert.equal(lines.length, 3);
  assert.ok(!JSON.stringify(lines).includes(SECRET) && !JSON.stringify(lines).includes(KEY));
});

test("OPENCLAW_LOG turns the log on, and the option goes before it", async () => {
  const program = (options) => `
    import { OpenClawClient } from "openclaw-sdk";
    const client = new OpenClawClient({ baseURL: process.argv[1], apiKey: process.argv[2], proxy: "", ...${options} });
    await client.status.get();
    for await (const _ of client.chat.stream({ message: "${SECRET}" })) break;`;
  const told = async (level, options = "{}") => {
    const { code, out, err } = await run(program(options), { args: [gateway.url, KEY], env: { OPENCLAW_LOG: level } });
    assert.deepEqual([code, err], [0, ""]);
    return out.split("\n").slice(0, -1);
  };
  const lines = await told("debug");
  assert.equal(lines.length, 4);
  assert.equal(lines[0], "[openclaw] GET /api/v1/status: sent, attempt 1");
  assert.match(lines[3], /^\[openclaw\] POST \/api\/v1\/chat: 200 in \d+ ms, attempt 1, req_/);
  assert.equal((await told("info")).length, 2);
  assert.deepEqual(await told("debug", `{ logLevel: "off" }`), []);
  assert.deepEqual(await told(""), []);
});

// The client against the real gateway: calls, streams, lists, options.

import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import {
  APIInterruptedError,
  APITimeoutError,
  APIUserAbortError,
  BadRequestError,
  ConfigError,
  ListPage,
  NotFoundError,
  OpenClawClient,
} from "openclaw-sdk";

import { KEY, startGateway } from "./gateway.mjs";

let gateway, client;
before(async () => {
  gateway = await startGateway();
  client = gateway.client;
});
after(() => gateway.stop());

const text = async (stream) => {
  let whole = "";
  for await (const chunk of stream) whole += chunk.content;
  return whole;
};

test("a message is answered, in JavaScript's spelling", async () => {
  const reply = await client.chat.send({
    sessionId: "user_123",
    message: "帮我总结一下",
    context: { model: "claude-3-5-sonnet", maxTokens: 100 },
    metadata: { snake_key: 1, camelKey: { innerKey: true } },
  });
  assert.equal(reply.content, "帮我总结一下");
  assert.equal(reply.sessionId, "user_123");
  assert.equal(reply.finishReason, "stop");
  assert.ok(reply.usage.inputTokens > 0 && reply.usage.outputTokens > 0);
  assert.match(reply._requestId, /^req_/);
  assert.ok(!Object.keys(reply).includes("_requestId") && !JSON.stringify(reply).includes("_requestId"));
  const { data } = await client.sessions.messages("user_123").page();
  assert.deepEqual(data[0].metadata, { snake_key: 1, camelKey: { innerKey: true } });
});

test("a stream gives its chunks, then the whole reply", async () => {
  const stream = await client.chat.stream({ sessionId: "s", message: "one two three" });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.ok(chunks.length > 1);
  assert.equal(chunks.map((chunk) => chunk.content).join(""), "one two three");
  assert.equal(chunks[0].sessionId, "s");
  const final = await stream.finalResponse();
  assert.equal(final.content, "one two three");
  assert.ok(final.usage.outputTokens > 0);
  assert.match(final._requestId, /^req_/);
  assert.equal(stream.requestId, final._requestId);
});

test("a stream needs no await, and gives texts or the end alone", async () => {
  assert.equal(await text(client.chat.stream({ message: "one two" })), "one two");
  assert.equal((await client.chat.stream({ message: "one two" }).finalResponse()).content, "one two");
  let whole = "";
  for await (const piece of (await client.chat.stream({ message: "one two" })).textStream()) whole += piece;
  assert.equal(whole, "one two");
});

test("a long stream comes whole, in order", async () => {
  const stream = await client.chat.stream({ message: "[[echo words=20000]] la le" });
  const whole = await text(stream);
  assert.equal(whole, (await stream.finalResponse()).content);
  assert.equal(whole.split(" ").length, 20000);
});

for (const [how, leave] of [
  ["break", async (stream) => { for await (const _ of stream) break; }],
  ["throw", async (stream) => {
    await assert.rejects(async () => { for await (const _ of stream) throw new Error("mine"); }, { message: "mine" });
  }],
  ["close", async (stream) => stream.close()],
  ["asyncDispose", (stream) => stream[Symbol.asyncDispose]()],
  ["cancel", async (stream) => {
    const reader = stream.toReadableStream().getReader();
    await reader.read();
    await reader.cancel();
  }],
]) {
  test(`a stream that is left by ${how} hangs up`, async () => {
    const stream = await client.chat.stream({ message: "[[echo chunk_ms=50 words=1000]] la" });
    await leave(stream);
    assert.ok(await gateway.becomesIdle(2000));
    assert.equal(await text(stream), "", "it has ended");
    await assert.rejects(stream.finalResponse(), APIInterruptedError);
  });
}

test("a stream that was not awaited and is left hangs up too", async () => {
  for await (const _ of client.chat.stream({ message: "[[echo chunk_ms=50 words=1000]] la" })) break;
  assert.ok(await gateway.becomesIdle(2000));
});

test("a stream is a stream of the web too: a line of JSON a chunk", async () => {
  const stream = await client.chat.stream({ message: "一 二 三" });
  const lines = (await new Response(stream.toReadableStream()).text()).trim().split("\n");
  assert.equal(lines.map((line) => JSON.parse(line).content).join(""), "一 二 三");
});

test("a failure to begin is thrown where the stream is awaited", async () => {
  await assert.rejects(async () => client.chat.stream({ message: "x", context: { model: "nobody" } }), {
    name: "BadRequestError",
    param: "context.model",
  });
  await assert.rejects(text(client.chat.stream({ message: "x", context: { model: "nobody" } })), BadRequestError);
});

test("a stream that breaks off is an error after its chunks", async () => {
  const stream = await client.chat.stream({ message: "[[echo fail_after=2]] one two three" });
  const chunks = [];
  await assert.rejects(async () => { for await (const chunk of stream) chunks.push(chunk.content); }, { name: "ProviderError" });
  assert.equal(chunks.join("").trim(), "one two");
  await assert.rejects(stream.finalResponse(), APIInterruptedError);
});

test("a signal ends a call, and the gateway stops its work", async () => {
  const controller = new AbortController();
  const call = client.chat.send({ message: "[[echo delay_ms=60000]] x" }, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 50);
  const error = await call.then(assert.fail, (error) => error);
  assert.ok(error instanceof APIUserAbortError);
  assert.equal(error.name, "AbortError");
  assert.equal(error.cause.message, "enough");
  assert.ok(await gateway.becomesIdle(2000));
  await assert.rejects(client.status.get({ signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("a signal ends a stream before and after it began", async () => {
  for (const message of ["[[echo delay_ms=60000]] x", "[[echo chunk_ms=20 words=1000]] la"]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(text(client.chat.stream({ message }, { signal: controller.signal })), { name: "AbortError" });
    assert.ok(await gateway.becomesIdle(2000));
  }
  const controller = new AbortController();
  const stream = await client.chat.stream({ message: "[[echo words=10]] la" }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(text(stream), { name: "AbortError" });
  assert.equal(await text(stream), "", "and then it is over");
  const whole = await client.chat.stream({ message: "one" }, { signal: new AbortController().signal });
  assert.equal(await text(whole), "one");
});

test("a signal may serve many calls, and keeps none of them", async () => {
  const warned = [];
  process.on("warning", (warning) => warned.push(warning.message));
  const { signal } = new AbortController();
  const calls = Array.from({ length: 30 }, () => client.chat.send({ message: "x" }, { signal }));
  const streams = Array.from({ length: 30 }, () => client.chat.stream({ message: "x" }, { signal }).finalResponse());
  assert.equal((await Promise.all([...calls, ...streams])).length, 60);
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(warned, []);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a call has a timeout of its own", async () => {
  const begun = performance.now();
  const call = client.chat.send({ message: "[[echo delay_ms=60000]] x" }, { timeout: 100, maxRetries: 0 });
  await assert.rejects(call, APITimeoutError);
  assert.ok(performance.now() - begun < 2000);
  const hasty = client.withOptions({ timeout: 100, maxRetries: 0 });
  await assert.rejects(hasty.chat.send({ message: "[[echo delay_ms=60000]] x" }), APITimeoutError);
  assert.equal((await hasty.chat.send({ message: "[[echo delay_ms=300]] x" }, { timeout: 5000 })).content, "x");
});

test("lists are iterated over, awaited, or paged through", async () => {
  for (let at = 0; at < 5; at += 1) await client.chat.send({ sessionId: `list_${at}`, message: "x" });
  const ids = [];
  for await (const session of client.sessions.list({ limit: 2 })) ids.push(session.id);
  assert.ok([0, 1, 2, 3, 4].every((at) => ids.includes(`list_${at}`)));
  assert.equal(new Set(ids).size, ids.length);

  const page = await client.sessions.list({ limit: 2 });
  assert.ok(page instanceof ListPage);
  assert.deepEqual([page.data.length, page.hasMore, typeof page.next], [2, true, "string"]);
  assert.match(page._requestId, /^req_/);
  const second = await page.nextPage();
  assert.equal(second.data[0].id, ids[2]);
  const rest = [];
  for await (const session of page) rest.push(session.id);
  assert.deepEqual(rest, ids, "a page goes on with those that follow");
  assert.equal(await (await client.sessions.list({ limit: 100 }).page()).nextPage(), undefined);
  for await (const { id } of client.models.list()) if (id) return;
  assert.fail("there is a model");
});

test("a session is read, changed and deleted", async () => {
  await client.chat.send({ sessionId: "mine", message: "x" });
  assert.equal((await client.sessions.get("mine")).messageCount, 2);
  const changed = await client.sessions.update("mine", { title: "T", metadata: { keepThis: 1 } });
  assert.deepEqual([changed.title, changed.metadata], ["T", { keepThis: 1 }]);
  assert.equal(await client.sessions.delete("mine"), undefined);
  await assert.rejects(client.sessions.get("mine"), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.deepEqual([error.status, error.code, error.name], [404, "session_not_found", "NotFoundError"]);
    assert.match(error.requestId, /^req_/);
    assert.match(error.stack, /client\.test\.mjs/, "its stack goes on to the caller");
    return true;
  });
});

test("events are followed, and taken up where they were left", async () => {
  const stream = await client.events.stream({ events: ["message.*"] });
  await client.chat.send({ sessionId: "told", message: "hello" });
  for await (const event of stream) {
    assert.equal(event.event, "message.received");
    assert.equal(event.data.sessionId, "told");
    assert.equal(stream.lastEventId, event.id);
    break;
  }
  for await (const event of client.events.stream({ events: "message.*", lastEventId: stream.lastEventId })) {
    assert.equal(event.event, "message.sent");
    assert.equal((await client.events.get(event.id)).data.replyTo !== undefined, true);
    break;
  }
});

test("a webhook that the gateway sent is unwrapped", async () => {
  const secret = "a secret of some length, at least 24";
  const receiver = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    response.writeHead(204).end();
    receiver.emit("hook", Buffer.concat(pieces), request.headers);
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${receiver.address().port}/hook`;
  const { endpoint } = await client.webhooks.endpoints.create({ url, events: ["webhook.test"], secret });
  const hook = once(receiver, "hook");
  const delivery = await client.webhooks.endpoints.test(endpoint.id);
  const [body, headers] = await hook;
  const mine = new OpenClawClient({ baseURL: gateway.url, apiKey: KEY, webhookSecret: secret });
  const event = mine.webhooks.unwrap(body, headers);
  assert.equal(event.event, "webhook.test");
  assert.equal(event.data.endpointId, endpoint.id);
  assert.equal(delivery.endpointId, endpoint.id);
  await client.webhooks.endpoints.delete(endpoint.id);
  receiver.close();
});

test("many calls at once each get their own answer, and the event loop goes on", async () => {
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  const replies = await Promise.all(
    Array.from({ length: 200 }, (_, at) => client.chat.send({ message: `n${at} [[echo delay_ms=100]]` })),
  );
  clearInterval(ticking);
  replies.forEach((reply, at) => assert.equal(reply.content.trim(), `n${at}`));
  assert.ok(turns > 10, `${turns} turns`);
});

test("what is set up wrongly is told before anything is sent", async () => {
  assert.throws(() => new OpenClawClient({ baseURL: "not a url", apiKey: KEY }), ConfigError);
  assert.throws(() => new OpenClawClient({ baseURL: gateway.url, apiKey: "" }), ConfigError);
  assert.throws(() => new OpenClawClient({ apiKey: KEY, maxRetries: -1 }), /maxRetries/);
  assert.throws(() => new OpenClawClient({ apiKey: KEY, timeout: Number.NaN }), /timeout/);
  await assert.rejects(client.status.get({ headers: { "bad header": "x" } }), ConfigError);
  const closed = new OpenClawClient({ baseURL: gateway.url, apiKey: KEY });
  await closed[Symbol.asyncDispose]();
  await assert.rejects(closed.status.get(), /the client is closed/);
});

test("address and key come from the environment", async () => {
  Object.assign(process.env, { OPENCLAW_BASE_URL: gateway.url, OPENCLAW_API_KEY: KEY });
  try {
    assert.equal((await new OpenClawClient().chat.send({ message: "x" })).content, "x");
  } finally {
    delete process.env.OPENCLAW_BASE_URL;
    delete process.env.OPENCLAW_API_KEY;
  }
});

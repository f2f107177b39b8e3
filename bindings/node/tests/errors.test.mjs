// Every failure as the error of its class, against a server that says what it is told to.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import * as openclaw from "openclaw-sdk";
import * as webhooks from "openclaw-sdk/webhooks";

import { KEY, startStandIn } from "./gateway.mjs";

const require = createRequire(import.meta.url);
let standIn;
before(async () => (standIn = await startStandIn()));
after(() => standIn.stop());

for (const [status, type, name] of [
  [400, "invalid_request_error", "BadRequestError"],
  [401, "authentication_error", "AuthenticationError"],
  [403, "permission_error", "PermissionDeniedError"],
  [404, "not_found_error", "NotFoundError"],
  [409, "conflict_error", "ConflictError"],
  [413, "request_too_large", "RequestTooLargeError"],
  [429, "rate_limit_error", "RateLimitError"],
  [500, "api_error", "InternalServerError"],
  [502, "provider_error", "ProviderError"],
  [503, "overloaded_error", "OverloadedError"],
  [504, "timeout_error", "GatewayTimeoutError"],
  [418, "teapot_error", "APIStatusError"],
]) {
  test(`${status} ${type} is a ${name}`, async () => {
    const error = { type, code: "some_code", message: "what was wrong", param: "context.temperature" };
    const body = { type: "error", error, request_id: "req_standin" };
    standIn.answer(body, status, { "content-type": "application/json", "retry-after": "7" });
    const thrown = await standIn.client.status.get().then(assert.fail, (error) => error);
    assert.ok(thrown instanceof openclaw[name] && thrown instanceof openclaw.APIStatusError);
    assert.ok(thrown instanceof openclaw.OpenClawError && thrown instanceof Error);
    assert.equal(thrown.constructor, openclaw[name]);
    assert.equal(thrown.name, name);
    assert.deepEqual(
      { ...thrown, message: thrown.message },
      {
        status,
        code: "some_code",
        param: "context.temperature",
        requestId: "req_standin",
        retryAfterMs: 7000,
        message: "what was wrong",
      },
    );
    assert.deepEqual(thrown.body, body);
    assert.match(thrown.stack, new RegExp(`^${name}: what was wrong`));
  });
}

test("no answer keeps its cause", async () => {
  const nobody = new openclaw.OpenClawClient({ baseURL: "http://127.0.0.1:9", apiKey: KEY, maxRetries: 0, proxy: "" });
  const thrown = await nobody.status.get().then(assert.fail, (error) => error);
  assert.equal(thrown.constructor, openclaw.APIConnectionError);
  assert.ok(thrown.cause instanceof Error);
  assert.match(thrown.cause.message, /refused/i);
  assert.ok(thrown.message.includes(thrown.cause.message));
  assert.deepEqual(Object.keys(thrown), [], "what is not known is not there");
});

test("an answer of another server is told as such", async () => {
  standIn.answer("<html>");
  await assert.rejects(standIn.client.status.get(), { name: "APIDecodeError", requestId: "req_standin" });
  standIn.answer("<html>", 502);
  await assert.rejects(standIn.client.status.get(), (error) => error.status === 502 && error.body === "<html>");
});

test("the classes are the same by require and by import", async () => {
  const required = require("openclaw-sdk");
  assert.deepEqual(Object.keys(required).sort(), Object.keys(openclaw).sort());
  for (const name of Object.keys(openclaw)) {
    assert.equal(required[name], openclaw[name], name);
    if (name !== "default") assert.equal(openclaw[name].name, name);
  }
  const hooks = require("openclaw-sdk/webhooks");
  assert.deepEqual(Object.keys(hooks).sort(), Object.keys(webhooks).sort());
  for (const name of Object.keys(webhooks)) assert.equal(hooks[name], webhooks[name], name);
  assert.equal(hooks.Webhook, openclaw.Webhook);
  standIn.answer({}, 404);
  const client = new required.OpenClawClient({ baseURL: standIn.url, apiKey: KEY, proxy: "" });
  await assert.rejects(client.status.get(), (error) => error instanceof openclaw.APIStatusError);
});

test("options of a call reach the wire", async () => {
  const { client, seen } = standIn;
  const other = new openclaw.OpenClawClient({ baseURL: standIn.url, apiKey: KEY, proxy: "", headers: { "x-a": "1", "x-b": "1" } });
  standIn.answer({});
  await other.withOptions({ headers: new Headers({ "x-b": "2", "x-c": "2" }) }).chat.send(
    { message: "x" },
    { headers: [["x-c", "3"]], idempotencyKey: "mine" },
  );
  const { headers, body } = seen.at(-1);
  assert.deepEqual([headers["x-a"], headers["x-b"], headers["x-c"]], ["1", "2", "3"]);
  assert.equal(headers["idempotency-key"], "mine");
  assert.match(headers["user-agent"], / openclaw-node\/\d/);
  assert.deepEqual(body, { message: "x" });

  standIn.answer({}, 503);
  standIn.answer({ content: "second" });
  assert.equal((await client.chat.send({ message: "x" }, { maxRetries: 1 })).content, "second");
  const [first, second] = seen.slice(-2).map((request) => request.headers["idempotency-key"]);
  assert.ok(first && first === second, "a retry is the same call");
});

test("a list that goes round in circles ends", async () => {
  for (let at = 0; at < 3; at += 1) standIn.answer({ data: [{ id: "a" }], has_more: true, next: "a" });
  await assert.rejects(async () => { for await (const _ of standIn.client.sessions.list()); }, openclaw.APIDecodeError);
});

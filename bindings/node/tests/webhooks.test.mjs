// Webhooks, held to the vectors that all languages are held to; without the native half.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { verifyWebhook, Webhook, WebhookVerificationError } from "openclaw-sdk/webhooks";

import { LOADED_NATIVE, ROOT, run } from "./gateway.mjs";

const { vectors } = JSON.parse(readFileSync(join(ROOT, "sdk-tests/vectors/webhook.json"), "utf8"));
const TAIL = /,"signature":"(sha256=[0-9a-f]{64})"\}$/;

for (const { name, request, receiver, expected } of vectors) {
  test(name, () => {
    const { body, headers } = request;
    const [secret] = receiver.secrets;
    assert.equal(verifyWebhook(body, headers["x-openclaw-signature"] ?? "", secret), expected.body);
    assert.equal(verifyWebhook(Buffer.from(body), headers["x-openclaw-signature"] ?? "", secret), expected.body);
    const tail = TAIL.exec(body);
    assert.equal(tail !== null && verifyWebhook(`${body.slice(0, tail.index)}}`, tail[1], secret), expected.unsigned);

    const webhook = new Webhook(receiver.secrets);
    const forms = [headers, new Map(Object.entries(headers)), new Headers(headers), shouted(headers)];
    for (const form of forms) {
      const verify = () => webhook.verify(Buffer.from(body), form, receiver.now * 1000);
      if (expected.webhook === "ok") assert.equal(verify().event, expected.event);
      else assert.throws(verify, (error) => error instanceof WebhookVerificationError && error.code === expected.webhook);
    }
  });
}

const shouted = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));

test("an empty secret verifies nothing", () => {
  for (const secret of ["", [], ["new", ""], undefined]) {
    assert.throws(() => new Webhook(secret), { code: "empty_secret" });
  }
  assert.equal(verifyWebhook("{}", "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", ""), false);
});

test("the subpath loads no native code, by import and by require", async () => {
  const env = { OPENCLAW_NATIVE_PATH: "/nonexistent" };
  const program = `
    import { verifyWebhook } from "openclaw-sdk/webhooks";
    import { createRequire } from "node:module";
    const required = createRequire(process.cwd() + "/x.js")("openclaw-sdk/webhooks");
    console.log(required.verifyWebhook === verifyWebhook, verifyWebhook("{}", "sha256=00", "secret"));
    console.log(${LOADED_NATIVE});`;
  const { code, out, err } = await run(program, { env });
  assert.deepEqual([code, out, err], [0, "true false\nfalse\n", ""]);
});

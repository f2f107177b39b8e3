// What happens around a process: exits, workers, and what keeps it alive. Each in processes of its own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { KEY, run, startGateway } from "./gateway.mjs";

const EXITS = Number(process.env.OPENCLAW_TEST_EXITS ?? 100);
const HEAD = `
import { OpenClawClient } from "openclaw-sdk";
const client = new OpenClawClient({ baseURL: process.argv[1], apiKey: process.argv[2], proxy: "" });
`;
/** A worker that alone loads the package, with that body. */
const inWorker = (body, then) => `
import { Worker } from "node:worker_threads";
const text = ${JSON.stringify(`
const { OpenClawClient } = require("openclaw-sdk");
const { workerData, parentPort } = require("node:worker_threads");
const client = new OpenClawClient({ baseURL: workerData[0], apiKey: workerData[1], proxy: "" });
`)} + ${JSON.stringify(body)};
const worker = new Worker(text, { eval: true, execArgv: [], workerData: process.argv.slice(1) });
${then}`;

let gateway;
before(async () => (gateway = await startGateway()));
after(() => gateway.stop());

const start = (program) => run(program, { args: [gateway.url, KEY] });

const ENDINGS = {
  "calls just done": `${HEAD}
    await Promise.all(Array.from({ length: 20 }, (_, n) => client.chat.send({ message: "n" + n })));`,
  "process.exit with calls in flight": `${HEAD}
    const calls = Array.from({ length: 20 }, (_, n) => client.chat.send({ message: "n" + n }));
    await Promise.race(calls);
    process.exit(0);`,
  "process.exit at once": `${HEAD}
    for (let n = 0; n < 5; n += 1) client.chat.send({ message: "[[echo delay_ms=5]] x" }).catch(() => {});
    setTimeout(() => process.exit(0), Math.random() * 10);`,
  "process.exit inside a stream": `${HEAD}
    for await (const _ of client.chat.stream({ message: "[[echo chunk_ms=1 words=1000]] la" })) process.exit(0);`,
  "a stream left open": `${HEAD}
    const stream = await client.chat.stream({ message: "[[echo chunk_ms=1 words=10000]] la" });
    await stream[Symbol.asyncIterator]().next();`,
  "a worker alone has loaded it": inWorker(
    `client.chat.send({ message: "x" }).then((reply) => parentPort.postMessage(reply.content));`,
    `worker.on("message", (content) => { if (content !== "x") process.exitCode = 3; });`,
  ),
  "a worker is terminated with calls in flight": inWorker(
    `for (let n = 0; n < 10; n += 1) client.chat.send({ message: "[[echo delay_ms=" + n + "]] x" }).then(() => parentPort.postMessage(n));
     (async () => { for await (const _ of client.chat.stream({ message: "[[echo chunk_ms=1 words=10000]] la" })); })();`,
    `worker.once("message", () => worker.terminate());`,
  ),
  "process.exit while a worker works": inWorker(
    `(async () => { for await (const _ of client.chat.stream({ message: "[[echo chunk_ms=1 words=1000]] la" })) parentPort.postMessage(1); })();`,
    `worker.once("message", () => process.exit(0));`,
  ),
};

for (const [ending, program] of Object.entries(ENDINGS)) {
  test(`a process ends well: ${ending}`, async () => {
    const each = Math.ceil(EXITS / Object.keys(ENDINGS).length);
    for (let left = each; left > 0; left -= 4) {
      const ends = await Promise.all(Array.from({ length: Math.min(left, 4) }, () => start(program)));
      for (const end of ends) assert.deepEqual(end, { code: 0, out: "", err: "" });
    }
    assert.ok(await gateway.becomesIdle(3000), "the gateway is left alone");
  });
}

test("a process lives while somebody waits, and no longer", async () => {
  const waited = await start(`${HEAD}
    client.chat.send({ message: "[[echo delay_ms=300]] waited for" }).then((reply) => console.log(reply.content));`);
  assert.deepEqual(waited, { code: 0, out: "waited for\n", err: "" });
  const begun = performance.now();
  const idle = await start(`${HEAD}
    await client.status.get();
    const events = await client.events.stream();
    const signal = AbortSignal.abort();
    await client.chat.send({ message: "[[echo delay_ms=60000]] x" }, { signal }).catch((error) => console.log(error.name));
    globalThis.kept = [client, events];`);
  assert.deepEqual(idle, { code: 0, out: "AbortError\n", err: "" });
  assert.ok(performance.now() - begun < 20_000);
});

test("a worker, two workers and the main thread work side by side", async () => {
  const program = inWorker(
    `client.chat.stream({ message: "one two" }).finalResponse().then((reply) => parentPort.postMessage(reply.content));`,
    `import { OpenClawClient } from "openclaw-sdk";
     const other = new Worker(text, { eval: true, execArgv: [], workerData: process.argv.slice(1) });
     const client = new OpenClawClient({ baseURL: process.argv[1], apiKey: process.argv[2], proxy: "" });
     const heard = [worker, other].map((one) => new Promise((done) => one.once("message", done)));
     console.log(...(await Promise.all(heard)), (await client.chat.send({ message: "main" })).content);`,
  );
  assert.deepEqual(await start(program), { code: 0, out: "one two one two main\n", err: "" });
});

test("what is abandoned is let go of", async () => {
  const program = `${HEAD}
    const round = async () => {
      for (let n = 0; n < 200; n += 1) {
        const stream = await client.chat.stream({ message: "[[echo chunk_ms=5 words=200]] la" });
        if (n % 4 === 0) for await (const _ of stream) break;
        if (n % 4 === 1) stream.close();
        if (n % 4 === 2) await client.chat.send({ message: "[[echo delay_ms=1000]] x" }, { signal: AbortSignal.timeout(1) }).catch(() => {});
        // And one of four is just forgotten.
      }
      for (let n = 0; n < 3; n += 1) { globalThis.gc(); await new Promise((done) => setTimeout(done, 20)); }
      return process.memoryUsage.rss() / 2 ** 20;
    };
    await round();
    const before = await round();
    await round();
    const grown = (await round()) - before;
    console.log(grown < 10 ? "flat" : "grew by " + grown + " MB");`;
  const end = await run(program, { args: [gateway.url, KEY], flags: ["--expose-gc", "--input-type=module"] });
  assert.deepEqual(end, { code: 0, out: "flat\n", err: "" });
  assert.ok(await gateway.becomesIdle(3000));
});

// Makes many calls and streams, abandons half of them, and exits badly if anything is left: memory, threads, sockets.
// `node --expose-gc soak.mjs <url> <key> <calls>` prints what the process had before and after.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { OpenClawClient } from "openclaw-sdk";

const AT_ONCE = 16;
/** What the heap may gain: V8 takes and gives back its pages when it likes. */
const KIB_MAX = 16 * 1024;
const STALLED = { message: "[[echo stall_after=1]] a b c" };

const [baseURL, apiKey, calls] = process.argv.slice(2);
const client = new OpenClawClient({ baseURL, apiKey, proxy: "" });

/** One call or stream; the odd ones are abandoned. */
async function one(number) {
  switch (number % 8) {
    case 0:
      return void (await client.status.get());
    case 2:
      return void (await client.chat.send({ message: "a b c" }));
    case 4:
      return void (await client.chat.stream({ message: "a b c" }).finalResponse());
    case 6:
      return void (await client.sessions.list({ limit: 1 }).withResponse());
    case 1: {
      const signal = AbortSignal.timeout(number % 7);
      return void (await client.chat.send({ message: "[[echo delay_ms=60000]] x" }, { signal }).catch(() => {}));
    }
    case 3:
      return (await client.chat.stream(STALLED)).close();
    case 5:
      for await (const _ of client.chat.stream(STALLED)) break;
      return undefined;
    default:
      await (await client.chat.stream(STALLED))[Symbol.asyncIterator]().next(); // And it is forgotten.
  }
}

async function many(count) {
  let next = 0;
  const some = async () => {
    while (next < count) {
      const number = next++;
      await one(number);
      // What is forgotten hangs up when it is collected.
      if (number % 500 === 0) globalThis.gc();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

async function used() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await sleep(20);
  }
  const status = readFileSync("/proc/self/status", "utf8");
  const number = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]);
  return { kib: number("VmRSS"), threads: number("Threads"), files: readdirSync("/proc/self/fd").length };
}

await many(4000); // Pools and heaps come to their size.
const before = await used();
const begun = performance.now();
await many(Number(calls));
let after = await used();
const grew = () => after.kib > before.kib + KIB_MAX || after.threads > before.threads || after.files > before.files + 4;
for (let look = 0; look < 150 && grew(); look += 1) {
  // Threads that looked names up stay for 10 s.
  await sleep(100);
  after = await used();
}
const seconds = Math.round((performance.now() - begun) / 1000);
const told = JSON.stringify({ before, after, calls: Number(calls), seconds });
console.log(grew() ? `it grew: ${told}` : told);
process.exitCode = grew() ? 1 : 0;

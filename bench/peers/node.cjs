// What one SDK costs its process: CPU time a call or a chunk, against the stand-in.
//
//     node node.cjs openclaw|openai CASE URL SECONDS
//
// Prints one JSON object: how many were made, and the CPU time of the process meanwhile.
'use strict';

const [sdk, name, url, seconds] = process.argv.slice(2);
const KEY = 'oc_api_sk_bench';
const MODEL = 'gpt-4o-2024-08-06';
const FLAT = '[[standin chunks=500 bytes=4000]]';
const PACED = '[[standin chunks=100 bytes=800 gap_us=20000]]';

function makeClient() {
  if (sdk === 'openclaw') {
    const { OpenClawClient } = require('openclaw-sdk');
    return new OpenClawClient({ baseURL: url, apiKey: KEY });
  }
  const { OpenAI } = require('openai');
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: KEY });
}

function call(client) {
  if (sdk === 'openclaw') return client.chat.send({ message: 'hello' });
  return client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] });
}

async function read(client, message) {
  const stream =
    sdk === 'openclaw'
      ? await client.chat.stream({ message })
      : await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: message }], stream: true });
  let count = 0;
  for await (const chunk of stream) count += chunk ? 1 : 0;
  return count;
}

const sum = (counts) => counts.reduce((total, count) => total + count, 0);
const together = (count, make) => Promise.all(Array.from({ length: count }, make)).then(sum);

/** Runs `step` for a second that does not count, then until the time is up. */
async function measured(step) {
  for (const end = performance.now() + 1000; performance.now() < end; ) await step();
  let count = 0;
  const before = process.cpuUsage();
  const begin = performance.now();
  while (performance.now() < begin + Number(seconds) * 1000) count += await step();
  report(count, process.cpuUsage(before), performance.now() - begin);
}

function report(count, cpu, milliseconds) {
  console.log(JSON.stringify({ count, cpu_us: cpu.user + cpu.system, seconds: milliseconds / 1000 }));
}

const cases = {
  call: (client) => measured(() => call(client).then(() => 1)),
  'in-flight-32': (client) => measured(() => together(32, () => call(client).then(() => 1))),
  stream: (client) => measured(() => read(client, FLAT)),
  'paced-stream': (client) => measured(() => read(client, PACED)),
  'paced-streams-64': (client) => measured(() => together(64, () => read(client, PACED))),
};

if (name === 'load') {
  const before = process.cpuUsage();
  const begin = performance.now();
  require(sdk === 'openclaw' ? 'openclaw-sdk' : 'openai');
  report(1, process.cpuUsage(before), performance.now() - begin);
} else {
  cases[name](makeClient());
}

// What the tests need: the real gateway with its model `echo`, and a server that says what it is told to.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { OpenClawClient } from "openclaw-sdk";

export const ROOT = process.env.OPENCLAW_ROOT ?? join(import.meta.dirname, "..", "..", "..", "..");
export const KEY = "oc_api_sk_of_these_tests";
const GATEWAY = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "openclaw");

/** What a program asks to know whether it has loaded the native half. */
export const LOADED_NATIVE = `process.report.getReport().sharedObjects.some((file) => file.endsWith("openclaw.node"))`;

/** Starts a gateway, on any port if none is given. */
export async function startGateway(port = 0) {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `gateway: {api: {port: ${port}, auth: {secret: ${KEY}}, rate_limit: {requests_per_minute: 0}}}
providers: {pretend: {type: echo, models: [claude-3-5-sonnet, gpt-4o]}}
outbound: {allow: [127.0.0.0/8]}
logging: {level: warn}
`,
  );
  const env = { PATH: process.env.PATH, HOME: folder, OPENCLAW_HOME: folder, OPENCLAW_CONFIG: config };
  const child = spawn(GATEWAY, ["serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit")]);
  if (typeof line !== "string") throw new Error(`the gateway ended with code ${line}`);
  const url = line.split(" ").find((word) => word.startsWith("http://"));
  const client = new OpenClawClient({ baseURL: url, apiKey: KEY, proxy: "" });
  return {
    url,
    client,
    /** Whether no turn is being answered any more. */
    becomesIdle: (ms = 5000) => eventually(async () => (await client.status.get()).turnsRunning === 0, ms),
    async stop() {
      client.close();
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whether something comes true in time. */
export async function eventually(holds, ms = 5000) {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
    if (await holds()) return true;
  }
  return holds();
}

/** A server that gives each request the next answer, and keeps what it was sent. */
export async function startStandIn() {
  const answers = [];
  const seen = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method, path: request.url, headers: request.headers, body: body && JSON.parse(body) });
    const { status, text, headers } = answers.shift() ?? { status: 500, text: "", headers: {} };
    response.writeHead(status, { "x-request-id": "req_standin", ...headers }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    seen,
    client: new OpenClawClient({ baseURL: url, apiKey: KEY, proxy: "", maxRetries: 0 }),
    answer(body, status = 200, headers = { "content-type": "application/json" }) {
      answers.push({ status, text: typeof body === "string" ? body : JSON.stringify(body), headers });
    },
    /** Drops the answers that were not asked for. */
    forget: () => (answers.length = 0),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Runs a program in a process of its own, beside the tests; gives its end. */
export function run(program, { args = [], env = {}, flags = ["--input-type=module"] } = {}) {
  const child = spawn(process.execPath, [...flags, "-e", program, ...args], {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  return ended(child);
}

/** What a process wrote, and how it ended. */
export async function ended(child) {
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  const [code, signal] = await once(child, "close");
  return { code: code ?? signal, out, err };
}

// The package as a whole: the lines of the article, how it is packed, its types, its documents, what loading costs.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { createHmac } from "node:crypto";

import { eventually, KEY, LOADED_NATIVE, ROOT, run, startGateway } from "./gateway.mjs";

const APP = join(import.meta.dirname, "..");
const PACKAGES = join(APP, "..", "packages");
const TOOLS = join(APP, "..", "tools", "node_modules", ".bin");
const SOURCE = join(ROOT, "bindings", "node");
const SERVES_AGENTS = readFileSync(join(ROOT, "openapi/openapi.json"), "utf8").includes("/agents/spawn");
const tarballs = readdirSync(PACKAGES).map((name) => join(PACKAGES, name));
const tarball = tarballs.find((path) => /openclaw-sdk-\d/.test(path) && !path.includes("-sdk-linux"));

// As it stands in the article, but for the key.
const ARTICLE = `const { OpenClawClient } = require('openclaw-sdk');

const client = new OpenClawClient({ baseURL: 'http://localhost:3000', apiKey: 'oc_api_sk_xxx' });

const stream = await client.chat.stream({ sessionId: 'user_123', message: '讲个故事' });
for await (const chunk of stream) {
  process.stdout.write(chunk.content);
}
`.replace("oc_api_sk_xxx", KEY);

let gateway;
before(async () => (gateway = await startGateway()));
after(() => gateway.stop());

async function command(program, args, options = {}) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 2 ** 24, ...options });
    return stdout;
  } catch (error) {
    return assert.fail(`${program} ${args.join(" ")}\n${error.stdout}\n${error.stderr}`);
  }
}

test("the article, installed in an empty folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-article-"));
  const documented = await startGateway(3000);
  try {
    writeFileSync(join(folder, "package.json"), "{}");
    await command("npm", ["install", "--offline", "--no-audit", "--no-fund", ...tarballs], { cwd: folder });
    writeFileSync(join(folder, "article.cjs"), `(async () => {\n${ARTICLE}})();\n`);
    writeFileSync(join(folder, "article.mjs"), ARTICLE.replace(/^const (.*) = require\((.*)\);/, "import $1 from $2;"));
    const env = { PATH: process.env.PATH };
    for (const file of ["article.cjs", "article.mjs"]) {
      assert.equal(await command(process.execPath, [file], { cwd: folder, env }), "讲个故事", file);
    }
    // As it stands, `require` beside an `await` outside of a function, it runs at Node's prompt.
    assert.match(await atPrompt(ARTICLE.split(/\n(?=const stream|for)/), { cwd: folder, env }), /讲个故事/);
  } finally {
    await documented.stop();
    rmSync(folder, { recursive: true });
  }
});

/** Gives Node's prompt one piece after the other, as one who types does; what it said. */
async function atPrompt(pieces, options) {
  const prompt = spawn(process.execPath, ["--interactive"], options);
  let out = "";
  prompt.stdout.on("data", (text) => (out += text));
  for (const piece of [...pieces, ".exit"]) {
    assert.ok(await eventually(() => out.endsWith("> ")), out);
    const said = out.length;
    prompt.stdin.write(`${piece}\n`);
    // Each line of a piece but the last one is answered at once, with a prompt of its own.
    await eventually(() => out.length > said && (out.slice(said).match(/> |\| |\.\.\. /g) ?? []).length >= piece.split("\n").length, 2000);
  }
  return out;
}

test("every path that the package declares is in it", async () => {
  const files = (await command("tar", ["-tzf", tarball])).split("\n");
  const declared = JSON.parse(readFileSync(join(APP, "node_modules/openclaw-sdk/package.json"), "utf8"));
  const paths = [];
  JSON.stringify([declared.main, declared.types, declared.exports, declared.typesVersions], (_, value) => {
    if (typeof value === "string" && value.startsWith("./")) paths.push(value);
    return value;
  });
  assert.ok(paths.length >= 10);
  for (const path of paths) assert.ok(files.includes(`package/${path.slice(2)}`), path);
  for (const file of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"]) assert.ok(files.includes(`package/${file}`), file);
  assert.equal(Object.keys(declared.optionalDependencies).length, 8);
  assert.deepEqual(Object.keys(declared).filter((name) => /^(dev|peer)?[dD]ependencies$|^scripts$/.test(name)), []);
});

test("publint and arethetypeswrong have nothing to say", async () => {
  const said = await command(join(TOOLS, "publint"), [tarball, "--strict"]);
  assert.match(said, /All good/);
  await command(join(TOOLS, "attw"), [tarball, "--no-emoji"]);
});

test("the examples compile strictly, with Node's types and with the DOM's", async () => {
  const tsc = join(SOURCE, "node_modules", ".bin", "tsc");
  const types = ["--typeRoots", join(SOURCE, "node_modules", "@types")];
  await command(tsc, ["-p", "examples", ...types, "--outDir", "compiled"], { cwd: APP });
  const page = join(APP, "dom.cts");
  writeFileSync(page, 'import sdk = require("openclaw-sdk");\nexport const body = (s: sdk.ChatStream): Response => new Response(s.toReadableStream());\n');
  const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--skipLibCheck", "false"];
  await command(tsc, [...strict, "--lib", "es2022,dom,dom.iterable", "--types", "", page], { cwd: APP });
  await command(tsc, [...strict, "--lib", "es2022", "--types", "node", ...types, page], { cwd: APP });
});

test("no type is `any`, and everything exported is described", () => {
  const folder = join(APP, "node_modules/openclaw-sdk/dist");
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
    const text = readFileSync(join(folder, file), "utf8");
    assert.doesNotMatch(text.replace(/\/\*\*[^]*?\*\/|"[^"]*"/g, ""), /\bany\b/, file);
    for (const [, before, declaration] of text.matchAll(/(?:^|\n)(.*)\nexport declare (\w+ \w+)/g)) {
      assert.ok(before.endsWith("*/"), `${file}: ${declaration} has no comment`);
    }
  }
});

test("the examples run", async () => {
  const env = { ...process.env, OPENCLAW_BASE_URL: gateway.url, OPENCLAW_API_KEY: KEY, WEBHOOK_SECRET: "secret", PORT: "0" };
  mkdirSync(join(APP, "compiled"), { recursive: true });
  writeFileSync(join(APP, "compiled/package.json"), '{ "type": "module" }');
  const chat = await command(process.execPath, ["compiled/chat.js", "hello"], { cwd: APP, env });
  assert.match(chat, /: hello \(\d+ tokens\)\nAnd shorter\?/);
  if (SERVES_AGENTS) {
    const found = await command(process.execPath, ["compiled/parallel-agents.js"], { cwd: APP, env });
    assert.equal(found, "Search for what is new\nAnalyse what was found\nReport it\n");
  }
  await receives(env);
});

async function receives(env) {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => probe.once("listening", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  const child = spawn(process.execPath, ["compiled/receiver.js"], { cwd: APP, env: { ...env, PORT: String(port) } });
  let out = "";
  child.stdout.on("data", (text) => (out += text));
  assert.ok(await eventually(() => out.includes("listening")));
  const body = JSON.stringify({
    event: "message.received",
    timestamp: "2026-04-17T01:20:00Z",
    data: { session_id: "s", message_id: "m", content: "今天天气怎么样", channel: "telegram", user: { id: "u", username: "john_doe" } },
    id: "evt_1",
  });
  const now = String(Math.floor(Date.now() / 1000));
  const signature = `v1,${createHmac("sha256", "secret").update(`evt_1.${now}.${body}`).digest("base64")}`;
  const headers = { "webhook-id": "evt_1", "webhook-timestamp": now, "webhook-signature": signature };
  const post = async (headers) => (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers })).status;
  assert.deepEqual([await post(headers), await post(headers), await post({})], [204, 204, 400]);
  child.kill();
  assert.equal(out, "listening\njohn_doe: 今天天气怎么样\n");
}

const README = readFileSync(join(APP, "README.md"), "utf8");
const blocks = [...README.matchAll(/^```js\n([^]*?)^```/gm)].map(([, block]) => block);
for (const block of blocks) {
  const skip = block.includes(".agents.") && !SERVES_AGENTS ? "this gateway has no agents" : false;
  test(`README: ${block.trim().split("\n")[0]}`, { skip }, async () => {
    const head = block.includes("new OpenClawClient")
      ? ""
      : 'import { OpenClawClient } from "openclaw-sdk";\nconst client = new OpenClawClient();\n';
    const env = { OPENCLAW_BASE_URL: gateway.url, OPENCLAW_API_KEY: KEY, WEBHOOK_SECRET: "x".repeat(32) };
    const { code, err } = await run(head + block, { env });
    assert.deepEqual([code, err], [0, ""]);
  });
}

test("a library that cannot be loaded is told with the system's words", async () => {
  const broken = join(APP, "broken.node");
  writeFileSync(broken, "not a library");
  const program = `import { OpenClawClient, NativeModuleError } from "openclaw-sdk";
    try { new OpenClawClient({ apiKey: "oc_api_sk_xxx" }); }
    catch (error) { console.log(error instanceof NativeModuleError, error.cause?.code, error.message); }`;
  const { out } = await run(program, { env: { OPENCLAW_NATIVE_PATH: broken } });
  assert.match(out, /^true ERR_DLOPEN_FAILED the native half of openclaw-sdk could not be loaded on linux \w+ glibc, Node v/);
  assert.match(out, /broken\.node: .*(file too short|invalid ELF header)/);
  const absent = `import { createRequire } from "node:module";
    const { platforms } = createRequire(process.cwd() + "/x.js")("../node_modules/openclaw-sdk/dist/platform.js");
    platforms.forEach((platform) => (platform.name += "-absent"));${program}`;
  const told = await run(absent);
  assert.match(told.out, /@openclaw\/sdk-linux-\w+-gnu-absent: Cannot find module[^]*--include=optional/);
  const elsewhere = await run(`Object.defineProperty(process, "platform", { value: "plan9" });${program.replace(/^import.*$/m, 'const { OpenClawClient, NativeModuleError } = await import("openclaw-sdk");')}`);
  assert.match(elsewhere.out, /on plan9[^]*it is built for linux-x64-gnu, [^]*OPENCLAW_NATIVE_PATH/);
});

// In parts of what Node itself takes to start, of the same processes: a busy machine makes both dearer.
test("loading costs little beside the start of Node, and loads nothing native yet", async () => {
  const cost = async (program) => {
    const costs = [];
    for (let left = 7; left > 0; left -= 1) {
      const text = `const start = process.cpuUsage();${program};const more = process.cpuUsage(start);
        console.log(JSON.stringify([start, more].map(({ user, system }) => user + system)))`;
      const { out } = await run(text, { flags: ["--input-type=commonjs"] });
      costs.push(JSON.parse(out));
    }
    const [start, more] = [0, 1].map((part) => Math.min(...costs.map((each) => each[part])));
    return more / start;
  };
  const loading = await cost('require("openclaw-sdk")');
  assert.ok(loading < 0.5, `loading: ${loading} of a start`);
  const using = await cost('new (require("openclaw-sdk").OpenClawClient)({ apiKey: "oc_api_sk_xxx" })');
  assert.ok(using < 1, `a first client: ${using} of a start, with a debug build of the native half`);
  const { out } = await run(`require("openclaw-sdk"); console.log(${LOADED_NATIVE})`, { flags: ["--input-type=commonjs"] });
  assert.equal(out, "false\n");
});

test("the platform's package is small enough, if it is built as it is shipped", { skip: process.env.PROFILE !== "sdk" }, () => {
  const platform = tarballs.find((path) => path !== tarball);
  assert.ok(existsSync(platform) && statSync(platform).size <= 3 * 2 ** 20, `${statSync(platform).size} bytes`);
});

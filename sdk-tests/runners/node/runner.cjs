// Makes the calls of the conformance suite with the Node SDK; see sdk-tests/README.md, "A runner".

const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");

const installed = createRequire(`${process.argv[2]}/package.json`);
const openclaw = installed("openclaw-sdk");

const KINDS = new Map([
  [openclaw.BadRequestError, "invalid_request_error"],
  [openclaw.AuthenticationError, "authentication_error"],
  [openclaw.PermissionDeniedError, "permission_error"],
  [openclaw.NotFoundError, "not_found_error"],
  [openclaw.ConflictError, "conflict_error"],
  [openclaw.RequestTooLargeError, "request_too_large"],
  [openclaw.RateLimitError, "rate_limit_error"],
  [openclaw.InternalServerError, "api_error"],
  [openclaw.ProviderError, "provider_error"],
  [openclaw.OverloadedError, "overloaded_error"],
  [openclaw.GatewayTimeoutError, "timeout_error"],
  [openclaw.APIStatusError, "unknown"],
  [openclaw.APIConnectionError, "connection"],
  [openclaw.APITimeoutError, "timeout"],
  [openclaw.APIInterruptedError, "interrupted"],
  [openclaw.APIDecodeError, "decode"],
  [openclaw.ConfigError, "config"],
  [openclaw.WebhookVerificationError, "webhook"],
]);
/** Calls that take no arguments but an id: `get(id, options)`. */
const OF_ID_ONLY = /^(agents\.(cancel|wait_for_completion)|(events|sessions|status|webhooks\.\w+)\.get|models\.list|skills\.list|\S+\.(delete|retry|revoke))$/;
/** What the caller owns, and what only a newer gateway knows: members that are not respelled. */
const OPAQUE = new Set(["new", "metadata", "arguments", "output_schema", "output_json", "approvals"]);

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const answer = { id: request.id };
    try {
      if (request.call.startsWith("webhook.") || request.call === "verify_webhook") answer.returns = webhook(request);
      else await call(request, answer);
    } catch (error) {
      answer.error = described(error);
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

async function call({ call, args, client: settings, options, page, take, response }, answer) {
  const { base_url: baseURL, api_key: apiKey, log, ...rest } = settings;
  const logging = log && { logLevel: log, logger: logger((answer.log = [])) };
  const client = new openclaw.OpenClawClient({ baseURL, apiKey, ...logging, ...spelled(rest) });
  const path = call.split(".").map(camel);
  const method = path.pop();
  const resource = path.reduce((object, name) => object[name], client);
  const { id, ...params } = args;
  const given = id === undefined ? [] : [id];
  if (!OF_ID_ONLY.test(call)) given.push(camelled(params));
  let result = resource[method](...given, spelled(options ?? {}));
  try {
    if (response) {
      const told = await result.withResponse();
      answer.response = seen(told);
      // What was waited for is as good as what is still to come.
      result = told.data;
    }
    if ((result instanceof openclaw.List && page) || result instanceof openclaw.ListPage) {
      const { data, hasMore, next } = await (result instanceof openclaw.ListPage ? result : result.page());
      answer.returns = snaked({ data, hasMore, next });
    } else if ([openclaw.List, openclaw.Starting, openclaw.Stream].some((kind) => result instanceof kind)) {
      await taken(result, take, answer);
    } else {
      answer.returns = snaked((await result) ?? null);
    }
  } finally {
    client.close();
  }
}

async function taken(result, take, answer) {
  answer.items = [];
  const source = result instanceof openclaw.Starting ? await result : result;
  if (take === 0) return source.close?.();
  for await (const item of source) {
    answer.items.push(snaked(item));
    if (answer.items.length === take) return;
  }
  if (source instanceof openclaw.ChatStream) answer.returns = snaked(await source.finalResponse());
}

function seen({ response, requestId }) {
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, request_id: requestId, retries: response.retries };
}

/** A logger that keeps what it is told. */
function logger(lines) {
  const told = (level) => (message, { durationMs, requestId, waitMs, ...fields }) => {
    lines.push({ level, message, duration_ms: durationMs, request_id: requestId, wait_ms: waitMs, ...fields });
  };
  return { debug: told("debug"), info: told("info"), warn: told("warn"), error: told("error") };
}

function webhook({ call, args }) {
  if (call === "verify_webhook") return openclaw.verifyWebhook(args.payload, args.signature, args.secret);
  const event = new openclaw.Webhook(args.secrets).verify(args.body, args.headers, args.now * 1000);
  return snaked({ id: event.id, event: event.event, timestamp: event.timestamp, data: event.data });
}

function described(error) {
  const told = { kind: KINDS.get(error.constructor) ?? "runner", message: error.message };
  for (const name of ["status", "code", "param"]) told[name] = error[name];
  told.body = typeof error.body === "object" ? JSON.stringify(error.body) : error.body; // Here it is decoded.
  if (told.kind === "runner") told.message = error.stack;
  return { ...told, request_id: error.requestId, retry_after_ms: error.retryAfterMs };
}

/** Settings, whose times are in milliseconds by name on the wire and by custom here. */
function spelled(settings) {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [camel(name.replace(/_ms$/, "")), value]));
}

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelled = (value) => respelled(value, camel);
const snaked = (value) => respelled(value, snake);

function respelled(value, spell) {
  if (Array.isArray(value)) return value.map((item) => respelled(item, spell));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, held]) => {
    return [spell(name), OPAQUE.has(spell(name)) || OPAQUE.has(name) ? held : respelled(held, spell)];
  });
  return Object.fromEntries(members);
}

main();

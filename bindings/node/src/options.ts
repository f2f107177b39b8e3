/** What a client is made with, and how one call is to go. */

import { ConfigError } from "./errors.js";
import type { Logger, LogLevel } from "./log.js";
import { native, type NativeClient, type NativeOptions } from "./native.js";
import { translated } from "./failure.js";

/** Headers of requests: an object, a `Headers`, or pairs. */
export type RequestHeaders = Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

/** What a client is made with; everything has a default. */
export interface ClientOptions {
  /** Where the gateway is; by default `OPENCLAW_BASE_URL`, else `http://localhost:3000`. */
  baseURL?: string | undefined;
  /** `oc_api_sk_…`; by default `OPENCLAW_API_KEY`. */
  apiKey?: string | undefined;
  /** The longest that a call may take, in milliseconds, retries included; for a stream, until its first byte. 600,000. */
  timeout?: number | undefined;
  /** The longest that connecting may take, in milliseconds, in each try. 5,000. */
  connectTimeout?: number | undefined;
  /** The longest silence of a stream that has begun, in milliseconds. 120,000. */
  idleTimeout?: number | undefined;
  /** How often a call is tried again at most. 2. */
  maxRetries?: number | undefined;
  /** Sent with every request. */
  headers?: RequestHeaders | undefined;
  /** The proxy's URL; `""` for none; by default what `HTTP_PROXY` and its kin say. */
  proxy?: string | undefined;
  /** Certificates to trust besides the machine's, in PEM. */
  ca?: string | Uint8Array | undefined;
  /** What `client.webhooks.unwrap` checks with, one or several; by default `OPENCLAW_WEBHOOK_SECRET`. */
  webhookSecret?: string | readonly string[] | undefined;
  /** How much is logged; by default `OPENCLAW_LOG`, else nothing. Never a key, nor what was said. */
  logLevel?: LogLevel | undefined;
  /** What is logged to; by default `console`. */
  logger?: Logger | undefined;
}

/** How one call is to go, where it differs from what its client was made with. */
export interface RequestOptions {
  /** The longest that the call may take, in milliseconds, retries included; for a stream, until its first byte. */
  timeout?: number | undefined;
  /** How often to try again at most; 0 for a single try. */
  maxRetries?: number | undefined;
  /** Headers to add, in place of the client's own of that name. */
  headers?: RequestHeaders | undefined;
  /** Ends the call, and hangs up, when it is aborted. */
  signal?: AbortSignal | null | undefined;
  /** Names the call, so that sending it twice, even from two processes, does it once; otherwise drawn at random. */
  idempotencyKey?: string | undefined;
}

/** Makes the native client of a JavaScript one. */
export function nativeClient(options: ClientOptions): NativeClient {
  const { Client, VERSION } = native();
  const versions: Readonly<Record<string, string | undefined>> = process.versions;
  const runtime = ["bun", "deno", "node"].find((name) => versions[name]) ?? "node";
  const settings = {
    userAgent: `openclaw-node/${VERSION} ${runtime}/${versions[runtime]} ${process.platform}-${process.arch}`,
    baseUrl: options.baseURL ?? variable("OPENCLAW_BASE_URL"),
    apiKey: options.apiKey ?? variable("OPENCLAW_API_KEY"),
    timeout: milliseconds("timeout", options.timeout),
    connectTimeout: milliseconds("connectTimeout", options.connectTimeout),
    idleTimeout: milliseconds("idleTimeout", options.idleTimeout),
    maxRetries: count("maxRetries", options.maxRetries),
    headers: pairs(options.headers),
    proxy: options.proxy,
    ca: typeof options.ca === "object" ? Buffer.from(options.ca).toString() : options.ca,
  };
  return translated(() => new Client(settings));
}

/** The options of a call over the defaults of its client. */
export function merged(defaults: RequestOptions, options: RequestOptions): RequestOptions {
  if (Object.keys(defaults).length === 0) return options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const headers = [...(pairs(defaults.headers) ?? []), ...(pairs(options.headers) ?? [])];
  return { ...defaults, ...Object.fromEntries(given), ...(headers.length > 0 ? { headers } : {}) };
}

/** The options of a call as the native half takes them. */
export function nativeOptions(
  { timeout, maxRetries, headers, idempotencyKey }: RequestOptions,
  log: NativeOptions["log"],
): NativeOptions | null {
  if (timeout === undefined && maxRetries === undefined && !headers && idempotencyKey === undefined && !log) return null;
  return {
    log,
    timeout: milliseconds("timeout", timeout),
    maxRetries: count("maxRetries", maxRetries),
    headers: pairs(headers),
    idempotencyKey,
  };
}

/** A variable of the environment; an empty one counts as absent. */
export function variable(name: string): string | undefined {
  // Read here and not by the native half, which cannot see what a worker has set for itself.
  return process.env[name] || undefined;
}

function pairs(headers: RequestHeaders | undefined): [string, string][] | undefined {
  if (!headers) return undefined;
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return entries.map(([name, value]) => [name, value]);
}

function milliseconds(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value >= 0) return value;
  throw new ConfigError(`\`${name}\` is in milliseconds, 0 or more; it is ${String(value)}`);
}

function count(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value < 2 ** 32)) return value;
  throw new ConfigError(`\`${name}\` is a whole number, 0 or more; it is ${String(value)}`);
}

/**
 * Finds and loads the native half, which comes in a package of its own for each platform.
 *
 * Where it cannot be loaded the error says what was tried and what the system answered to each, because "not found" is as
 * often a missing C library as a missing file.
 */

import { NativeModuleError } from "./errors.js";
import { libc, likelyPlatforms, packageName, platforms } from "./platform.js";

/** What the native half offers; see `native/` in the sources. */
export interface Native {
  readonly VERSION: string;
  readonly Client: new (settings: NativeSettings) => NativeClient;
  readonly Bridge: new (told: (outcomes: string) => void) => NativeBridge;
}

/** What a native client is made of. Times are in milliseconds. */
export interface NativeSettings {
  userAgent: string;
  baseUrl?: string | undefined;
  apiKey?: string | undefined;
  timeout?: number | undefined;
  connectTimeout?: number | undefined;
  idleTimeout?: number | undefined;
  maxRetries?: number | undefined;
  headers?: [string, string][] | undefined;
  proxy?: string | undefined;
  ca?: string | undefined;
}

/** How one call is to go. */
export interface NativeOptions {
  timeout?: number | undefined;
  maxRetries?: number | undefined;
  headers?: [string, string][] | undefined;
  idempotencyKey?: string | undefined;
  log?: "info" | "debug" | undefined;
}

/** One gateway and one key. */
export interface NativeClient {
  stream(operation: string, args: string, options: NativeOptions | null): NativeStream;
  takeLog(): string | null;
}

/** A streamed reply. */
export interface NativeStream {
  readonly requestId: string | null;
  readonly response: string | null;
  close(): void;
}

/** The way to the runtime's threads. */
export interface NativeBridge {
  call(client: NativeClient, token: number, operation: string, args: string, options: NativeOptions | null): void;
  cancel(token: number): void;
  next(stream: NativeStream, token: number): string | null;
}

let loaded: Native | undefined;

/** The native half, loaded at first use. */
export function native(): Native {
  return (loaded ??= load());
}

function load(): Native {
  const override = process.env["OPENCLAW_NATIVE_PATH"];
  const candidates = override ? [override] : likelyPlatforms().map(packageName);
  const causes: unknown[] = [];
  for (const candidate of candidates) {
    try {
      return require(candidate) as Native;
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new NativeModuleError(explained(candidates, causes), { cause: causes[0] });
}

/** What was tried, what came of it, and what to do. */
function explained(candidates: readonly string[], causes: readonly unknown[]): string {
  const here = [process.platform, process.arch, libc()].filter(Boolean).join(" ");
  const lines = [`the native half of openclaw-sdk could not be loaded on ${here}, Node ${process.version}`];
  candidates.forEach((candidate, at) => lines.push(`  ${candidate}: ${firstLine(causes[at])}`));
  if (candidates.length === 0) {
    lines.push(`  it is built for ${platforms.map((platform) => platform.name).join(", ")}`);
    lines.push("  build it from the sources and name the file in OPENCLAW_NATIVE_PATH");
  } else if (causes.every(isAbsent)) {
    lines.push("  the package is not installed: npm leaves it out with --omit=optional, or where the lockfile was");
    lines.push("  made on another platform; `npm install --include=optional openclaw-sdk` brings it");
  }
  return lines.join("\n");
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? "";
}

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
}

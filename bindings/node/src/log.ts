/** The log: what calls tell of themselves goes to a logger, as `logLevel` or `OPENCLAW_LOG` say. */

import type { NativeClient } from "./native.js";

/** How much is logged; `off`, `error` and `warn` are nothing, since what fails is thrown. */
export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

/** What is told of a request besides the message. */
export interface LogFields {
  /** Such as `POST`. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Which try of its call it is, from 1. */
  readonly attempt: number;
  /** When it happened. */
  readonly time: Date;
  /** The HTTP status, if an answer came. */
  readonly status?: number;
  /** How long it took; of a stream, to its beginning. */
  readonly durationMs?: number;
  /** The id of the request, to find it in the gateway's log. */
  readonly requestId?: string;
  /** Why it failed, in a word. */
  readonly error?: string;
  /** The wait before the next try. */
  readonly waitMs?: number;
}

/** What is logged to, such as `console`, pino or winston. */
export interface Logger {
  /** Told of each request when it is over, and that one will be tried again. */
  info(message: string, fields: LogFields): void;
  /** Told that a request is sent. */
  debug(message: string, fields: LogFields): void;
}

/** The lines that the native half keeps. */
interface Line {
  readonly level: "debug" | "info";
  readonly message: string;
  readonly time_ms: number;
  readonly duration_ms?: number;
  readonly request_id?: string;
  readonly wait_ms?: number;
  readonly method: string;
  readonly path: string;
  readonly attempt: number;
}

const toConsole: Logger = {
  info: (message) => console.info(`[openclaw] ${message}`),
  debug: (message) => console.debug(`[openclaw] ${message}`),
};

/** What a client logs to, and how much. */
export class Log {
  /** What the native half is to keep; nothing if nothing is logged. */
  readonly level: "info" | "debug" | undefined;
  readonly #logger: Logger;

  constructor(logger: Logger = toConsole, level: string | undefined) {
    this.level = level === "info" || level === "debug" ? level : undefined;
    this.#logger = logger;
  }

  /** Tells the logger what a client has kept. */
  tell(client: NativeClient): void {
    if (!this.level) return;
    const lines = client.takeLog();
    if (lines === null) return;
    for (const line of JSON.parse(lines) as Line[]) {
      const { level, message, time_ms, duration_ms, request_id, wait_ms, ...same } = line;
      const fields = { ...same, ...present({ durationMs: duration_ms, requestId: request_id, waitMs: wait_ms }) };
      this.#logger[level](message, { ...fields, time: new Date(time_ms) });
    }
  }
}

function present(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What can go wrong, as a tree of classes: catch as much of it as you mean. */

import type { AgentHandle } from "./agent.js";

/** The root of everything that this package throws. */
export class OpenClawError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true, writable: true });
  }
}

/** The client, or this call, is set up wrongly; nothing was sent. */
export class ConfigError extends OpenClawError {}

/** The native half of this package could not be loaded; `cause` is what the system said. */
export class NativeModuleError extends OpenClawError {}

/** A webhook request is not to be believed. */
export class WebhookVerificationError extends OpenClawError {
  /** Why; stable. */
  readonly code: WebhookProblem;

  constructor(code: WebhookProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What is wrong with a webhook request. */
export type WebhookProblem =
  | "empty_secret"
  | "missing_header"
  | "bad_timestamp"
  | "too_old"
  | "too_new"
  | "no_matching_signature"
  | "not_an_event";

/** An agent did not complete: it failed, was cancelled, or needs an answer. */
export class AgentFailedError extends OpenClawError {
  /** The agent as it stands: see its `status`, its `error`, and in `output` what it had found. */
  declare readonly agent: AgentHandle;

  constructor(message: string, agent: AgentHandle) {
    super(message);
    Object.defineProperty(this, "agent", { value: agent });
  }
}

/** What is known of a call that gave no reply. */
export interface APIErrorDetails extends ErrorOptions {
  /** The HTTP status. */
  readonly status?: number | null | undefined;
  /** The gateway's finer name of the failure. */
  readonly code?: string | null | undefined;
  /** The field of the request that was wrong. */
  readonly param?: string | null | undefined;
  /** The id of the request. */
  readonly requestId?: string | null | undefined;
  /** The wait before another try, in milliseconds. */
  readonly retryAfterMs?: number | null | undefined;
  /** The gateway's answer. */
  readonly body?: unknown;
}

/** A call gave no reply. Its message is for people: what was wrong and what to do. */
export class APIError extends OpenClawError {
  /** The HTTP status, if the gateway answered. */
  declare readonly status?: number;
  /** The gateway's finer name of the failure, such as `session_not_found`. */
  declare readonly code?: string;
  /** The field of the request that was wrong, such as `context.temperature`; spelled as on the wire. */
  declare readonly param?: string;
  /** The id of the request, to find it in the gateway's log. */
  declare readonly requestId?: string;
  /** The wait before another try that the gateway asked for, in milliseconds. */
  declare readonly retryAfterMs?: number;
  /** The gateway's answer: decoded JSON, else text; absent if none came. */
  declare readonly body?: unknown;

  constructor(message: string, details: APIErrorDetails = {}) {
    super(message, details.cause == null ? undefined : { cause: details.cause });
    if (details.status != null) this.status = details.status;
    if (details.code != null) this.code = details.code;
    if (details.param != null) this.param = details.param;
    if (details.requestId != null) this.requestId = details.requestId;
    if (details.retryAfterMs != null) this.retryAfterMs = details.retryAfterMs;
    // Not enumerable: it says again what the others say, and would fill logs.
    if (details.body != null) Object.defineProperty(this, "body", { value: details.body });
  }
}

/** The caller ended the call by its `signal`; `cause` is the signal's reason. Its `name` is `AbortError`. */
export class APIUserAbortError extends APIError {
  constructor(message: string, details: APIErrorDetails = {}) {
    super(message, details);
    Object.defineProperty(this, "name", { value: "AbortError", configurable: true, writable: true });
  }
}

/** No answer came: refused, reset, no such host, no trust in the certificate. */
export class APIConnectionError extends APIError {}

/** It took longer than this client allows. */
export class APITimeoutError extends APIConnectionError {}

/** An answer began and broke off. What came of it is not the whole reply. */
export class APIInterruptedError extends APIConnectionError {}

/** An answer came that is not what this call answers: another server, or one of another version. */
export class APIDecodeError extends APIError {}

/** The gateway answered, and the answer is a failure. */
export class APIStatusError extends APIError {
  declare readonly status: number;
}

/** 400: the request is wrong; `param` names the field. */
export class BadRequestError extends APIStatusError {}

/** 401: the API key is missing, unknown, expired or revoked. */
export class AuthenticationError extends APIStatusError {}

/** 403: the key may not do this. */
export class PermissionDeniedError extends APIStatusError {}

/** 404: there is no such thing in the key's workspace. */
export class NotFoundError extends APIStatusError {}

/** 409: it does not go with how things stand. */
export class ConflictError extends APIStatusError {}

/** 413: the body is larger than the gateway takes. */
export class RequestTooLargeError extends APIStatusError {}

/** 429: too many requests; `retryAfterMs` says how long to wait. */
export class RateLimitError extends APIStatusError {}

/** 500 and above: the gateway failed; its log has the cause under `requestId`. */
export class InternalServerError extends APIStatusError {}

/** 502: the model's vendor failed. */
export class ProviderError extends InternalServerError {}

/** 503: too much work at once, or shutting down. */
export class OverloadedError extends InternalServerError {}

/** 504: it took longer than the gateway allows. */
export class GatewayTimeoutError extends InternalServerError {}

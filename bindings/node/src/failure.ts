/** From a native failure to the error of its class. */

import * as errors from "./errors.js";

/** A failure as the native half tells it. */
export interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly body: string | null;
  readonly cause: string | null;
}

const classes = new Map<string, typeof errors.APIError>([
  ["invalid_request_error", errors.BadRequestError],
  ["authentication_error", errors.AuthenticationError],
  ["permission_error", errors.PermissionDeniedError],
  ["not_found_error", errors.NotFoundError],
  ["conflict_error", errors.ConflictError],
  ["request_too_large", errors.RequestTooLargeError],
  ["rate_limit_error", errors.RateLimitError],
  ["api_error", errors.InternalServerError],
  ["provider_error", errors.ProviderError],
  ["overloaded_error", errors.OverloadedError],
  ["timeout_error", errors.GatewayTimeoutError],
  ["unknown", errors.APIStatusError],
  ["connection", errors.APIConnectionError],
  ["timeout", errors.APITimeoutError],
  ["interrupted", errors.APIInterruptedError],
  ["decode", errors.APIDecodeError],
]);

/** The error that a failure is. */
export function errorOf(failure: Failure): errors.OpenClawError {
  if (failure.kind === "config") return new errors.ConfigError(failure.message);
  const Class = classes.get(failure.kind) ?? errors.APIError;
  const cause = failure.cause === null ? undefined : new Error(failure.cause);
  return new Class(failure.message, { ...failure, body: decoded(failure.body), cause });
}

/** Calls what may throw a native failure, and throws the error that it is. */
export function translated<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw thrown instanceof Error && thrown.message.startsWith('{"') ? errorOf(JSON.parse(thrown.message) as Failure) : thrown;
  }
}

/** The error of a call whose signal was aborted. */
export function aborted(signal: AbortSignal): errors.APIUserAbortError {
  return new errors.APIUserAbortError("the call was aborted by its signal", { cause: signal.reason as unknown });
}

function decoded(body: string | null): unknown {
  try {
    return body === null ? null : (JSON.parse(body) as unknown);
  } catch {
    return body;
  }
}

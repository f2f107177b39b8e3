/** `openclaw-sdk`: the client of the OpenClaw gateway. */

import { OpenClawClient } from "./client.js";

export { OpenClawClient };
export default OpenClawClient;
export { AgentHandle, type ResumeParams } from "./agent.js";
export {
  AgentFailedError,
  APIConnectionError,
  APIDecodeError,
  APIError,
  APIInterruptedError,
  APIStatusError,
  APITimeoutError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConfigError,
  ConflictError,
  GatewayTimeoutError,
  InternalServerError,
  NativeModuleError,
  NotFoundError,
  OpenClawError,
  OverloadedError,
  PermissionDeniedError,
  ProviderError,
  RateLimitError,
  RequestTooLargeError,
  WebhookVerificationError,
  type APIErrorDetails,
  type WebhookProblem,
} from "./errors.js";
export { List, ListPage } from "./list.js";
export type { LogFields, Logger, LogLevel } from "./log.js";
export type { ClientOptions, RequestHeaders, RequestOptions } from "./options.js";
export type { Reply } from "./reply.js";
export { APIResponse, type APIPromise, type WithResponse } from "./response.js";
export type { EventsParams, EventStreamParams } from "./resources/events.js";
export { ChatStream, EventStream, Starting, StartingChat, Stream } from "./stream.js";
export { verifyWebhook, Webhook, type WebhookHeaders } from "./webhook.js";
export type * from "./types.js";

/** `openclaw-sdk/webhooks`: checking webhook requests, without native code. */

export { OpenClawError, WebhookVerificationError, type WebhookProblem } from "./errors.js";
export type { EventData, EventName, KnownEvent, UnknownEvent, WebhookEvent } from "./types.js";
export { TOLERANCE_SECONDS, verifyWebhook, Webhook, type WebhookHeaders } from "./webhook.js";

/** `openclaw-sdk/webhooks` as an ES module: the very same classes, so that `instanceof` holds across both kinds. */

export { OpenClawError, TOLERANCE_SECONDS, verifyWebhook, Webhook, WebhookVerificationError } from "./webhooks.js";
export type * from "./webhooks.js";

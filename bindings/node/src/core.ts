/** What `openclaw-sdk` and `openclaw-sdk/webhooks` share; a file of its own in the package, so that they share it in fact. */

export * from "./convert.js";
export * from "./errors.js";
export * from "./webhook.js";

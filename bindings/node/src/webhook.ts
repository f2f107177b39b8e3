/**
 * Checking what a webhook receiver was sent. Needs no native code, so receivers at the edge can use it alone.
 *
 * A request carries `X-OpenClaw-Signature` over its body, which `verifyWebhook` checks, and the headers of Standard Webhooks
 * 1.0.0 over id, time and body, which `Webhook` checks.
 */

import { createHmac, timingSafeEqual } from "node:crypto";

import { fromWire } from "./convert.js";
import { WebhookVerificationError } from "./errors.js";
import type { WebhookEvent } from "./types.js";

/** How far the attempt's time may lie from the receiver's, in seconds, either way. */
export const TOLERANCE_SECONDS = 5 * 60;

/** Any framework's headers: Node's object, a `Headers`, or pairs. Their names may be in any case. */
export type WebhookHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

/**
 * Says whether a signature `sha256=<hex>` was made over that payload with that secret.
 *
 * Give it the raw body and the header `X-OpenClaw-Signature`. It takes the same time either way. It knows no time, so an old
 * request passes it again and again: {@link Webhook} does not have that gap.
 */
export function verifyWebhook(payload: string | Uint8Array, signature: string, secret: string): boolean {
  return secret !== "" && equal(`sha256=${hmac(secret, payload).toString("hex")}`, signature);
}

/**
 * Checks webhook requests whole: signature, age, event.
 *
 * @example
 * const webhook = new Webhook(process.env.WEBHOOK_SECRET);
 * app.post("/hook", express.raw({ type: "*\/*" }), (request, response) => {
 *   const event = webhook.verify(request.body, request.headers);
 *   response.sendStatus(204);
 * });
 */
export class Webhook {
  readonly #secrets: readonly string[];

  /** Takes the endpoint's secret, or several of which any will do while one is replaced. */
  constructor(secret: string | readonly string[] | undefined) {
    this.#secrets = typeof secret === "string" ? [secret] : [...(secret ?? [])];
    if (this.#secrets.length === 0 || this.#secrets.includes("")) {
      throw new WebhookVerificationError("empty_secret", "the webhook secret is empty; give the secret of the endpoint");
    }
  }

  /**
   * Gives the event, if the request is the gateway's and was made within 5 minutes of now.
   *
   * `body` is the raw body, not parsed JSON. `now` is in milliseconds since 1970, for tests. A gateway may send the same
   * event more than once: keep the ids of those already handled.
   *
   * @throws {WebhookVerificationError} If the request is not to be believed.
   */
  verify(body: string | Uint8Array, headers: WebhookHeaders, now: number = Date.now()): WebhookEvent {
    const given = lowered(headers);
    const [id, timestamp, listed] = [
      header(given, "webhook-id"),
      header(given, "webhook-timestamp"),
      header(given, "webhook-signature"),
    ];
    checkAge(timestamp, now);
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
    const expected = this.#secrets.flatMap(readings).map((key) => `v1,${hmac(key, signed).toString("base64")}`);
    // Each is compared with each, so that the time says nothing of which one matched.
    const matches = listed.split(" ").flatMap((one) => expected.map((other) => equal(other, one)));
    if (matches.includes(true)) return event(body);
    throw new WebhookVerificationError(
      "no_matching_signature",
      "no signature in `webhook-signature` matches; check the secret, and that the body is the raw bytes",
    );
  }
}

function header(headers: ReadonlyMap<string, string>, name: string): string {
  const value = headers.get(name);
  if (value) return value;
  throw new WebhookVerificationError("missing_header", `the header \`${name}\` is missing`);
}

function lowered(headers: WebhookHeaders): Map<string, string> {
  const entries: Iterable<readonly [string, string | readonly string[] | undefined]> =
    Symbol.iterator in headers ? (headers as Iterable<readonly [string, string]>) : Object.entries(headers);
  const map = new Map<string, string>();
  for (const [name, value] of entries) {
    if (value !== undefined) map.set(name.toLowerCase(), typeof value === "string" ? value : value.join(", "));
  }
  return map;
}

/** Without a sign, a blank or an exponent, so that the text that is signed has one reading. */
function checkAge(timestamp: string, now: number): void {
  const seconds = Number(timestamp);
  if (!/^\d+$/.test(timestamp) || !Number.isSafeInteger(seconds * 1000)) {
    throw new WebhookVerificationError("bad_timestamp", "the header `webhook-timestamp` is not in seconds since 1970");
  }
  const late = now / 1000 - seconds;
  if (late > TOLERANCE_SECONDS) {
    throw new WebhookVerificationError("too_old", `the request was made more than ${TOLERANCE_SECONDS} seconds ago`);
  }
  if (late < -TOLERANCE_SECONDS) {
    const what = `the request was made more than ${TOLERANCE_SECONDS} seconds from now; check this machine's clock`;
    throw new WebhookVerificationError("too_new", what);
  }
}

function event(body: string | Uint8Array): WebhookEvent {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw new WebhookVerificationError("not_an_event", "the body is signed but is no event", { cause });
  }
  if (!isEvent(value)) throw new WebhookVerificationError("not_an_event", "the body is signed but is no event");
  return fromWire<WebhookEvent>("WebhookEvent", value);
}

function isEvent(value: unknown): value is object {
  if (typeof value !== "object" || value === null || !("data" in value)) return false;
  const texts: readonly string[] = ["event", "timestamp", "id"];
  return texts.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === "string");
}

/** The keys that a secret may mean: its own bytes, and, as Standard Webhooks reads it, what it decodes to. */
function readings(secret: string): Buffer[] {
  const own = Buffer.from(secret);
  const encoded = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return [own];
  const decoded = Buffer.from(encoded, "base64");
  return decoded.length >= 24 && decoded.length <= 64 ? [own, decoded] : [own];
}

function hmac(key: string | Uint8Array, text: string | Uint8Array): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** In a time that depends on the lengths only, which are no secret. */
function equal(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

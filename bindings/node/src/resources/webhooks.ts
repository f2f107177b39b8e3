/** `client.webhooks`: who is told of events, what came of telling them, and whether a request is to be believed. */

import { toWire } from "../convert.js";
import type { List } from "../list.js";
import type { RequestOptions } from "../options.js";
import type { Reply } from "../reply.js";
import type { APIPromise } from "../response.js";
import type { Transport } from "../transport.js";
import type {
  CreatedEndpoint,
  CreateEndpointRequest,
  Delivery,
  DeliveryWithAttempts,
  Endpoint,
  EndpointWithQueue,
  ListDeliveriesParams,
  ListEndpointsParams,
  RecoverRequest,
  RecoverResponse,
  RetryDeliveriesRequest,
  RetryDeliveriesResponse,
  RotateSecretRequest,
  TestEndpointRequest,
  UpdateEndpointRequest,
  WebhookEvent,
} from "../types.js";
import { Webhook, type WebhookHeaders } from "../webhook.js";
import { Resource } from "./resource.js";

/** Webhooks: their endpoints, the deliveries to them, and the check of what a receiver was sent. */
export class Webhooks {
  /** The receivers of events. */
  readonly endpoints: Endpoints;
  /** Each event to each endpoint. */
  readonly deliveries: Deliveries;
  readonly #secret: string | readonly string[] | undefined;

  /** @internal */
  constructor(transport: Transport, secret: string | readonly string[] | undefined) {
    this.endpoints = new Endpoints(transport);
    this.deliveries = new Deliveries(transport);
    this.#secret = secret;
  }

  /**
   * Checks a webhook request whole, and gives its event; see {@link Webhook.verify}.
   *
   * Give it the raw body, not parsed JSON. Without `secret` it is the client's `webhookSecret`.
   *
   * @throws {WebhookVerificationError} If the request is not to be believed.
   */
  unwrap(body: string | Uint8Array, headers: WebhookHeaders, secret = this.#secret): WebhookEvent {
    return new Webhook(secret ?? []).verify(body, headers);
  }
}

/** The receivers of events. */
export class Endpoints extends Resource {
  /** Makes an endpoint. Its `secret`, made if you give none, is in this reply and nowhere else. */
  create(request: CreateEndpointRequest, options?: RequestOptions): APIPromise<Reply<CreatedEndpoint>> {
    const args = toWire("CreateEndpointRequest", request);
    return this.transport.call("webhooks.endpoints.create", args, "CreatedEndpoint", options);
  }

  /** Gets an endpoint by its id, `whe_…`, and what waits for it. */
  get(id: string, options?: RequestOptions): APIPromise<Reply<EndpointWithQueue>> {
    return this.transport.call("webhooks.endpoints.get", { id }, "EndpointWithQueue", options);
  }

  /** Lists the endpoints, newest first. */
  list(params: ListEndpointsParams = {}, options?: RequestOptions): List<Endpoint> {
    return this.transport.list("webhooks.endpoints.list", toWire("ListEndpointsParams", params), "EndpointPage", options);
  }

  /** Changes an endpoint; what is absent stays. `status: "disabled"` lets its deliveries wait. */
  update(id: string, change: UpdateEndpointRequest, options?: RequestOptions): APIPromise<Reply<Endpoint>> {
    const args = { ...toWire("UpdateEndpointRequest", change), id };
    return this.transport.call("webhooks.endpoints.update", args, "Endpoint", options);
  }

  /** Deletes an endpoint; what was not delivered yet never is. */
  delete(id: string, options?: RequestOptions): APIPromise<void> {
    return this.transport.done("webhooks.endpoints.delete", { id }, options);
  }

  /** Sends the endpoint a `webhook.test` event now, or a sample of another. */
  test(id: string, request: TestEndpointRequest = {}, options?: RequestOptions): APIPromise<Reply<DeliveryWithAttempts>> {
    const args = { ...toWire("TestEndpointRequest", request), id };
    return this.transport.call("webhooks.endpoints.test", args, "DeliveryWithAttempts", options);
  }

  /** Gives the endpoint a new secret; the old one goes on signing beside it, a day if you do not say. */
  rotateSecret(
    id: string,
    request: RotateSecretRequest = {},
    options?: RequestOptions,
  ): APIPromise<Reply<CreatedEndpoint>> {
    const args = { ...toWire("RotateSecretRequest", request), id };
    return this.transport.call("webhooks.endpoints.rotate_secret", args, "CreatedEndpoint", options);
  }

  /** Sends again what happened from `since` to `until` and was not received; times are RFC 3339. */
  recover(id: string, request: RecoverRequest, options?: RequestOptions): APIPromise<Reply<RecoverResponse>> {
    const args = { ...toWire("RecoverRequest", request), id };
    return this.transport.call("webhooks.endpoints.recover", args, "RecoverResponse", options);
  }
}

/** Each event to each endpoint. */
export class Deliveries extends Resource {
  /** Gets a delivery with its attempts, by its id, `dlv_…`. */
  get(id: string, options?: RequestOptions): APIPromise<Reply<DeliveryWithAttempts>> {
    return this.transport.call("webhooks.deliveries.get", { id }, "DeliveryWithAttempts", options);
  }

  /** Lists deliveries, newest first. */
  list(params: ListDeliveriesParams = {}, options?: RequestOptions): List<Delivery> {
    const args = toWire("ListDeliveriesParams", params);
    return this.transport.list("webhooks.deliveries.list", args, "DeliveryPage", options);
  }

  /** Sends a delivery again now. */
  retry(id: string, options?: RequestOptions): APIPromise<Reply<Delivery>> {
    return this.transport.call("webhooks.deliveries.retry", { id }, "Delivery", options);
  }

  /** Sends all deliveries again that match; while `hasMore`, ask again. Times are RFC 3339. */
  retryMatching(
    request: RetryDeliveriesRequest = {},
    options?: RequestOptions,
  ): APIPromise<Reply<RetryDeliveriesResponse>> {
    const args = toWire("RetryDeliveriesRequest", request);
    return this.transport.call("webhooks.deliveries.retry_matching", args, "RetryDeliveriesResponse", options);
  }
}

package openclaw

import (
	"context"
	"iter"
)

// WebhooksService knows who is told of events, and what came of telling them. To check what a receiver was sent, see
// [Webhook].
type WebhooksService struct {
	// The receivers.
	Endpoints *EndpointsService
	// Each event to each receiver.
	Deliveries *DeliveriesService
}

// EndpointsService knows the receivers of events.
type EndpointsService struct{ transport *transport }

// Create makes an endpoint. Its secret is shown this once.
func (s *EndpointsService) Create(
	ctx context.Context, request CreateEndpointRequest, options ...CallOption,
) (*CreatedEndpoint, error) {
	return call[CreatedEndpoint](ctx, s.transport, "webhooks.endpoints.create", request, options)
}

// List gives all endpoints, newest first, page by page.
func (s *EndpointsService) List(
	ctx context.Context, params ListEndpointsParams, options ...CallOption,
) iter.Seq2[Endpoint, error] {
	return list[Endpoint](ctx, s.transport, "webhooks.endpoints.list", params, options)
}

// ListPage gives one page of endpoints.
func (s *EndpointsService) ListPage(
	ctx context.Context, params ListEndpointsParams, options ...CallOption,
) (*Page[Endpoint], error) {
	return listPage[Endpoint](ctx, s.transport, "webhooks.endpoints.list", params, options)
}

// Get gets an endpoint by its id, `whe_…`.
func (s *EndpointsService) Get(ctx context.Context, id string, options ...CallOption) (*Endpoint, error) {
	return call[Endpoint](ctx, s.transport, "webhooks.endpoints.get", byID{id}, options)
}

// Update changes an endpoint; what is absent stays.
func (s *EndpointsService) Update(
	ctx context.Context, id string, request UpdateEndpointRequest, options ...CallOption,
) (*Endpoint, error) {
	arguments := struct {
		byID
		UpdateEndpointRequest
	}{byID{id}, request}
	return call[Endpoint](ctx, s.transport, "webhooks.endpoints.update", arguments, options)
}

// Delete removes an endpoint.
func (s *EndpointsService) Delete(ctx context.Context, id string, options ...CallOption) error {
	return do(ctx, s.transport, "webhooks.endpoints.delete", byID{id}, options)
}

// Test sends an endpoint the event `webhook.test`, or a sample of the event that the request names, whatever it subscribes
// to. The delivery tells what came of it.
func (s *EndpointsService) Test(
	ctx context.Context, id string, request TestEndpointRequest, options ...CallOption,
) (*DeliveryWithAttempts, error) {
	arguments := struct {
		byID
		TestEndpointRequest
	}{byID{id}, request}
	return call[DeliveryWithAttempts](ctx, s.transport, "webhooks.endpoints.test", arguments, options)
}

// RotateSecret gives an endpoint a new secret, which is shown this once. The old one signs beside it for a while.
func (s *EndpointsService) RotateSecret(
	ctx context.Context, id string, request RotateSecretRequest, options ...CallOption,
) (*CreatedEndpoint, error) {
	arguments := struct {
		byID
		RotateSecretRequest
	}{byID{id}, request}
	return call[CreatedEndpoint](ctx, s.transport, "webhooks.endpoints.rotate_secret", arguments, options)
}

// Recover sends an endpoint again what it missed.
func (s *EndpointsService) Recover(
	ctx context.Context, id string, request RecoverRequest, options ...CallOption,
) (*RecoverResponse, error) {
	arguments := struct {
		byID
		RecoverRequest
	}{byID{id}, request}
	return call[RecoverResponse](ctx, s.transport, "webhooks.endpoints.recover", arguments, options)
}

// DeliveriesService knows what came of telling an endpoint of an event.
type DeliveriesService struct{ transport *transport }

// List gives all deliveries, newest first, page by page.
func (s *DeliveriesService) List(
	ctx context.Context, params ListDeliveriesParams, options ...CallOption,
) iter.Seq2[Delivery, error] {
	return list[Delivery](ctx, s.transport, "webhooks.deliveries.list", params, options)
}

// ListPage gives one page of deliveries.
func (s *DeliveriesService) ListPage(
	ctx context.Context, params ListDeliveriesParams, options ...CallOption,
) (*Page[Delivery], error) {
	return listPage[Delivery](ctx, s.transport, "webhooks.deliveries.list", params, options)
}

// Get gets a delivery by its id, `dlv_…`, with every attempt at it.
func (s *DeliveriesService) Get(
	ctx context.Context, id string, options ...CallOption,
) (*DeliveryWithAttempts, error) {
	return call[DeliveryWithAttempts](ctx, s.transport, "webhooks.deliveries.get", byID{id}, options)
}

// Retry sends a delivery again.
func (s *DeliveriesService) Retry(ctx context.Context, id string, options ...CallOption) (*Delivery, error) {
	return call[Delivery](ctx, s.transport, "webhooks.deliveries.retry", byID{id}, options)
}

// RetryMatching sends again all deliveries that match what is given.
func (s *DeliveriesService) RetryMatching(
	ctx context.Context, request RetryDeliveriesRequest, options ...CallOption,
) (*RetryDeliveriesResponse, error) {
	return call[RetryDeliveriesResponse](ctx, s.transport, "webhooks.deliveries.retry_matching", request, options)
}

package openclaw

import (
	"context"
	"iter"
)

// EventsService knows what happened in this workspace.
type EventsService struct{ transport *transport }

// Get gets an event by its id, `evt_…`.
func (s *EventsService) Get(ctx context.Context, id string, options ...CallOption) (*Event, error) {
	return call[Event](ctx, s.transport, "events.get", byID{id}, options)
}

// List gives all stored events, oldest first, page by page.
func (s *EventsService) List(
	ctx context.Context, params ListEventsParams, options ...CallOption,
) iter.Seq2[Event, error] {
	return list[Event](ctx, s.transport, "events.list", params, options)
}

// ListPage gives one page of events.
func (s *EventsService) ListPage(
	ctx context.Context, params ListEventsParams, options ...CallOption,
) (*Page[Event], error) {
	return listPage[Event](ctx, s.transport, "events.list", params, options)
}

// Stream gives events as they happen, without end: leave the loop or cancel the context. A connection that breaks is
// taken up again after the last event that was given; [WithLastEventID] does that across processes.
func (s *EventsService) Stream(
	ctx context.Context, params StreamEventsParams, options ...CallOption,
) iter.Seq2[Event, error] {
	arguments := map[string]any{}
	if params.Events != "" {
		arguments["events"] = params.Events
	}
	return s.transport.events(ctx, "events.stream", arguments, options)
}

package openclaw

import (
	"context"
	"iter"
)

// SessionsService knows conversations.
type SessionsService struct{ transport *transport }

// Get gets a session by its id, the caller's own name for it.
func (s *SessionsService) Get(ctx context.Context, id string, options ...CallOption) (*Session, error) {
	return call[Session](ctx, s.transport, "sessions.get", byID{id}, options)
}

// List gives all sessions, newest first, page by page.
func (s *SessionsService) List(
	ctx context.Context, params ListSessionsParams, options ...CallOption,
) iter.Seq2[Session, error] {
	return list[Session](ctx, s.transport, "sessions.list", params, options)
}

// ListPage gives one page of sessions.
func (s *SessionsService) ListPage(
	ctx context.Context, params ListSessionsParams, options ...CallOption,
) (*Page[Session], error) {
	return listPage[Session](ctx, s.transport, "sessions.list", params, options)
}

// Update changes a session; what is absent stays.
func (s *SessionsService) Update(
	ctx context.Context, id string, request UpdateSessionRequest, options ...CallOption,
) (*Session, error) {
	arguments := struct {
		byID
		UpdateSessionRequest
	}{byID{id}, request}
	return call[Session](ctx, s.transport, "sessions.update", arguments, options)
}

// Delete removes a session and its messages.
func (s *SessionsService) Delete(ctx context.Context, id string, options ...CallOption) error {
	return do(ctx, s.transport, "sessions.delete", byID{id}, options)
}

// Messages gives all messages of a session, page by page.
func (s *SessionsService) Messages(
	ctx context.Context, id string, params ListMessagesParams, options ...CallOption,
) iter.Seq2[Message, error] {
	return list[Message](ctx, s.transport, "sessions.messages", messagesOf{byID{id}, params}, options)
}

// MessagesPage gives one page of a session's messages.
func (s *SessionsService) MessagesPage(
	ctx context.Context, id string, params ListMessagesParams, options ...CallOption,
) (*Page[Message], error) {
	return listPage[Message](ctx, s.transport, "sessions.messages", messagesOf{byID{id}, params}, options)
}

// byID is the argument of calls about one thing.
type byID struct {
	ID string `json:"id"`
}

type messagesOf struct {
	byID
	ListMessagesParams
}

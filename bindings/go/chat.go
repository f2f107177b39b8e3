package openclaw

import (
	"context"
	"iter"
)

// ChatService sends messages to models.
type ChatService struct{ transport *transport }

// Send sends a message and waits for the whole reply. A session remembers: the next message with the same SessionID goes
// on with the conversation.
func (s *ChatService) Send(ctx context.Context, request ChatRequest, options ...CallOption) (*ChatResponse, error) {
	return call[ChatResponse](ctx, s.transport, "chat.send", request, options)
}

// Stream sends a message, and gives the reply piece by piece as it comes. An error is the last thing that it gives.
//
// Ranging over it sends the message, so do that once. Leaving the loop hangs up, and the gateway stops the model. The whole
// reply, with model and usage, comes through [WithFinalResponse].
func (s *ChatService) Stream(
	ctx context.Context, request ChatRequest, options ...CallOption,
) iter.Seq2[ChatChunk, error] {
	return s.transport.chatChunks(ctx, request, options)
}

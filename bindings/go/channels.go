package openclaw

import "context"

// ChannelsService brings messages from channels that the gateway does not speak itself.
type ChannelsService struct{ transport *transport }

// Send brings a message of the channel of that name, such as "wechat", and waits for the whole reply. With the platform's id
// of the message as [WithIdempotencyKey], one that it repeats is answered once.
func (s *ChannelsService) Send(
	ctx context.Context, id string, request ChannelMessageRequest, options ...CallOption,
) (*ChatResponse, error) {
	arguments := struct {
		byID
		ChannelMessageRequest
	}{byID{id}, request}
	return call[ChatResponse](ctx, s.transport, "channels.send", arguments, options)
}

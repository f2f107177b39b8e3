package openclaw

import (
	"log/slog"
	"time"

	"github.com/openclaw/go-sdk/internal/native"
)

// ClientOption is a setting of a client.
type ClientOption interface{ applyToClient(*clientSettings) }

// CallOption is a setting of one call.
type CallOption interface{ applyToCall(*callSettings) }

// Option is a setting of a client, or of one call where it is to differ.
type Option interface {
	ClientOption
	CallOption
}

// WithTimeout bounds how long a call may take, retries included; a stream, until its first byte. 10 minutes if not set. A
// context with a deadline bounds it too, and a stream whole.
func WithTimeout(timeout time.Duration) Option {
	limit := milliseconds(timeout)
	return option{
		func(s *clientSettings) { s.native.TimeoutMs = limit },
		func(s *callSettings) { s.native.TimeoutMs = limit },
	}
}

// WithMaxRetries bounds how often a call is tried again where that may help: no connection, 408, 429, 5xx. 2 if not set.
// All tries of a call carry one Idempotency-Key, so that it is done once.
func WithMaxRetries(retries uint32) Option {
	return option{
		func(s *clientSettings) { s.native.MaxRetries = &retries },
		func(s *callSettings) { s.native.MaxRetries = &retries },
	}
}

// WithHTTPHeader sends a header with every request, in place of the client's own of that name.
func WithHTTPHeader(name, value string) Option {
	header := native.Header{Name: name, Value: value}
	return option{
		func(s *clientSettings) { s.native.Headers = append(s.native.Headers, header) },
		func(s *callSettings) { s.native.Headers = append(s.native.Headers, header) },
	}
}

// WithConnectTimeout bounds how long connecting may take, in each try. 5 seconds if not set.
func WithConnectTimeout(timeout time.Duration) ClientOption {
	limit := milliseconds(timeout)
	return clientOption(func(s *clientSettings) { s.native.ConnectTimeoutMs = limit })
}

// WithIdleTimeout bounds how long a stream that has begun may be silent. 2 minutes if not set.
func WithIdleTimeout(timeout time.Duration) ClientOption {
	limit := milliseconds(timeout)
	return clientOption(func(s *clientSettings) { s.native.IdleTimeoutMs = limit })
}

// WithProxy sends all requests through the proxy of that URL; empty: through none. If not set, HTTP_PROXY and its kin say.
func WithProxy(url string) ClientOption {
	return clientOption(func(s *clientSettings) { s.native.Proxy = &url })
}

// WithCACertificates trusts certificates, in PEM, besides those that the machine trusts.
func WithCACertificates(pem []byte) ClientOption {
	return clientOption(func(s *clientSettings) { s.native.CaPem = pem })
}

// WithLogger tells a logger, at the level Info, of every request when it is over: method, path, status, duration, attempt,
// request id; and that one will be tried again. At the level Debug also that one is sent. Never of a key or what was said.
func WithLogger(logger *slog.Logger) ClientOption {
	return clientOption(func(s *clientSettings) { s.logger = logger })
}

// WithIdempotencyKey names a call, so that sending it twice, even from two processes, does it once. If not set, one is
// drawn for each call.
func WithIdempotencyKey(key string) CallOption {
	return callOption(func(s *callSettings) { s.native.IdempotencyKey = &key })
}

// WithResponseInto fills response in with what the answer told beside its body: of a stream, that with which it began; of a
// list, that of the latest page; of a wait, the last one. A call that fails leaves it as it is.
func WithResponseInto(response *HTTPResponse) CallOption {
	return callOption(func(s *callSettings) { s.response, s.native.Response = response, true })
}

// WithFinalResponse fills response in when a stream of [ChatService.Stream] has ended well.
func WithFinalResponse(response *ChatResponse) CallOption {
	return callOption(func(s *callSettings) { s.final = response })
}

// WithLastEventID lets a stream of events go on after the event of that id.
func WithLastEventID(id string) CallOption {
	return callOption(func(s *callSettings) { s.lastEventID = id })
}

type clientSettings struct {
	native native.Settings
	logger *slog.Logger
}

type callSettings struct {
	native      native.CallOptions
	final       *ChatResponse
	lastEventID string
	response    *HTTPResponse
	// The id of a stream's request, once it has begun.
	requestID *string
}

type (
	clientOption func(*clientSettings)
	callOption   func(*callSettings)
	option       struct {
		clientOption
		callOption
	}
)

func (apply clientOption) applyToClient(settings *clientSettings) { apply(settings) }
func (apply callOption) applyToCall(settings *callSettings)       { apply(settings) }

// milliseconds rounds up, so that a short time is not none.
func milliseconds(duration time.Duration) *uint64 {
	whole := uint64(0)
	if duration > 0 {
		whole = uint64((duration-1)/time.Millisecond) + 1
	}
	return &whole
}

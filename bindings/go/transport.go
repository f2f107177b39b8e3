package openclaw

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/openclaw/go-sdk/internal/native"
)

// transport is the way to the gateway: a call names an operation of the Rust client and hands its arguments over as JSON.
type transport struct {
	// Nil if the client could not be made, for the reason broken.
	native *native.Client
	broken error
	logger *slog.Logger
}

// nothing is the reply of a call that has none.
type nothing struct{}

// call gives the reply to an operation with arguments, which make one JSON object.
func call[T any](
	ctx context.Context, t *transport, operation string, arguments any, options []CallOption,
) (*T, error) {
	reply, err := t.call(ctx, operation, arguments, options)
	if err != nil {
		return nil, err
	}
	value := new(T)
	if _, isNothing := any(value).(*nothing); isNothing {
		return value, nil
	}
	if err := decode([]byte(reply.Body), reply.RequestID, value); err != nil {
		return nil, err
	}
	return value, nil
}

// do is for calls that have no reply.
func do(ctx context.Context, t *transport, operation string, arguments any, options []CallOption) error {
	_, err := call[nothing](ctx, t, operation, arguments, options)
	return err
}

// decode reads a reply, and fills its Meta in.
func decode(body []byte, requestID *string, into any) error {
	id := ""
	if requestID != nil {
		id = *requestID
	}
	if err := json.Unmarshal(body, into); err != nil {
		return decodeError(err, id)
	}
	if reply, ok := into.(interface{ setMeta(string, json.RawMessage) }); ok {
		reply.setMeta(id, body)
	}
	return nil
}

func (t *transport) call(
	ctx context.Context, operation string, arguments any, options []CallOption,
) (native.RawReply, error) {
	encoded, settings, err := t.prepare(operation, arguments, options)
	if err != nil {
		return native.RawReply{}, err
	}
	reply, err := t.native.Call(ctx, operation, encoded, settings.native)
	t.log(ctx)
	settings.see(reply.Response)
	return reply, errorOf(err)
}

// prepare writes the arguments of a call, and refuses what cannot be sent.
func (t *transport) prepare(operation string, arguments any, options []CallOption) (string, callSettings, error) {
	var settings callSettings
	for _, option := range options {
		option.applyToCall(&settings)
	}
	settings.native.Log = t.logger != nil
	if t.broken != nil {
		return "", settings, t.broken
	}
	encoded, err := json.Marshal(arguments)
	if err != nil {
		return "", settings, configError("the arguments of " + operation + " cannot be written as JSON: " + err.Error())
	}
	return string(encoded), settings, nil
}

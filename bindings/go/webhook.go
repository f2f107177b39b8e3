package openclaw

import (
	"errors"
	"strings"
	"time"

	"github.com/openclaw/go-sdk/internal/native"
)

// VerifyWebhook is whether a signature `sha256=<hex>` was made over that payload with that secret: the raw body, and the
// header X-OpenClaw-Signature.
//
// It takes the same time either way. It knows no time, so an old request passes it again and again: [Webhook] does not have
// that gap.
func VerifyWebhook[P string | []byte](payload P, signature, secret string) bool {
	return native.VerifyWebhook([]byte(payload), signature, secret)
}

// Webhook checks webhook requests whole: signature, age, event. Any number of goroutines may use it at once.
type Webhook struct {
	// The clock, for tests; time.Now if nil.
	Now func() time.Time

	secrets []string
}

// WebhookError is why a webhook request is not to be believed.
type WebhookError struct {
	// A stable name: `missing_header`, `bad_timestamp`, `too_old`, `too_new`, `no_matching_signature`, `not_an_event`,
	// `empty_secret`.
	Code string
	// For people.
	Message string
}

// Error is the message.
func (e *WebhookError) Error() string { return "openclaw: " + e.Message }

// NewWebhook takes the endpoint's secret; or several, of which any will do while one is replaced.
func NewWebhook(secrets ...string) *Webhook { return &Webhook{secrets: secrets} }

// Verify gives the event, if the request is the gateway's and was made within 5 minutes of now. Else the error is a
// [*WebhookError].
//
// body is the raw body, header is the request's http.Header. A gateway may send the same event more than once: keep the ids
// of those already handled.
func (w *Webhook) Verify(body []byte, header map[string][]string) (*Event, error) {
	now := time.Now
	if w.Now != nil {
		now = w.Now
	}
	lowered := make(map[string]string, len(header))
	for name, values := range header {
		lowered[strings.ToLower(name)] = strings.Join(values, " ")
	}
	if err := native.CheckWebhook(w.secrets, body, lowered, now().UnixMilli()); err != nil {
		var refused *native.WebhookRefusalRefused
		if errors.As(err, &refused) {
			return nil, &WebhookError{Code: refused.Code, Message: refused.Message}
		}
		return nil, err
	}
	event := new(Event)
	if err := decode(body, nil, event); err != nil {
		return nil, &WebhookError{Code: "not_an_event", Message: err.Error()}
	}
	return event, nil
}

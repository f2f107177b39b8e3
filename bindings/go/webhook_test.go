package openclaw_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/go-sdk"
)

// vector is a request and what its receiver makes of it; see sdk-tests/README.md.
type vector struct {
	Name    string
	Request struct {
		Headers map[string]string
		Body    string
	}
	Receiver struct {
		Secrets []string
		Now     int64
	}
	Expected struct {
		Body     bool
		Unsigned bool
		Webhook  string
		Event    openclaw.EventName
	}
}

func TestVectors(t *testing.T) {
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(must(os.ReadFile("../../sdk-tests/vectors/webhook.json")), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 40 {
		t.Fatalf("there are only %d", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) { check(t, v) })
	}
}

func check(t *testing.T, v vector) {
	header, secret := http.Header{}, v.Receiver.Secrets[0]
	for name, value := range v.Request.Headers {
		header.Set(name, value)
	}
	signature, isThere := v.Request.Headers["x-openclaw-signature"]
	if got := isThere && openclaw.VerifyWebhook(v.Request.Body, signature, secret); got != v.Expected.Body {
		t.Errorf("the documented check says %v", got)
	}
	if got := isThere && openclaw.VerifyWebhook([]byte(v.Request.Body), signature, secret); got != v.Expected.Body {
		t.Errorf("of bytes it says %v", got)
	}
	receiver := openclaw.NewWebhook(v.Receiver.Secrets...)
	receiver.Now = func() time.Time { return time.Unix(v.Receiver.Now, 0) }
	event, err := receiver.Verify([]byte(v.Request.Body), header)
	var refused *openclaw.WebhookError
	switch {
	case errors.As(err, &refused):
		if refused.Code != v.Expected.Webhook || refused.Error() == "" {
			t.Errorf("got %v (%s), want %s", err, refused.Code, v.Expected.Webhook)
		}
	case err != nil || v.Expected.Webhook != "ok" || event.Event != v.Expected.Event:
		t.Errorf("got %+v, %v, want %s", event, err, v.Expected.Webhook)
	case string(event.RawJSON()) != v.Request.Body:
		t.Errorf("got %s", event.RawJSON())
	}
}

func TestAnEmptySecretIsRefused(t *testing.T) {
	for _, receiver := range []*openclaw.Webhook{
		openclaw.NewWebhook(), openclaw.NewWebhook(""), openclaw.NewWebhook("good", ""),
	} {
		_, err := receiver.Verify([]byte("{}"), http.Header{})
		var refused *openclaw.WebhookError
		if !errors.As(err, &refused) || refused.Code != "empty_secret" {
			t.Errorf("got %v", err)
		}
	}
	if openclaw.VerifyWebhook("{}", "sha256=", "") || openclaw.VerifyWebhook("\xff", "sha256=", "s") {
		t.Error("it was believed")
	}
}

func TestEndpointsAndDeliveries(t *testing.T) {
	client := ofGateway(t)
	created, err := client.Webhooks.Endpoints.Create(t.Context(), openclaw.CreateEndpointRequest{
		URL: "http://127.0.0.1:9/hook", Events: []string{"message.sent"},
	})
	if err != nil || !strings.HasPrefix(created.Secret, "whsec_") {
		t.Fatalf("got %+v, %v", created, err)
	}
	id := created.Endpoint.ID
	var tests []string
	for _, event := range []string{"", "message.received"} {
		test, err := client.Webhooks.Endpoints.Test(t.Context(), id, openclaw.TestEndpointRequest{Event: event})
		if err != nil || test.Event != "webhook.test" {
			t.Fatalf("got %+v, %v", test, err)
		}
		tests = append(tests, test.ID)
	}
	var refused *openclaw.APIError
	unknown := openclaw.TestEndpointRequest{Event: "message.sung"}
	if _, err := client.Webhooks.Endpoints.Test(t.Context(), id, unknown); !errors.As(err, &refused) ||
		refused.Code != "event_unknown" {
		t.Errorf("got %v", err)
	}
	for delivery, err := range client.Webhooks.Deliveries.List(t.Context(), openclaw.ListDeliveriesParams{EndpointID: id}) {
		if err != nil || !slices.Contains(tests, delivery.ID) {
			t.Errorf("got %+v, %v", delivery, err)
		}
	}
	status := openclaw.UpdateEndpointRequest{Status: openclaw.EndpointStatusDisabled}
	if endpoint, err := client.Webhooks.Endpoints.Update(t.Context(), id, status); err != nil ||
		endpoint.DisabledReason != openclaw.DisabledReasonRequested {
		t.Errorf("got %+v, %v", endpoint, err)
	}
	if err := client.Webhooks.Endpoints.Delete(t.Context(), id); err != nil {
		t.Error(err)
	}
}

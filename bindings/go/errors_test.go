package openclaw_test

import (
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/openclaw/go-sdk"
)

func TestEachKindOfFailureIsToldApart(t *testing.T) {
	for kind, expected := range map[string]struct {
		status int
		err    error
	}{
		"invalid_request_error": {400, openclaw.ErrInvalidRequest},
		"authentication_error":  {401, openclaw.ErrAuthentication},
		"permission_error":      {403, openclaw.ErrPermission},
		"not_found_error":       {404, openclaw.ErrNotFound},
		"conflict_error":        {409, openclaw.ErrConflict},
		"request_too_large":     {413, openclaw.ErrRequestTooLarge},
		"rate_limit_error":      {429, openclaw.ErrRateLimited},
		"api_error":             {500, openclaw.ErrInternal},
		"provider_error":        {502, openclaw.ErrProvider},
		"overloaded_error":      {503, openclaw.ErrOverloaded},
		"timeout_error":         {504, openclaw.ErrGatewayTimeout},
		"strange_error":         {418, openclaw.ErrUnknown},
	} {
		client, _ := standIn(t, failure(expected.status, kind, "a_code", http.Header{"Retry-After": {"7"}}))
		_, err := client.Status.Get(t.Context(), openclaw.WithMaxRetries(0))
		var failed *openclaw.APIError
		if !errors.Is(err, expected.err) || !errors.As(err, &failed) {
			t.Errorf("%s: got %v", kind, err)
			continue
		}
		if errors.Is(err, openclaw.ErrConfig) || failed.Timeout() {
			t.Errorf("%s is everything", kind)
		}
		if failed.StatusCode != expected.status || failed.Code != "a_code" || failed.Message != "said so" ||
			failed.Param != "message" || failed.RequestID != "req_standin" || failed.Body == "" ||
			failed.RetryAfter == nil || *failed.RetryAfter != 7*time.Second {
			t.Errorf("%s: got %+v", kind, failed)
		}
	}
}

func TestTheTextOfAnErrorTellsWhatIsKnown(t *testing.T) {
	_, err := ofGateway(t).Sessions.Get(t.Context(), "nobody")
	var failed *openclaw.APIError
	if !errors.As(err, &failed) || failed.RetryAfter != nil {
		t.Fatalf("got %v", err)
	}
	want := "openclaw: " + failed.Message + " (404 session_not_found, " + failed.RequestID + ")"
	if err.Error() != want {
		t.Errorf("got  %v\nwant %v", err, want)
	}
}

func TestFailuresWithoutAnAnswer(t *testing.T) {
	once := openclaw.WithMaxRetries(0)
	nobody := openclaw.NewClient("http://127.0.0.1:1", "k", once, openclaw.WithProxy(""))
	if _, err := nobody.Status.Get(t.Context()); !errors.Is(err, openclaw.ErrConnection) {
		t.Errorf("got %v", err)
	}
	slow := openclaw.ChatRequest{Message: "[[echo delay_ms=60000]] hi"}
	_, err := ofGateway(t).Chat.Send(t.Context(), slow, once, openclaw.WithTimeout(50*time.Millisecond))
	var timed interface{ Timeout() bool }
	if !errors.Is(err, openclaw.ErrTimeout) || !errors.As(err, &timed) || !timed.Timeout() {
		t.Errorf("got %v", err)
	}
	garbled, _ := standIn(t, answer{200, nil, "what?"})
	if _, err := garbled.Status.Get(t.Context()); !errors.Is(err, openclaw.ErrDecode) {
		t.Errorf("got %v", err)
	}
	wrong, _ := standIn(t, answer{200, nil, `{"version":5}`})
	if _, err := wrong.Status.Get(t.Context()); !errors.Is(err, openclaw.ErrDecode) {
		t.Errorf("got %v", err)
	}
	var opaque net.Error
	if errors.As(err, &opaque) {
		t.Errorf("%v is a net.Error, whose Temporary it does not know", err)
	}
}

func TestAClientThatIsSetUpWronglySaysSoInEveryCall(t *testing.T) {
	client := openclaw.NewClient("nonsense://", "k")
	if _, err := client.Status.Get(t.Context()); !errors.Is(err, openclaw.ErrConfig) {
		t.Errorf("got %v", err)
	}
	for _, err := range client.Chat.Stream(t.Context(), openclaw.ChatRequest{Message: "hi"}) {
		if !errors.Is(err, openclaw.ErrConfig) {
			t.Errorf("got %v", err)
		}
	}
	for _, err := range client.Models.List(t.Context()) {
		if !errors.Is(err, openclaw.ErrConfig) {
			t.Errorf("got %v", err)
		}
	}
	client.Close()

	unwritable := openclaw.ChatRequest{Message: "hi", Metadata: map[string]any{"k": func() {}}}
	if _, err := ofGateway(t).Chat.Send(t.Context(), unwritable); !errors.Is(err, openclaw.ErrConfig) {
		t.Errorf("got %v", err)
	}
}

func TestAClosedClientRefusesCalls(t *testing.T) {
	client := openclaw.NewClient(gateway.URL, gateway.Key)
	if _, err := client.Status.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	client.Close()
	client.Close()
	if _, err := client.Status.Get(t.Context()); !errors.Is(err, openclaw.ErrConfig) {
		t.Errorf("got %v", err)
	}
	for _, err := range client.Events.Stream(t.Context(), openclaw.StreamEventsParams{}) {
		if !errors.Is(err, openclaw.ErrConfig) {
			t.Errorf("got %v", err)
		}
	}
}

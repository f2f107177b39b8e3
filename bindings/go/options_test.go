package openclaw_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openclaw/go-sdk"
)

func TestOptionsOfACallAreSent(t *testing.T) {
	client, requests := standIn(t, answer{200, nil, `{"id":"msg_1"}`})
	_, err := client.Chat.Send(
		t.Context(), openclaw.ChatRequest{Message: "hi"},
		openclaw.WithIdempotencyKey("key-1"), openclaw.WithHTTPHeader("X-Team", "desk"),
	)
	got := requests()
	if err != nil || len(got) != 1 {
		t.Fatalf("got %v, %v", got, err)
	}
	header := got[0].header
	if got[0].route != "POST /api/v1/chat" || got[0].body != `{"message":"hi"}` {
		t.Errorf("got %+v", got[0])
	}
	if header.Get("Idempotency-Key") != "key-1" || header.Get("X-Team") != "desk" ||
		header.Get("Authorization") != "Bearer oc_api_sk_xxx" || !strings.Contains(header.Get("User-Agent"), " openclaw-go/") {
		t.Errorf("got %v", header)
	}
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	now := http.Header{"Retry-After": {"0"}}
	busy := failure(503, "overloaded_error", "shutting_down", now)
	client, requests := standIn(t, busy, busy, answer{200, nil, `{"content":"at last"}`})
	reply, err := client.Chat.Send(t.Context(), openclaw.ChatRequest{Message: "hi"})
	got := requests()
	if err != nil || reply.Content != "at last" || len(got) != 3 {
		t.Fatalf("got %v, %v, %v", reply, err, got)
	}
	if key := got[0].header.Get("Idempotency-Key"); key == "" || key != got[2].header.Get("Idempotency-Key") {
		t.Errorf("it was named %q, then %q", key, got[2].header.Get("Idempotency-Key"))
	}
	client, requests = standIn(t, busy)
	client.Chat.Send(t.Context(), openclaw.ChatRequest{Message: "hi"}, openclaw.WithMaxRetries(0))
	if got := requests(); len(got) != 1 {
		t.Errorf("it was tried %d times", len(got))
	}
}

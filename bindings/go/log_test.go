package openclaw_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/openclaw/go-sdk"
)

// logTo gives a logger and what it has written.
func logTo(level slog.Level) (*slog.Logger, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level})), log
}

func TestCallsAreLoggedWithoutWhatWasSaid(t *testing.T) {
	logger, log := logTo(slog.LevelDebug)
	client := ofGateway(t, openclaw.WithLogger(logger))
	client.Chat.Send(t.Context(), openclaw.ChatRequest{Message: "a secret"})
	for range client.Chat.Stream(t.Context(), openclaw.ChatRequest{Message: "a secret"}) {
	}
	client.Sessions.Get(t.Context(), "nobody")
	text := log.String()
	for part, count := range map[string]int{
		`level=DEBUG msg="POST /api/v1/chat: sent, attempt 1" method=POST path=/api/v1/chat attempt=1`: 2,
		`level=INFO msg="POST /api/v1/chat: 200 in `:                                                   2,
		`level=INFO msg="GET /api/v1/sessions/nobody: 404 session_not_found in `:                       1,
		"attempt=1 status=200 duration_ms=":                                                            2,
		"request_id=req_":                                                                              3,
		"error=session_not_found":                                                                      1,
	} {
		if got := strings.Count(text, part); got != count {
			t.Errorf("%s is there %d times, not %d, in:\n%s", part, got, count, text)
		}
	}
	if strings.Contains(text, "a secret") || strings.Contains(text, gateway.Key) {
		t.Errorf("it tells too much:\n%s", text)
	}
}

func TestAtTheLevelOfTheLoggerAndAfterClose(t *testing.T) {
	logger, log := logTo(slog.LevelInfo)
	client := openclaw.NewClient(gateway.URL, gateway.Key, openclaw.WithLogger(logger))
	client.Status.Get(t.Context())
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "GET /api/v1/status: 200 in ") {
		t.Errorf("got %s", text)
	}
	client.Close()
	if _, err := client.Status.Get(t.Context()); !errors.Is(err, openclaw.ErrConfig) {
		t.Errorf("got %v", err)
	}
}

func TestAReplyComesWithWhatItsAnswerTold(t *testing.T) {
	now := http.Header{"Retry-After": {"0"}}
	client, _ := standIn(t, failure(503, "overloaded_error", "busy", now), answer{200, http.Header{"X-Odd": {"a", "b"}}, `{}`})
	var response openclaw.HTTPResponse
	if _, err := client.Status.Get(t.Context(), openclaw.WithResponseInto(&response)); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 || response.RequestID != "req_standin" || response.Retries != 1 {
		t.Errorf("got %+v", response)
	}
	if odd := http.Header(response.Header).Values("x-odd"); len(odd) != 2 || response.Get("x-odd") != "a" {
		t.Errorf("got %v", response.Header)
	}
	failed := openclaw.HTTPResponse{}
	if _, err := client.Status.Get(t.Context(), openclaw.WithResponseInto(&failed)); err == nil || failed.StatusCode != 0 {
		t.Errorf("got %+v, %v", failed, err)
	}
}

func TestStreamsAndListsComeWithItToo(t *testing.T) {
	client := ofGateway(t)
	var response, page openclaw.HTTPResponse
	for _, err := range client.Chat.Stream(
		t.Context(), openclaw.ChatRequest{Message: "one two"}, openclaw.WithResponseInto(&response),
	) {
		if err != nil || !strings.HasPrefix(response.Get("Content-Type"), "text/event-stream") {
			t.Errorf("got %v, %v", response, err)
		}
	}
	for range client.Sessions.List(t.Context(), openclaw.ListSessionsParams{Limit: 1}, openclaw.WithResponseInto(&page)) {
		break
	}
	if !strings.HasPrefix(page.RequestID, "req_") || page.RequestID == response.RequestID {
		t.Errorf("got %v", page)
	}
}

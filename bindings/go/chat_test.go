package openclaw_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/openclaw/go-sdk"
)

func TestAMessageIsAnswered(t *testing.T) {
	reply, err := ofGateway(t).Chat.Send(t.Context(), openclaw.ChatRequest{SessionID: unique(t), Message: "你好 there"})
	if err != nil {
		t.Fatal(err)
	}
	if reply.Content != "你好 there" || reply.Usage.OutputTokens == 0 || reply.FinishReason != openclaw.FinishReasonStop {
		t.Errorf("got %+v", reply)
	}
	if !strings.HasPrefix(reply.RequestID, "req_") || !json.Valid(reply.RawJSON()) || reply.Timestamp.IsZero() {
		t.Errorf("got %q, %s", reply.RequestID, reply.RawJSON())
	}
}

func TestAReplyIsStreamed(t *testing.T) {
	client := ofGateway(t)
	var final openclaw.ChatResponse
	var pieces []string
	request := openclaw.ChatRequest{SessionID: unique(t), Message: "one two three"}
	for chunk, err := range client.Chat.Stream(t.Context(), request, openclaw.WithFinalResponse(&final)) {
		if err != nil {
			t.Fatal(err)
		}
		if chunk.SessionID != unique(t) || chunk.ID == "" {
			t.Errorf("got %+v", chunk)
		}
		pieces = append(pieces, chunk.Content)
	}
	if len(pieces) != 3 || strings.Join(pieces, "") != "one two three" {
		t.Errorf("got %q", pieces)
	}
	if final.Content != "one two three" || final.RequestID == "" || final.Usage.OutputTokens != 3 {
		t.Errorf("got %+v", final)
	}
}

func TestAStreamThatFailsGivesItsErrorLast(t *testing.T) {
	client, _ := standIn(t, answer{200, stream, "event: chunk\ndata: {\"id\":\"m\",\"session_id\":\"s\",\"content\":\"half\"}\n\n"})
	var final openclaw.ChatResponse
	var content string
	var last error
	for chunk, err := range client.Chat.Stream(
		t.Context(), openclaw.ChatRequest{Message: "hi"}, openclaw.WithFinalResponse(&final),
	) {
		content += chunk.Content
		last = err
	}
	if content != "half" || !errors.Is(last, openclaw.ErrInterrupted) || final.Content != "" {
		t.Errorf("got %q, %v, %+v", content, last, final)
	}
}

func TestAChunkOfAnotherFormIsADecodeError(t *testing.T) {
	client, _ := standIn(t, answer{200, stream, "event: chunk\ndata: {\"id\":7}\n\n"})
	for _, err := range client.Chat.Stream(t.Context(), openclaw.ChatRequest{Message: "hi"}) {
		var failed *openclaw.APIError
		if !errors.Is(err, openclaw.ErrDecode) || !errors.As(err, &failed) || failed.RequestID != "req_standin" {
			t.Errorf("got %v", err)
		}
	}
}

func TestEventsOfAStreamThatAreNewArePassedOver(t *testing.T) {
	client, _ := standIn(t, answer{200, stream, "event: thought\ndata: {}\n\nevent: done\ndata: {\"content\":\"x\",\"new\":1}\n\n"})
	var final openclaw.ChatResponse
	for chunk, err := range client.Chat.Stream(
		t.Context(), openclaw.ChatRequest{Message: "hi"}, openclaw.WithFinalResponse(&final),
	) {
		t.Errorf("got %+v, %v", chunk, err)
	}
	if final.Content != "x" || !strings.Contains(string(final.RawJSON()), `"new":1`) {
		t.Errorf("got %+v", final)
	}
}

var stream = http.Header{"Content-Type": {"text/event-stream"}}

func TestManyGoroutinesShareAClient(t *testing.T) {
	client := ofGateway(t)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range 5 {
				reply, err := client.Chat.Send(context.Background(), openclaw.ChatRequest{Message: "hi"})
				if err != nil || reply.Content != "hi" {
					t.Errorf("got %v, %v", reply, err)
				}
				content := ""
				for chunk, err := range client.Chat.Stream(context.Background(), openclaw.ChatRequest{Message: "a b"}) {
					if err != nil {
						t.Error(err)
					}
					content += chunk.Content
				}
				if content != "a b" {
					t.Errorf("got %q", content)
				}
			}
		})
	}
	all.Wait()
}

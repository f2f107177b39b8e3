// Command tour sends, streams, spawns and verifies: the tour of the Go SDK.
//
//	OPENCLAW_API_KEY=oc_api_sk_… go run .
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/openclaw/go-sdk"
)

// eventsOfTheTour are those of two messages, both received and answered, and one agent.
const eventsOfTheTour = 5

const patience = time.Minute

// A request is what the gateway told; it is checked at the end of the tour.
type request struct {
	body   []byte
	header http.Header
}

func main() {
	if err := tour(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func tour(ctx context.Context) error {
	requests := make(chan request, 64)
	receiver := httptest.NewServer(receive(requests))
	defer receiver.Close()
	client := openclaw.NewClient("", "") // OPENCLAW_BASE_URL and OPENCLAW_API_KEY
	defer client.Close()
	created, err := client.Webhooks.Endpoints.Create(ctx, openclaw.CreateEndpointRequest{
		URL:    receiver.URL + "/hook",
		Events: []string{"message.received", "message.sent", "agent.completed"},
	})
	if err != nil {
		return err
	}

	reply, err := client.Chat.Send(ctx, openclaw.ChatRequest{SessionID: "tour", Message: "Hello from the tour"})
	if err != nil {
		return err
	}
	fmt.Println("send   ", reply.Content)

	var pieces []string
	for chunk, err := range client.Chat.Stream(ctx, openclaw.ChatRequest{SessionID: "tour", Message: "one two three"}) {
		if err != nil {
			return err
		}
		if chunk.Content != "" {
			pieces = append(pieces, chunk.Content)
		}
	}
	fmt.Println("stream ", strings.Join(pieces, "|"))

	agent, err := client.Agents.Spawn(ctx, openclaw.SpawnAgentRequest{Task: "Count the planets", Timeout: 120})
	if err != nil {
		return err
	}
	result, err := agent.Wait(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("spawn   %s: %s\n", result.Status, result.Output)

	names, err := verified(openclaw.NewWebhook(created.Secret), requests)
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Println("verify ", name)
	}
	return client.Webhooks.Endpoints.Delete(ctx, created.Endpoint.ID)
}

func receive(requests chan<- request) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		requests <- request{body, r.Header}
		w.WriteHeader(http.StatusNoContent)
	}
}

// verified gives the names of the events that arrived, each checked, and what became of one that was changed on its way.
func verified(webhook *openclaw.Webhook, requests <-chan request) ([]string, error) {
	names := map[string]string{} // By id: an event may come twice.
	var latest request
	end := time.After(patience)
	for len(names) < eventsOfTheTour {
		select {
		case latest = <-requests:
		case <-end:
			return nil, errors.New("the events did not come")
		}
		event, err := webhook.Verify(latest.body, latest.header)
		if err != nil {
			return nil, err
		}
		names[event.ID] = string(event.Event)
	}
	var refused *openclaw.WebhookError
	if _, err := webhook.Verify(append(latest.body, ' '), latest.header); !errors.As(err, &refused) {
		return nil, errors.New("a changed body was believed")
	}
	sorted := make([]string, 0, len(names)+1)
	for _, name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return append(sorted, "a changed body is refused"), nil
}

package openclaw_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/openclaw/go-sdk"
)

func Example() {
	client := openclaw.NewClient("", "") // OPENCLAW_BASE_URL and OPENCLAW_API_KEY
	defer client.Close()

	reply, err := client.Chat.Send(context.Background(), openclaw.ChatRequest{
		SessionID: "example",
		Message:   "Hello",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Content)
	// Output: Hello
}

func ExampleChatService_Stream() {
	client := openclaw.NewClient("", "")
	defer client.Close()

	var whole openclaw.ChatResponse
	request := openclaw.ChatRequest{Message: "a story in five words"}
	for chunk, err := range client.Chat.Stream(context.Background(), request, openclaw.WithFinalResponse(&whole)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(chunk.Content)
	}
	fmt.Println(":", whole.Usage.OutputTokens, "tokens")
	// Output: a story in five words: 5 tokens
}

func ExampleSessionsService_List() {
	client := openclaw.NewClient("", "")
	defer client.Close()

	for session, err := range client.Sessions.List(context.Background(), openclaw.ListSessionsParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(session.ID, session.Title)
	}
}

func ExampleAgentsService_Spawn() {
	client := openclaw.NewClient("", "")
	defer client.Close()

	ctx := context.Background()
	agent, err := client.Agents.Spawn(ctx, openclaw.SpawnAgentRequest{Task: "Analyse the data", Timeout: 300})
	if err != nil {
		log.Fatal(err)
	}
	result, err := agent.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Output)
}

func ExampleAPIError() {
	client := openclaw.NewClient("", "")
	defer client.Close()

	_, err := client.Sessions.Get(context.Background(), "nobody")
	if errors.Is(err, openclaw.ErrNotFound) {
		fmt.Println("there is no such session")
	}
	var failed *openclaw.APIError
	if errors.As(err, &failed) {
		fmt.Println(failed.StatusCode, failed.Code)
	}
	// Output:
	// there is no such session
	// 404 session_not_found
}

func ExampleWebhook_Verify() {
	webhook := openclaw.NewWebhook("the endpoint's secret")
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		event, err := webhook.Verify(body, r.Header)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println("received", event.ID)
		w.WriteHeader(http.StatusNoContent)
	})

	forged := httptest.NewRequest("POST", "/webhooks/openclaw", strings.NewReader("{}"))
	answer := httptest.NewRecorder()
	receiver.ServeHTTP(answer, forged)
	fmt.Print(answer.Code, " ", answer.Body)
	// Output: 400 openclaw: the header `webhook-id` is missing
}

func ExampleVerifyWebhook() {
	payload, signature := `{"event":"webhook.test"}`, "sha256=0000"
	fmt.Println(openclaw.VerifyWebhook(payload, signature, "the endpoint's secret"))
	// Output: false
}

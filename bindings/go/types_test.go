package openclaw

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func ptr[T any](value T) *T { return &value }

// One sample of each event, and what it must give.
var samples = []struct {
	name EventName
	data string
	want EventData
}{
	{
		EventMessageReceived,
		`{"session_id":"user_123","message_id":"msg_abc456","content":"今天天气怎么样","channel":"telegram",
		  "user":{"id":"tg_user_789","username":"john_doe"}}`,
		MessageEvent{
			SessionID: "user_123", MessageID: "msg_abc456", Content: "今天天气怎么样", Channel: "telegram",
			User: &User{ID: "tg_user_789", Username: "john_doe"},
		},
	},
	{
		EventMessageSent,
		`{"session_id":"s","message_id":"m","content":"hi","channel":"api","reply_to":"m0","model":"echo",
		  "usage":{"input_tokens":1,"output_tokens":2},"metadata":{"k":"v"}}`,
		MessageEvent{
			SessionID: "s", MessageID: "m", Content: "hi", Channel: "api", ReplyTo: "m0", Model: "echo",
			Usage: &Usage{InputTokens: 1, OutputTokens: 2}, Metadata: map[string]any{"k": "v"},
		},
	},
	{EventAgentSpawned, agentJSON, agent},
	{EventAgentStarted, agentJSON, agent},
	{EventAgentStep, agentJSON, agent},
	{EventAgentRequiresAction, agentJSON, agent},
	{
		EventAgentCompleted,
		`{"agent_id":"agt_1","task":"look","model":"echo","output":"found"}`,
		AgentEvent{AgentID: "agt_1", Task: "look", Model: "echo", Output: "found"},
	},
	{
		EventAgentError,
		`{"agent_id":"agt_1","task":"look","model":"echo","error":{"code":"timeout","message":"too long"}}`,
		AgentEvent{
			AgentID: "agt_1", Task: "look", Model: "echo",
			Error: &FaultEvent{Code: "timeout", Message: "too long"},
		},
	},
	{
		EventSystemError,
		`{"code":"provider_down","message":"it does not answer"}`,
		FaultEvent{Code: "provider_down", Message: "it does not answer"},
	},
	{
		EventRateLimitExceeded,
		`{"key_id":"key_1","count":5000000000,"requests_per_minute":60}`,
		RateLimitEvent{KeyID: "key_1", Count: 5_000_000_000, RequestsPerMinute: 60},
	},
	{
		EventSessionCreated,
		`{"session_id":"s","channel":"api"}`,
		SessionEvent{SessionID: "s", Channel: "api"},
	},
	{
		EventEndpointDisabled,
		`{"endpoint_id":"whe_1","reason":"failing"}`,
		EndpointEvent{EndpointID: "whe_1", Reason: DisabledReasonFailing},
	},
	{
		EventWebhookTest,
		`{"endpoint_id":"whe_1","message":"hello"}`,
		WebhookTestEvent{EndpointID: "whe_1", Message: "hello"},
	},
	{"moon.landed", `{"crew":3}`, UnknownEventData(`{"crew":3}`)},
}

const agentJSON = `{"agent_id":"agt_1","task":"look","model":"echo","new_member":[1]}`

var agent = AgentEvent{AgentID: "agt_1", Task: "look", Model: "echo"}

func TestEveryEventDecodesToItsType(t *testing.T) {
	for _, sample := range samples {
		body := `{"event":"` + string(sample.name) + `","timestamp":"2026-04-17T01:20:00Z","data":` + sample.data +
			`,"id":"evt_1","signature":"sha256=xxx"}`
		var event Event
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			t.Fatal(sample.name, err)
		}
		if !event.Timestamp.Equal(time.Date(2026, 4, 17, 1, 20, 0, 0, time.UTC)) || event.Signature != "sha256=xxx" {
			t.Error(sample.name, "lost a member:", event)
		}
		got, err := event.Decode()
		if err != nil || !reflect.DeepEqual(got, sample.want) {
			t.Errorf("%s: got %#v, %v", sample.name, got, err)
		}
	}
}

func TestDataOfAnotherFormIsAnError(t *testing.T) {
	event := Event{Event: EventSystemError, Data: json.RawMessage(`{"code":5}`)}
	if _, err := event.Decode(); err == nil {
		t.Error("a number was taken for a text")
	}
}

// What is absent is left out; what is zero on purpose is sent.
func TestRequestsSendWhatWasSet(t *testing.T) {
	for want, request := range map[string]any{
		`{"message":"hi"}`: ChatRequest{Message: "hi"},
		`{"session_id":"s","message":"hi","context":{"temperature":0}}`: ChatRequest{
			SessionID: "s", Message: "hi", Context: &ChatContext{Temperature: ptr(0.0)},
		},
		`{}`:                                UpdateSessionRequest{},
		`{"title":""}`:                      UpdateSessionRequest{Title: ptr("")},
		`{"metadata":{"k":null}}`:           UpdateSessionRequest{Metadata: map[string]any{"k": nil}},
		`{"name":"n"}`:                      CreateKeyRequest{Name: "n"},
		`{"name":"n","scopes":[]}`:          CreateKeyRequest{Name: "n", Scopes: []Scope{}},
		`{"overlap_seconds":0}`:             RotateSecretRequest{OverlapSeconds: ptr(0)},
		`{"since":"2026-04-17T01:20:00Z"}`:  RecoverRequest{Since: time.Date(2026, 4, 17, 1, 20, 0, 0, time.UTC)},
		`{"endpoint_id":"whe_1","limit":5}`: ListDeliveriesParams{EndpointID: "whe_1", Limit: 5},
	} {
		if got, err := json.Marshal(request); err != nil || string(got) != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}

// Every whole reply has Meta, pages of any rows too, and Meta is never sent.
func TestRepliesKeepWhatCame(t *testing.T) {
	raw := json.RawMessage(`{"data":[{"id":"s","new":1}],"has_more":false}`)
	for _, reply := range []interface {
		setMeta(string, json.RawMessage)
	}{&ChatResponse{}, &Session{}, &Page[Session]{}, &Page[Event]{}, &CreatedKey{}, &Status{}} {
		reply.setMeta("req_1", raw)
	}
	var page Page[Session]
	if err := json.Unmarshal(raw, &page); err != nil {
		t.Fatal(err)
	}
	page.setMeta("req_1", raw)
	if page.RequestID != "req_1" || string(page.RawJSON()) != string(raw) || page.Data[0].ID != "s" {
		t.Errorf("%+v", page)
	}
	bare, _ := json.Marshal(CreatedKey{})
	if sent, err := json.Marshal(CreatedKey{Meta: page.Meta}); err != nil || string(sent) != string(bare) {
		t.Errorf("%s, %v", sent, err)
	}
}

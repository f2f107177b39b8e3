package openclaw_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/openclaw/go-sdk"
)

// agentJSON is an agent of that status, with more members.
func agentJSON(status, more string) string {
	return fmt.Sprintf(`{"id":"agt_1","status":%q,"task":"look","model":"echo","skills":[]%s}`, status, more)
}

func TestAnAgentIsSpawnedAndWaitedFor(t *testing.T) {
	client, requests := standIn(t,
		answer{202, nil, agentJSON("queued", "")},
		answer{200, nil, agentJSON("running", "")},
		answer{200, nil, agentJSON("completed", `,"output":"found","usage":{"steps":2}`)},
	)
	agent, err := client.Agents.Spawn(t.Context(), openclaw.SpawnAgentRequest{Task: "look", Timeout: 300})
	if err != nil || agent.Status != openclaw.AgentStatusQueued {
		t.Fatalf("got %+v, %v", agent, err)
	}
	result, err := agent.Wait(t.Context())
	if err != nil || result.Output != "found" || result.Usage.Steps != 2 || agent.Output != "" {
		t.Errorf("got %+v, %v", result, err)
	}
	got := requests()
	if got[0].route != "POST /api/v1/agents/spawn" || got[0].body != `{"task":"look","timeout":300}` {
		t.Errorf("got %+v", got[0])
	}
	if len(got) != 3 || !strings.HasPrefix(got[1].route, "GET /api/v1/agents/agt_1?wait=") {
		t.Errorf("got %+v", got)
	}
}

func TestAnAgentThatDidNotCompleteIsAnError(t *testing.T) {
	for status, expected := range map[string]struct{ more, text string }{
		"failed":          {`,"output":"half","error":{"code":"timeout","message":"too long"}`, "too long (timeout)"},
		"cancelled":       {"", "is cancelled"},
		"requires_action": {"", "needs an answer"},
	} {
		client, _ := standIn(t, answer{200, nil, agentJSON(status, expected.more)})
		agent, err := client.Agents.Handle("agt_1").Wait(t.Context())
		var failed *openclaw.AgentFailedError
		if !errors.As(err, &failed) || failed.Agent != agent || !strings.Contains(err.Error(), expected.text) {
			t.Errorf("%s: got %v", status, err)
		}
		if status == "failed" && agent.Output != "half" {
			t.Errorf("what it had found is %q", agent.Output)
		}
	}
}

func TestAHandleAsksAndTells(t *testing.T) {
	running := answer{200, nil, agentJSON("running", "")}
	rows := answer{200, nil, `{"data":[{"id":"agt_2","number":1,"kind":"model"}],"has_more":false}`}
	client, requests := standIn(t, running, running, running, rows, rows, rows,
		answer{200, nil, `{"done":true,"agents":[` + agentJSON("completed", "") + `]}`})
	agent := client.Agents.Handle("agt_1")
	for _, ask := range []func() (*openclaw.AgentHandle, error){
		func() (*openclaw.AgentHandle, error) { return agent.Refresh(t.Context()) },
		func() (*openclaw.AgentHandle, error) { return agent.Cancel(t.Context()) },
		func() (*openclaw.AgentHandle, error) {
			return agent.Input(t.Context(), openclaw.AgentInput{
				ActionID: "call_1", Decision: openclaw.AgentDecisionApprove,
			})
		},
	} {
		if now, err := ask(); err != nil || now.Status != openclaw.AgentStatusRunning {
			t.Errorf("got %+v, %v", now, err)
		}
	}
	for step, err := range agent.Steps(t.Context(), openclaw.ListAgentStepsParams{}) {
		if err != nil || step.Kind != openclaw.AgentStepKindModel {
			t.Errorf("got %+v, %v", step, err)
		}
	}
	for child, err := range agent.Children(t.Context(), openclaw.ListAgentChildrenParams{Limit: 5}) {
		if err != nil || child.ID != "agt_2" {
			t.Errorf("got %+v, %v", child, err)
		}
	}
	for known, err := range client.Agents.List(t.Context(), openclaw.ListAgentsParams{Status: "running"}) {
		if err != nil || known.ID != "agt_2" {
			t.Errorf("got %+v, %v", known, err)
		}
	}
	both, err := client.Agents.Wait(t.Context(), openclaw.WaitAgentsRequest{IDs: []string{"agt_1"}})
	if err != nil || !both.Done || both.Agents[0].ID != "agt_1" {
		t.Errorf("got %+v, %v", both, err)
	}
	var routes []string
	for _, request := range requests() {
		routes = append(routes, request.route+request.body)
	}
	want := []string{
		"GET /api/v1/agents/agt_1", "POST /api/v1/agents/agt_1/cancel{}",
		`POST /api/v1/agents/agt_1/input{"action_id":"call_1","decision":"approve"}`,
		"GET /api/v1/agents/agt_1/steps", "GET /api/v1/agents/agt_1/children?limit=5",
		"GET /api/v1/agents?status=running", `POST /api/v1/agents/wait{"ids":["agt_1"]}`,
	}
	if fmt.Sprint(routes) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", routes, want)
	}
}

func TestTheEventsOfAnAgentEndWithIt(t *testing.T) {
	told := func(id, name string) string {
		return fmt.Sprintf("id: %s\nevent: %s\ndata: {\"event\":%q,\"id\":%q,\"data\":{\"agent_id\":\"agt_1\"}}\n\n", id, name, name, id)
	}
	client, requests := standIn(t, answer{200, stream, told("evt_1", "agent.started") + told("evt_2", "agent.completed")})
	var names []openclaw.EventName
	for event, err := range client.Agents.Handle("agt_1").Events(t.Context(), openclaw.WithLastEventID("evt_0")) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, event.Event)
	}
	if fmt.Sprint(names) != "[agent.started agent.completed]" {
		t.Errorf("got %v", names)
	}
	if got := requests(); len(got) != 1 || got[0].header.Get("Last-Event-Id") != "evt_0" {
		t.Errorf("got %+v", got)
	}
}

func TestTheGatewayRunsAnAgent(t *testing.T) {
	client := ofGateway(t)
	agent, err := client.Agents.Spawn(t.Context(), openclaw.SpawnAgentRequest{Task: "look around", Model: "echo", Timeout: 30})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := agent.Wait(t.Context())
	if err != nil || ended.Output != "look around" || ended.Usage.Steps != 1 {
		t.Fatalf("got %+v, %v", ended, err)
	}
	var last openclaw.EventName
	for event, err := range ended.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		last = event.Event
	}
	if last != openclaw.EventAgentCompleted {
		t.Errorf("the last event is %s", last)
	}
	for step, err := range ended.Steps(t.Context(), openclaw.ListAgentStepsParams{}) {
		if err != nil || step.Content != "look around" {
			t.Errorf("got %+v, %v", step, err)
		}
	}
	slow, err := client.Agents.Spawn(t.Context(), openclaw.SpawnAgentRequest{Task: "[[echo delay_ms=60000]] hm", Timeout: 30})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	var failed *openclaw.AgentFailedError
	if _, err := slow.Wait(t.Context()); !errors.As(err, &failed) || failed.Agent.Status != openclaw.AgentStatusCancelled {
		t.Errorf("got %v", err)
	}
}

package openclaw_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/openclaw/go-sdk"
)

func TestAListGoesOverAllPages(t *testing.T) {
	client := ofGateway(t)
	want := map[string]bool{}
	for number := range 5 {
		id := fmt.Sprintf("%s_%d", unique(t), number)
		want[id] = true
		if _, err := client.Chat.Send(t.Context(), openclaw.ChatRequest{SessionID: id, Message: "hi"}); err != nil {
			t.Fatal(err)
		}
	}
	for session, err := range client.Sessions.List(t.Context(), openclaw.ListSessionsParams{Limit: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		if session.RequestID == "" || session.RawJSON() == nil {
			t.Errorf("got %+v", session)
		}
		delete(want, session.ID)
	}
	if len(want) != 0 {
		t.Errorf("%v are missing", want)
	}
	page, err := client.Sessions.ListPage(t.Context(), openclaw.ListSessionsParams{Limit: 2})
	if err != nil || len(page.Data) != 2 || !page.HasMore || page.Next == "" {
		t.Errorf("got %+v, %v", page, err)
	}
	after := openclaw.ListSessionsParams{Limit: 2, After: page.Next}
	for session, err := range client.Sessions.List(t.Context(), after) {
		if err != nil || session.ID == page.Data[0].ID || session.ID == page.Data[1].ID {
			t.Errorf("got %+v, %v", session, err)
		}
		break
	}
}

func TestAListThatGoesRoundInCirclesEnds(t *testing.T) {
	page := answer{200, nil, `{"data":[{"id":"a"}],"has_more":true,"next":"x"}`}
	client, requests := standIn(t, page, page, page)
	var last error
	rows := 0
	for _, err := range client.Sessions.List(t.Context(), openclaw.ListSessionsParams{}) {
		last = err
		rows++
	}
	if !errors.Is(last, openclaw.ErrDecode) || rows != 2 || len(requests()) != 2 {
		t.Errorf("got %d, %v", rows, last)
	}
}

func TestSessionsAreKeptChangedAndDeleted(t *testing.T) {
	client, id := ofGateway(t), unique(t)
	client.Chat.Send(t.Context(), openclaw.ChatRequest{SessionID: id, Message: "hi"})
	title := "A talk"
	session, err := client.Sessions.Update(t.Context(), id, openclaw.UpdateSessionRequest{
		Title: &title, Metadata: map[string]any{"ticket": 7},
	})
	if err != nil || session.Title != title || session.Metadata["ticket"] != 7.0 {
		t.Errorf("got %+v, %v", session, err)
	}
	var roles []openclaw.Role
	for message, err := range client.Sessions.Messages(t.Context(), id, openclaw.ListMessagesParams{Limit: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		roles = append(roles, message.Role)
	}
	if fmt.Sprint(roles) != "[user assistant]" {
		t.Errorf("got %v", roles)
	}
	page, err := client.Sessions.MessagesPage(t.Context(), id, openclaw.ListMessagesParams{Order: "desc"})
	if err != nil || page.Data[0].Role != openclaw.RoleAssistant {
		t.Errorf("got %+v, %v", page, err)
	}
	if err := client.Sessions.Delete(t.Context(), id); err != nil {
		t.Error(err)
	}
	if _, err := client.Sessions.Get(t.Context(), id); !errors.Is(err, openclaw.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestEventsAreFollowedFromWhereOneStopped(t *testing.T) {
	client, id := ofGateway(t), unique(t)
	client.Chat.Send(t.Context(), openclaw.ChatRequest{SessionID: id, Message: "one"})
	last := ""
	for event, err := range client.Events.List(t.Context(), openclaw.ListEventsParams{Events: "message.*"}) {
		if err != nil {
			t.Fatal(err)
		}
		last = event.ID
	}
	client.Chat.Send(t.Context(), openclaw.ChatRequest{SessionID: id, Message: "two"})
	params := openclaw.StreamEventsParams{Events: "message.received"}
	for event, err := range client.Events.Stream(t.Context(), params, openclaw.WithLastEventID(last)) {
		if err != nil {
			t.Fatal(err)
		}
		data, err := event.Decode()
		if told, ok := data.(openclaw.MessageEvent); err != nil || !ok || told.Content != "two" {
			t.Errorf("got %+v, %v", data, err)
		}
		break
	}
	if event, err := client.Events.Get(t.Context(), last); err != nil || event.ID != last {
		t.Errorf("got %+v, %v", event, err)
	}
}

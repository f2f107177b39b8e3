package openclaw_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/openclaw/go-sdk"
)

// How late a call may come back after its context has ended. A millisecond is what it takes; the rest is for a machine that
// is busy with other tests.
const late = 50 * time.Millisecond

func TestAContextEndsACallAtOnce(t *testing.T) {
	client := ofGateway(t)
	best := time.Hour
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		deadline, _ := ctx.Deadline()
		_, err := client.Chat.Send(ctx, openclaw.ChatRequest{Message: "[[echo delay_ms=60000]] hi"})
		best = min(best, time.Since(deadline))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
	}
	if best > late {
		t.Errorf("it came back %v late", best)
	}
	becomesIdle(t, client)
}

func TestAContextEndsAStreamAtOnce(t *testing.T) {
	client := ofGateway(t)
	best := time.Hour
	for range 5 {
		best = min(best, cancelAStream(t, client))
	}
	if best > late {
		t.Errorf("it came back %v late", best)
	}
	becomesIdle(t, client)
}

// cancelAStream tells how late a stream that has begun ends after its context is cancelled.
func cancelAStream(t *testing.T, client *openclaw.Client) time.Duration {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var cancelled time.Time
	var errs []error
	request := openclaw.ChatRequest{Message: "[[echo stall_after=1]] one two"}
	for _, err := range client.Chat.Stream(ctx, request) {
		errs = append(errs, err)
		if len(errs) == 1 {
			time.AfterFunc(50*time.Millisecond, func() {
				cancelled = time.Now()
				cancel()
			})
		}
	}
	took := time.Since(cancelled)
	if len(errs) < 2 || errs[0] != nil || !errors.Is(errs[len(errs)-1], context.Canceled) {
		t.Fatalf("got %v", errs)
	}
	return took
}

func TestLeavingTheLoopHangsUp(t *testing.T) {
	client := ofGateway(t)
	for range client.Chat.Stream(t.Context(), openclaw.ChatRequest{Message: "[[echo stall_after=1]] one two"}) {
		break
	}
	becomesIdle(t, client)
}

func TestAnEndedContextSendsNothing(t *testing.T) {
	client, requests := standIn(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Status.Get(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, err := range client.Chat.Stream(ctx, openclaw.ChatRequest{Message: "hi"}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	for _, err := range client.Sessions.List(ctx, openclaw.ListSessionsParams{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if got := requests(); len(got) != 0 {
		t.Errorf("it sent %v", got)
	}
}

// becomesIdle waits until the gateway answers nothing any more.
func becomesIdle(t *testing.T, client *openclaw.Client) {
	t.Helper()
	for range 250 {
		status, err := client.Status.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if status.TurnsRunning == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the gateway still works for nobody")
}

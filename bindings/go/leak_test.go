package openclaw_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/go-sdk"
)

// How many goroutines make calls at once.
const goroutines = 16

// Half of the calls and streams are cut off. OPENCLAW_LEAK_CALLS says how many there are; 4000 if not set.
func TestNothingIsLeft(t *testing.T) {
	count := 4000
	if text := os.Getenv("OPENCLAW_LEAK_CALLS"); text != "" {
		count = must(strconv.Atoi(text))
	}
	client := ofGateway(t)
	many(client, 1000) // Connections, threads and pools come to their size.
	before := used(t)
	many(client, count)
	after := used(t)
	for at := 0; after.exceeds(before) && at < 50; at++ {
		time.Sleep(100 * time.Millisecond)
		after = used(t)
	}
	t.Logf("before %+v, after %d calls %+v", before, count, after)
	if after.exceeds(before) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	becomesIdle(t, client)
}

// many makes calls and streams, from several goroutines.
func many(client *openclaw.Client, count int) {
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for number := range count / 16 {
				one(client, number)
			}
		})
	}
	all.Wait()
}

// one makes a call or a stream, which it cuts off every second time.
func one(client *openclaw.Client, number int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	switch number % 4 {
	case 0:
		client.Status.Get(ctx)
	case 1:
		time.AfterFunc(time.Duration(number%7)*300*time.Microsecond, cancel)
		client.Chat.Send(ctx, openclaw.ChatRequest{Message: "hi"})
	case 2:
		for range client.Events.List(ctx, openclaw.ListEventsParams{Limit: 1}) {
			break
		}
		client.Sessions.Get(ctx, "nobody")
	case 3:
		for range client.Chat.Stream(ctx, openclaw.ChatRequest{Message: "[[echo stall_after=1]] a b c"}) {
			if number%8 == 3 {
				cancel()
			} else {
				break
			}
		}
	}
}

// usage is what a process has.
type usage struct{ goroutines, threads, kilobytes int }

// Go keeps a thread for each goroutine that was once in C with all others; more than those is a leak.
func (u usage) exceeds(before usage) bool {
	return u.goroutines > before.goroutines+5 || u.threads > before.threads+goroutines ||
		u.kilobytes > before.kilobytes+16*1024
}

func used(t *testing.T) usage {
	runtime.GC()
	found := usage{goroutines: runtime.NumGoroutine()}
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("only Linux tells threads and memory in a file")
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		number, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		switch name {
		case "Threads":
			found.threads = must(strconv.Atoi(strings.TrimSpace(value)))
		case "VmRSS":
			found.kilobytes = must(strconv.Atoi(number))
		}
	}
	return found
}

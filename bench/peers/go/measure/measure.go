// Package measure tells what one SDK costs its process: CPU time a call or a chunk, against the stand-in.
//
// Each peer is a program: `PROGRAM CASE URL SECONDS` prints one JSON object: how many were made, and the CPU time of the
// process meanwhile.
package measure

import (
	"encoding/json"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// What every peer asks with.
const (
	Key   = "oc_api_sk_bench"
	Model = "gpt-4o-2024-08-06"
)

const (
	flat  = "[[standin chunks=500 bytes=4000]]"
	paced = "[[standin chunks=100 bytes=800 gap_us=20000]]"
)

// SDK is a client that can be measured.
type SDK interface {
	// Call sends a message and gives the reply's text.
	Call(message string) (string, error)
	// Read sends a message and gives the number of the reply's chunks.
	Read(message string) (int, error)
}

// Main runs the case that the command line names, with the SDK made for its URL.
func Main(open func(url string) SDK) {
	seconds, err := strconv.ParseFloat(os.Args[3], 64)
	check(err)
	sdk := open(os.Args[2])
	call := func() int {
		text, err := sdk.Call("hello")
		check(err)
		if text == "" {
			panic("an empty reply")
		}
		return 1
	}
	read := func(message string) func() int {
		return func() int {
			count, err := sdk.Read(message)
			check(err)
			return count
		}
	}
	steps := map[string]struct {
		atOnce int
		step   func() int
	}{
		"call":             {1, call},
		"in-flight-32":     {32, call},
		"stream":           {1, read(flat)},
		"paced-stream":     {1, read(paced)},
		"paced-streams-64": {64, read(paced)},
	}
	found, ok := steps[os.Args[1]]
	if !ok {
		panic("unknown case " + os.Args[1])
	}
	measured(found.atOnce, time.Duration(seconds*float64(time.Second)), found.step)
}

// measured runs a step for a second that does not count, then until the time is up.
func measured(atOnce int, window time.Duration, step func() int) {
	together(atOnce, time.Second, step)
	cpu, begin := cpuTime(), time.Now()
	count := together(atOnce, window, step)
	check(json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"count":   float64(count),
		"cpu_us":  float64((cpuTime() - cpu).Nanoseconds()) / 1e3,
		"seconds": time.Since(begin).Seconds(),
	}))
}

// together repeats a step in each of several goroutines.
func together(atOnce int, window time.Duration, step func() int) int64 {
	var count atomic.Int64
	var all sync.WaitGroup
	for end := time.Now().Add(window); atOnce > 0; atOnce-- {
		all.Go(func() {
			for time.Now().Before(end) {
				count.Add(int64(step()))
			}
		})
	}
	all.Wait()
	return count.Load()
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

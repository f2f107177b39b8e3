package PACKAGE

// #include "PACKAGE.h"
import "C"

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
)

// waiter is what a goroutine waits with. It is used again and again; its number is what Rust knows it by.
type waiter struct {
	number C.uint64_t
	// Holds one code: each poll is answered once.
	woken chan C.int8_t
}

var waiters struct {
	sync.Mutex
	all  []*waiter
	idle []*waiter
	// What Rust writes wake-ups into; held here so that it stays open.
	pipe *os.File
}

func takeWaiter() *waiter {
	waiters.Lock()
	defer waiters.Unlock()
	if last := len(waiters.idle) - 1; last >= 0 {
		taken := waiters.idle[last]
		waiters.idle = waiters.idle[:last]
		return taken
	}
	if waiters.pipe == nil {
		waiters.pipe = openPipe()
	}
	waiters.all = append(waiters.all, nil)
	made := &waiter{C.uint64_t(len(waiters.all)), make(chan C.int8_t, 1)}
	waiters.all[made.number-1] = made
	return made
}

func (w *waiter) giveBack() {
	waiters.Lock()
	defer waiters.Unlock()
	waiters.idle = append(waiters.idle, w)
}

// openPipe makes the pipe for wake-ups, and the goroutine that passes them on.
func openPipe() *os.File {
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(fmt.Sprint("PACKAGE: no pipe could be opened: ", err))
	}
	C.CRATE_wake_through(C.uintptr_t(writer.Fd()))
	go passWakeUps(reader)
	return writer
}

// passWakeUps reads messages of two numbers, the waiter's and the code, and wakes the waiters.
func passWakeUps(pipe *os.File) {
	var buffer [256 * 16]byte
	for {
		length, err := pipe.Read(buffer[:])
		if err != nil {
			panic(fmt.Sprint("PACKAGE: the pipe for wake-ups broke: ", err))
		}
		for message := buffer[:length]; len(message) > 0; message = message[16:] {
			number := binary.NativeEndian.Uint64(message)
			waiters.Lock()
			woken := waiters.all[number-1].woken
			waiters.Unlock()
			woken <- C.int8_t(binary.NativeEndian.Uint64(message[8:]))
		}
	}
}

// What polling a future gives.
const (
	pollPending = -1
	pollReady   = 0
)

// wait polls a future until it is ready. If the context ends before, it cancels the future and gives the context's error.
func wait(ctx context.Context, poll func(waiter C.uint64_t) C.int8_t, cancel func()) error {
	w := takeWaiter()
	defer w.giveBack()
	for {
		code := poll(w.number)
		if code == pollPending {
			select {
			case code = <-w.woken:
			case <-ctx.Done():
				cancel()
				<-w.woken
				return ctx.Err()
			}
		}
		if code == pollReady {
			return nil
		}
	}
}

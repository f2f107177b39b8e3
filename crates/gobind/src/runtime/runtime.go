package PACKAGE

// #include "PACKAGE.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ErrFreed is what a call on an object gives after its Free.
var ErrFreed = errors.New("PACKAGE: the object was freed")

// PanicError is a bug in the Rust library: it panicked.
type PanicError struct {
	// What it said.
	Message string
}

func (e *PanicError) Error() string { return "PACKAGE: panic in Rust: " + e.Message }

// What the status of a call says.
const (
	statusSuccess   = 0
	statusError     = 1
	statusPanic     = 2
	statusCancelled = 3
)

// failure is the error of a call that throws, if it did.
func failure[E error](status C.RustCallStatus, read func(*reader) E) error {
	if status.code == statusError {
		return lift(status.error_buf, read)
	}
	return bug(status)
}

// bug is the error of a call that does not throw: a panic, or its cancellation.
func bug(status C.RustCallStatus) error {
	switch status.code {
	case statusSuccess:
		return nil
	case statusCancelled:
		return context.Canceled
	default:
		return &PanicError{liftString(status.error_buf)}
	}
}

// must is for calls that have no error to give.
func must(status C.RustCallStatus) {
	if err := bug(status); err != nil {
		panic(err)
	}
}

// object is a handle of Rust's. It is freed once no call uses it and either Free or the collector asks for it.
type object struct {
	handle C.uint64_t
	drop   func(C.uint64_t)
	// One for the object itself until it is freed, one for each call under way.
	uses  atomic.Int64
	freed atomic.Bool
}

func newObject(handle C.uint64_t, drop func(C.uint64_t)) *object {
	made := &object{handle: handle, drop: drop}
	made.uses.Store(1)
	return made
}

// acquire keeps the handle from being freed until release; false if it was.
func (o *object) acquire() bool {
	for {
		uses := o.uses.Load()
		if uses == 0 || o.freed.Load() {
			return false
		}
		if o.uses.CompareAndSwap(uses, uses+1) {
			return true
		}
	}
}

func (o *object) release() {
	if o.uses.Add(-1) == 0 {
		o.drop(o.handle)
	}
}

func (o *object) free() {
	if o.freed.CompareAndSwap(false, true) {
		o.release()
	}
}

// handles are what Rust knows Go's values by. They are odd: Rust's own are even.
type handles[T any] struct {
	sync.RWMutex
	last   C.uint64_t
	values map[C.uint64_t]T
}

func (h *handles[T]) add(value T) C.uint64_t {
	h.Lock()
	defer h.Unlock()
	if h.values == nil {
		h.values = make(map[C.uint64_t]T)
	}
	h.last += 2
	handle := h.last - 1
	h.values[handle] = value
	return handle
}

func (h *handles[T]) get(handle C.uint64_t) T {
	h.RLock()
	defer h.RUnlock()
	return h.values[handle]
}

func (h *handles[T]) remove(handle C.uint64_t) {
	h.Lock()
	defer h.Unlock()
	delete(h.values, handle)
}

// recovered tells Rust of a panic in Go, which must not unwind through it.
func recovered(status *C.RustCallStatus) {
	if reason := recover(); reason != nil {
		unexpected(status, fmt.Sprint("panic in Go: ", reason))
	}
}

// thrown tells Rust of an error of a callback; of one that is not of the declared type, as a text.
func thrown[E error](status *C.RustCallStatus, err error, write func(*writer, E)) bool {
	if err == nil {
		return false
	}
	var declared E
	if errors.As(err, &declared) {
		status.code = statusError
		status.error_buf = buffered(declared, write)
	} else {
		unexpected(status, err.Error())
	}
	return true
}

func unexpected(status *C.RustCallStatus, message string) {
	status.code = statusPanic
	status.error_buf = C.go_buffer(textBytes(message))
}

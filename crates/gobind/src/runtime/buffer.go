package PACKAGE

// #include "PACKAGE.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unsafe"
)

// borrowed gives bytes to C for the time of a call.
func borrowed(bytes []byte) (*C.uint8_t, C.int32_t) {
	if len(bytes) > math.MaxInt32 {
		panic("PACKAGE: more than 2 GiB in one value")
	}
	return (*C.uint8_t)(unsafe.SliceData(bytes)), C.int32_t(len(bytes))
}

// textBytes gives a text to C for the time of a call. What is no UTF-8 is replaced: Rust relies on that.
func textBytes(text string) (*C.uint8_t, C.int32_t) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return borrowed(unsafe.Slice(unsafe.StringData(text), len(text)))
}

// written gives a value to C, as the bytes of a buffer.
func written[T any](value T, write func(*writer, T)) (*C.uint8_t, C.int32_t) {
	var w writer
	write(&w, value)
	return borrowed(w.bytes)
}

// buffered gives a value to Rust for good.
func buffered[T any](value T, write func(*writer, T)) C.RustBuffer {
	return C.go_buffer(written(value, write))
}

func lowerBool(truth bool) C.int8_t {
	if truth {
		return 1
	}
	return 0
}

// lift reads a value from a buffer and frees it.
func lift[T any](buffer C.RustBuffer, read func(*reader) T) T {
	defer freeBuffer(buffer)
	r := reader{contents(buffer)}
	value := read(&r)
	if len(r.bytes) != 0 {
		panic(fmt.Sprintf("PACKAGE: %d bytes are left of a value", len(r.bytes)))
	}
	return value
}

func liftString(buffer C.RustBuffer) string {
	defer freeBuffer(buffer)
	return string(contents(buffer))
}

func freeBuffer(buffer C.RustBuffer) {
	if buffer.capacity > 0 {
		C.go_free_buffer(buffer)
	}
}

// contents are the bytes of a buffer where Rust keeps them, until it is freed.
func contents(buffer C.RustBuffer) []byte {
	if buffer.len == 0 {
		return nil
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&buffer.data)), int(buffer.len))
}

// reader takes values from the bytes of a buffer. What is not there is a bug, and panics.
type reader struct{ bytes []byte }

func (r *reader) take(count int) []byte {
	taken := r.bytes[:count]
	r.bytes = r.bytes[count:]
	return taken
}

func (r *reader) takeLength() []byte { return r.take(int(readInt32(r))) }

func readUint8(r *reader) uint8     { return r.take(1)[0] }
func readInt8(r *reader) int8       { return int8(readUint8(r)) }
func readUint16(r *reader) uint16   { return binary.BigEndian.Uint16(r.take(2)) }
func readInt16(r *reader) int16     { return int16(readUint16(r)) }
func readUint32(r *reader) uint32   { return binary.BigEndian.Uint32(r.take(4)) }
func readInt32(r *reader) int32     { return int32(readUint32(r)) }
func readUint64(r *reader) uint64   { return binary.BigEndian.Uint64(r.take(8)) }
func readInt64(r *reader) int64     { return int64(readUint64(r)) }
func readFloat32(r *reader) float32 { return math.Float32frombits(readUint32(r)) }
func readFloat64(r *reader) float64 { return math.Float64frombits(readUint64(r)) }
func readBool(r *reader) bool       { return readUint8(r) != 0 }
func readString(r *reader) string   { return string(r.takeLength()) }
func readBytes(r *reader) []byte    { return append([]byte{}, r.takeLength()...) }

func readDuration(r *reader) time.Duration {
	seconds, nanoseconds := readUint64(r), readUint32(r)
	return time.Duration(seconds)*time.Second + time.Duration(nanoseconds)
}

func readTimestamp(r *reader) time.Time {
	seconds, nanoseconds := readInt64(r), int64(readUint32(r))
	if seconds < 0 {
		nanoseconds = -nanoseconds
	}
	return time.Unix(seconds, nanoseconds)
}

// readOptional is for what can be nil.
func readOptional[T any](r *reader, read func(*reader) T) (value T) {
	if readBool(r) {
		value = read(r)
	}
	return value
}

func readPointer[T any](r *reader, read func(*reader) T) *T {
	if !readBool(r) {
		return nil
	}
	value := read(r)
	return &value
}

func readSequence[T any](r *reader, read func(*reader) T) []T {
	values := make([]T, readInt32(r))
	for at := range values {
		values[at] = read(r)
	}
	return values
}

func readMap[K comparable, V any](r *reader, readKey func(*reader) K, readValue func(*reader) V) map[K]V {
	count := readInt32(r)
	values := make(map[K]V, count)
	for range count {
		key := readKey(r)
		values[key] = readValue(r)
	}
	return values
}

// writer puts values into the bytes of a buffer.
type writer struct{ bytes []byte }

func (w *writer) length(count int) {
	if count > math.MaxInt32 {
		panic("PACKAGE: more than 2 GiB in one value")
	}
	writeInt32(w, int32(count))
}

func writeUint8(w *writer, value uint8)     { w.bytes = append(w.bytes, value) }
func writeInt8(w *writer, value int8)       { writeUint8(w, uint8(value)) }
func writeUint16(w *writer, value uint16)   { w.bytes = binary.BigEndian.AppendUint16(w.bytes, value) }
func writeInt16(w *writer, value int16)     { writeUint16(w, uint16(value)) }
func writeUint32(w *writer, value uint32)   { w.bytes = binary.BigEndian.AppendUint32(w.bytes, value) }
func writeInt32(w *writer, value int32)     { writeUint32(w, uint32(value)) }
func writeUint64(w *writer, value uint64)   { w.bytes = binary.BigEndian.AppendUint64(w.bytes, value) }
func writeInt64(w *writer, value int64)     { writeUint64(w, uint64(value)) }
func writeFloat32(w *writer, value float32) { writeUint32(w, math.Float32bits(value)) }
func writeFloat64(w *writer, value float64) { writeUint64(w, math.Float64bits(value)) }
func writeBool(w *writer, value bool)       { writeInt8(w, int8(lowerBool(value))) }

func writeString(w *writer, value string) {
	value = strings.ToValidUTF8(value, "\uFFFD")
	w.length(len(value))
	w.bytes = append(w.bytes, value...)
}

func writeBytes(w *writer, value []byte) {
	w.length(len(value))
	w.bytes = append(w.bytes, value...)
}

// writeDuration writes what is negative as none: Rust knows no such thing.
func writeDuration(w *writer, value time.Duration) {
	value = max(value, 0)
	writeUint64(w, uint64(value/time.Second))
	writeUint32(w, uint32(value%time.Second))
}

func writeTimestamp(w *writer, value time.Time) {
	seconds, nanoseconds := value.Unix(), value.Nanosecond()
	if seconds < 0 && nanoseconds > 0 {
		seconds, nanoseconds = seconds+1, int(time.Second)-nanoseconds
	}
	writeInt64(w, seconds)
	writeUint32(w, uint32(nanoseconds))
}

// writeOptional is for what can be nil.
func writeOptional[T any](w *writer, value T, isNil bool, write func(*writer, T)) {
	writeBool(w, !isNil)
	if !isNil {
		write(w, value)
	}
}

func writePointer[T any](w *writer, value *T, write func(*writer, T)) {
	writeBool(w, value != nil)
	if value != nil {
		write(w, *value)
	}
}

func writeSequence[T any](w *writer, values []T, write func(*writer, T)) {
	w.length(len(values))
	for _, value := range values {
		write(w, value)
	}
}

func writeMap[K comparable, V any](w *writer, values map[K]V, writeKey func(*writer, K), writeValue func(*writer, V)) {
	w.length(len(values))
	for key, value := range values {
		writeKey(w, key)
		writeValue(w, value)
	}
}

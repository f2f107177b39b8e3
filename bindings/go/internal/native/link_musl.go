//go:build musl

package native

// #cgo LDFLAGS: -lm -lpthread
import "C"

import _ "github.com/openclaw/go-sdk/internal/native/musl"

//go:build !musl

package native

// #cgo linux LDFLAGS: -lm -ldl -lpthread
// #cgo darwin LDFLAGS: -framework CoreFoundation -framework Security
// #cgo windows LDFLAGS: -lws2_32 -luserenv -lntdll -lcrypt32 -lbcrypt -lsecur32
import "C"

import _ "github.com/openclaw/go-sdk/internal/native/lib"

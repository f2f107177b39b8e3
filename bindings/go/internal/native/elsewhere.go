//go:build cgo && !((linux || darwin || windows) && (amd64 || arm64))

package native

// The Go command says this where there is no library for a platform.
const _ = openclaw_has_no_library_for_this_platform__only_for_linux_darwin_windows_on_amd64_and_arm64

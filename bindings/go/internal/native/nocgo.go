//go:build !cgo

package native

// The Go command says this where it builds without cgo. Set CGO_ENABLED=1 and install a C compiler, such as gcc.
const _ = openclaw_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler

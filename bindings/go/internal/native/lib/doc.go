// Package lib is the Rust library for glibc, macOS and Windows: one object a platform, which the Go command links by its
// name. Nothing is in it but them.
package lib

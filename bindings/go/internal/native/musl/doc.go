// Package musl is the Rust library for Linux with musl, in place of package lib under the build tag musl.
package musl

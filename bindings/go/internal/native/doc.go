// Package native is the Rust client, through C: printed by crates/gobind of the crate beside this module. The library
// itself lies in the folder lib, for musl in the folder musl.
package native

//! The gateway, tried from outside.

fn main() {}

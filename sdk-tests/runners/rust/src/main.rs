//! The Rust client's runner: reads a request a line, makes the call, writes what came of it. See `sdk-tests/README.md`.
#![allow(clippy::print_stdout, reason = "its answers go to standard output")]

mod call;
mod log;
mod outcome;
mod request;

use std::io::{BufRead, Write};

use outcome::Outcome;
use request::Request;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lock().lines() {
        let outcome = match serde_json::from_str::<Request>(&line?) {
            Ok(request) => {
                let id = request.id;
                Outcome { id, ..call::make(request).await.unwrap_or_else(Outcome::of_runner) }
            }
            Err(error) => Outcome::of_runner(error.to_string()),
        };
        println!("{}", serde_json::to_string(&outcome)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}

//! The real program in a process of its own, with a folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A running `openclaw serve`; it is killed when the value is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) url: String,
}

impl Program {
    /// Starts the gateway in a folder and waits until it says where it listens.
    pub(crate) fn serve(folder: &Path) -> Self {
        Self::serve_with(folder, |_| {})
    }

    /// The same with variables of its own.
    pub(crate) fn serve_with(folder: &Path, prepare: impl FnOnce(&mut Command)) -> Self {
        let mut command = command(folder);
        prepare(&mut command);
        let mut child =
            command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("the program speaks");
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("a URL").to_owned();
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Self { child, url }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for the end and gives the exit code.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, kept away from the user's own folder.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    command.env("HOME", folder).env("OPENCLAW_HOME", folder.join(".openclaw")).env_remove("OPENCLAW_CONFIG");
    command
}

/// Writes the configuration of a folder.
pub(crate) fn configure(folder: &Path, yaml: &str) {
    std::fs::create_dir_all(folder.join(".openclaw")).expect("a folder");
    std::fs::write(folder.join(".openclaw/config.yaml"), yaml).expect("a file");
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().expect("the program runs")
}

/// What it printed.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

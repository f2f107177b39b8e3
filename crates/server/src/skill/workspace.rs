//! The folder of a workspace, where agents read and write files and out of which no path leads.
//!
//! A path is followed by `cap-std`, step by step below the open folder: `..`, absolute paths and symbolic links that
//! lead out are refused by the kernel, not by looking at the text. All of it runs on threads that may block.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::ToolOutput;
use crate::tasks::Tasks;

/// Every workspace's folder.
#[derive(Clone)]
pub(super) struct Workspaces {
    root: PathBuf,
    tasks: Tasks,
}

impl Workspaces {
    pub(super) fn new(root: PathBuf, tasks: Tasks) -> Self {
        Self { root, tasks }
    }

    /// Does something in a workspace's folder, which is made if it is not there. Dropping the future leaves it to run to
    /// its end unheard.
    pub(super) async fn work<F>(&self, workspace: &str, work: F) -> ToolOutput
    where
        F: FnOnce(&Dir) -> Result<ToolOutput, String> + Send + 'static,
    {
        let folder = self.root.join(folder_name(workspace));
        let outcome = self.tasks.block(move || {
            let folder = open(&folder).map_err(|error| {
                tracing::error!(folder = %folder.display(), %error, "a workspace's folder cannot be opened");
                "the workspace's folder cannot be opened; the operator's log says why".to_owned()
            });
            folder.and_then(|folder| work(&folder)).unwrap_or_else(ToolOutput::error)
        });
        outcome.await.unwrap_or_else(|panicked| ToolOutput::error(panicked.to_string()))
    }
}

/// Reads a file of at most that many bytes.
pub(super) fn read(folder: &Dir, path: &str, bytes_max: usize) -> Result<String, String> {
    let told = |error: &io::Error| why(path, error);
    // Asked first: to open a pipe would wait for somebody who writes into it.
    let metadata = folder.metadata(path).map_err(|error| told(&error))?;
    if !metadata.is_file() {
        return Err(format!("`{path}` is not a file"));
    }
    let too_long = || format!("`{path}` has {} bytes; at most {bytes_max} can be read", metadata.len());
    if metadata.len() > bytes_max as u64 {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    let file = folder.open(path).map_err(|error| told(&error))?;
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(|error| told(&error))?;
    if bytes.len() > bytes_max {
        return Err(too_long());
    }
    String::from_utf8(bytes).map_err(|_| format!("`{path}` is not text in UTF-8"))
}

/// What the model is told of a failure; never a path outside of the folder.
pub(super) fn why(path: &str, error: &io::Error) -> String {
    let is_escape = error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none();
    match error.kind() {
        _ if Path::new(path).is_absolute() || is_escape => {
            format!("`{path}` leads out of the folder that you may use: give a path inside it, such as notes/today.md")
        }
        ErrorKind::NotFound => format!("there is no `{path}`"),
        ErrorKind::NotADirectory => format!("a part of `{path}` is a file, not a folder"),
        ErrorKind::IsADirectory => format!("`{path}` is a folder"),
        kind => format!("`{path}`: {kind}"),
    }
}

/// The name of a workspace's folder: as it is where that is safe, else with every other byte as `%XX`.
fn folder_name(workspace: &str) -> String {
    let mut name = String::new();
    for byte in workspace.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    name
}

fn open(folder: &Path) -> io::Result<Dir> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    Dir::open_ambient_dir(folder, ambient_authority())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_workspace_leads_elsewhere() {
        assert_eq!(folder_name("default"), "default");
        assert_eq!(folder_name("Team_1-a"), "Team_1-a");
        assert_eq!(folder_name(".."), "%2E%2E");
        assert_eq!(folder_name("a/../b"), "a%2F%2E%2E%2Fb");
        assert_eq!(folder_name("销售"), "%E9%94%80%E5%94%AE");
    }
}

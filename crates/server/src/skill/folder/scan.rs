//! Looks for `SKILL.md` folders, within bounds, and tells one state of a folder from another.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Folder;
use super::head;

/// What makes a folder a skill.
const FILE: &str = "SKILL.md";

/// How many folders deep it is looked: `skills/vendor/collection/one`.
const DEPTH_MAX: usize = 4;

/// The most folders that are looked into.
const FOLDERS_MAX: usize = 2000;

/// The most skills.
const SKILLS_MAX: usize = 500;

/// The most bytes of a file, and of a whole folder for its hash.
pub(super) const FILE_BYTES_MAX: u64 = 1024 * 1024;
const FOLDER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The most files of a folder.
pub(super) const FILES_MAX: usize = 1000;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) folders: BTreeMap<String, Folder>,
    /// What was left out or is odd, a sentence each.
    pub(super) warnings: Vec<String>,
}

/// Looks into the roots in their order; of two skills with one name the first counts.
pub(super) fn scan(roots: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut looked_into = 0;
    for root in roots {
        let mut waiting = VecDeque::from([(root.clone(), 0)]);
        while let Some((folder, depth)) = waiting.pop_front() {
            looked_into += 1;
            if looked_into > FOLDERS_MAX || found.folders.len() == SKILLS_MAX {
                found.warnings.push(format!("there is more in {} than is looked at", root.display()));
                return found;
            }
            if depth > 0 && folder.join(FILE).is_file() {
                found.add(&folder);
            } else if depth < DEPTH_MAX {
                waiting.extend(subfolders(&folder).into_iter().map(|folder| (folder, depth + 1)));
            }
        }
    }
    found
}

/// SHA-256 in hex over the paths and contents of a folder's files.
pub(super) fn hash(folder: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    for file in files(folder)? {
        let mut content = Vec::new();
        std::fs::File::open(folder.join(&file))?.take(FOLDER_BYTES_MAX - bytes).read_to_end(&mut content)?;
        bytes += content.len() as u64;
        for part in [file.as_bytes(), &content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    let mut hex = String::new();
    for byte in hasher.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

/// The files of a skill's folder by their relative paths, sorted; links and hidden ones are left out.
pub(super) fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut waiting = VecDeque::from([(folder.to_owned(), 0)]);
    while let Some((next, depth)) = waiting.pop_front() {
        for entry in std::fs::read_dir(&next)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            let Some(relative) = path.strip_prefix(folder).ok().and_then(Path::to_str) else { continue };
            if is_hidden || files.len() + waiting.len() >= FILES_MAX {
                continue;
            }
            if kind.is_dir() && depth < DEPTH_MAX {
                waiting.push_back((path.clone(), depth + 1));
            } else if kind.is_file() {
                files.push(relative.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Folders in a folder, sorted by name; none if it cannot be read, since a root need not exist.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_shown = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| !name.starts_with('.') && name != "node_modules")
    };
    let paths = entries.take(FOLDERS_MAX).filter_map(|entry| Some(entry.ok()?.path()));
    let mut folders: Vec<_> = paths.filter(|path| is_shown(path) && path.is_dir()).collect();
    folders.sort();
    folders
}

impl Found {
    fn add(&mut self, folder: &Path) {
        let warn = |why: &str| format!("the skill in {} {why}", folder.display());
        match read(folder) {
            Ok((skill, oddity)) => {
                self.warnings.extend(oddity.map(|why| warn(&why)));
                if let Some(first) = self.folders.get(&skill.name) {
                    let first = first.path.display();
                    self.warnings.push(warn(&format!("is passed over: {first} has the name {} too", skill.name)));
                } else {
                    self.folders.insert(skill.name.clone(), skill);
                }
            }
            Err(why) => self.warnings.push(warn(&format!("is left out: {why}"))),
        }
    }
}

/// The skill in a folder, and what is odd about it.
fn read(folder: &Path) -> Result<(Folder, Option<String>), String> {
    let mut text = String::new();
    let file = std::fs::File::open(folder.join(FILE)).map_err(|error| error.to_string())?;
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let head = head::read(&text)?;
    let called = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (name, oddity) = match head.name {
        Some(name) if name == called => (name, None),
        Some(name) => (name.clone(), Some(format!("is called {name}, unlike its folder"))),
        None if head::is_name(called) => {
            (called.to_owned(), Some("has no name that can be granted in its head; its folder's is taken".into()))
        }
        None => return Err("neither its head nor its folder has a name of small letters, digits and hyphens".into()),
    };
    let folder =
        Folder { name, description: head.description, allowed_tools: head.allowed_tools, path: folder.to_owned() };
    Ok((folder, oddity))
}

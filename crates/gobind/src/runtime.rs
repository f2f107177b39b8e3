//! The part of the package that is the same for every library: calls and objects, waiting, buffers.

use crate::library::Library;
use crate::{File, MARK};

/// The files, in which `PACKAGE` and `CRATE` stand for names.
const FILES: [(&str, &str); 3] = [
    ("runtime.go", include_str!("runtime/runtime.go")),
    ("wait.go", include_str!("runtime/wait.go")),
    ("buffer.go", include_str!("runtime/buffer.go")),
];

/// The files, with the package's name and the library's prefix.
pub(crate) fn print_all(library: &Library, package: &str) -> impl Iterator<Item = File> {
    FILES.into_iter().map(move |(name, text)| {
        let text = text.replace("PACKAGE", package).replace("CRATE", library.crate_name());
        File { name: name.to_owned(), text: format!("{MARK}\n{text}") }
    })
}

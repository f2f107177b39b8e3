//! The part of the package that is the same for every library.

use crate::MARK;
use crate::library::Library;

const TEXT: &str = include_str!("runtime/runtime.go");

/// `runtime.go`, with its package's name and the library's prefix.
pub(crate) fn print(library: &Library, package: &str) -> String {
    let text = TEXT.replace("PACKAGE", package).replace("CRATE", library.crate_name());
    format!("{MARK}\n{text}")
}

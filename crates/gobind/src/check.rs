//! The check at start that the library is the one that the package was printed for.

use crate::library::Library;

/// An `init` that panics where they do not fit: calling on would be undefined.
pub(crate) fn print(library: &Library) -> String {
    format!(
        "
func init() {{
	if name := C.go_mismatch(); name != nil {{
		panic(\"the Rust library {} is not the one that this package was made for: \" + C.GoString(name) + \" differs\")
	}}
}}
",
        library.crate_name()
    )
}

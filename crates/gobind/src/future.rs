//! Futures: what awaits one, for each kind of value that one gives.

use std::fmt::Write as _;

use crate::header::result_name;
use crate::library::Library;

/// A function `await_…` for each kind.
pub(crate) fn print_all(library: &Library) -> String {
    let mut out = String::new();
    for (word, returned) in library.awaited() {
        let result = result_name(returned.as_ref());
        _ = write!(
            out,
            "
func await_{word}(ctx context.Context, future C.uint64_t) (result C.{result}, err error) {{
	poll := func(waiter C.uint64_t) C.int8_t {{ return C.go_poll_{word}(future, waiter) }}
	if err = wait(ctx, poll, func() {{ C.go_cancel_{word}(future) }}); err != nil {{
		C.go_free_{word}(future)
		return result, err
	}}
	return C.go_complete_{word}(future), nil
}}
"
        );
    }
    out
}

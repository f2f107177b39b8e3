//! Objects: Go structs that hold a handle, freed when asked to or when Go's collector finds them unused.

use uniffi_bindgen::interface::Object;

use crate::call::Call;
use crate::callable;
use crate::library::Library;
use crate::name::{comment, exported};

/// Every object with its constructors and methods.
pub(crate) fn print_all(library: &Library) -> String {
    let print = |known: &Object| {
        let calls: String = Call::of_object(known).iter().map(callable::print).collect();
        print(known) + &calls
    };
    library.ci.object_definitions().iter().map(print).collect()
}

fn print(known: &Object) -> String {
    let name = exported(known.name());
    format!(
        "\n{doc}type {name} struct{{ *object }}

// Free lets go of it before Go's collector does. Calls under way go on; later ones fail with [ErrFreed].
func (object *{name}) Free() {{ object.free() }}

func lift{name}(handle C.uint64_t) *{name} {{
	held := newObject(handle, func(handle C.uint64_t) {{
		var status C.RustCallStatus
		C.{free}(handle, &status)
	}})
	lifted := &{name}{{held}}
	runtime.AddCleanup(lifted, (*object).free, held)
	return lifted
}}

// lower{name} gives a handle of its own, which the one who takes it frees.
func lower{name}(value *{name}) C.uint64_t {{
	if !value.acquire() {{
		panic(ErrFreed)
	}}
	defer value.release()
	var status C.RustCallStatus
	return C.{clone}(value.handle, &status)
}}

func read{name}(r *reader) *{name} {{
	return lift{name}(C.uint64_t(readUint64(r)))
}}

func write{name}(w *writer, value *{name}) {{
	writeUint64(w, uint64(lower{name}(value)))
}}
",
        doc = comment(known.docstring(), ""),
        free = known.ffi_object_free().name(),
        clone = known.ffi_object_clone().name(),
    )
}

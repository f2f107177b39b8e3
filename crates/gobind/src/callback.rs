//! Callback interfaces: Go interfaces whose methods Rust calls, on any thread.

use std::fmt::Write as _;

use heck::ToSnakeCase;
use uniffi_bindgen::interface::{AsType, CallbackInterface, FfiCallbackFunction, FfiType, Method};
use uniffi_meta::Type;

use crate::call::Given;
use crate::callable::given;
use crate::header::spelled as c_spelled;
use crate::library::Library;
use crate::name::{argument, comment, exported};
use crate::value::{Way, lifted, spelled, way, writer};

/// The C side: what Go exports, and the table of it that Rust calls through.
pub(crate) fn print_header(library: &Library) -> String {
    let mut out = String::new();
    for interface in library.ci.callback_interface_definitions() {
        let prefix = prefix(library, interface);
        _ = write!(out, "\nvoid {prefix}_free(uint64_t handle);\nuint64_t {prefix}_clone(uint64_t handle);\n");
        for (function, method) in interface.vtable_methods() {
            let mut taken: Vec<String> = function.arguments().iter().map(|given| c_spelled(&given.type_())).collect();
            taken.push("RustCallStatus *".into());
            _ = writeln!(out, "void {prefix}_{}({});", method.name(), taken.join(", "));
        }
        let methods: String =
            interface.methods().iter().map(|method| [", ", &prefix, "_", method.name()].concat()).collect();
        _ = write!(
            out,
            "
static inline void go_init_{}(void) {{
  static {vtable} vtable = {{{prefix}_free, {prefix}_clone{methods}}};
  {init}(&vtable);
}}
",
            interface.name(),
            vtable = interface.vtable_definition().name(),
            init = interface.ffi_init_callback().name(),
        );
    }
    out
}

/// The Go side of every interface.
pub(crate) fn print_all(library: &Library) -> String {
    library.ci.callback_interface_definitions().iter().map(|interface| print(library, interface)).collect()
}

/// What C functions of an interface begin with.
fn prefix(library: &Library, interface: &CallbackInterface) -> String {
    format!("{}_{}", library.crate_name(), interface.name().to_snake_case())
}

fn print(library: &Library, interface: &CallbackInterface) -> String {
    let name = exported(interface.name());
    let prefix = prefix(library, interface);
    let mut out = format!("\n{}type {name} interface {{\n", comment(interface.docstring(), ""));
    for method in interface.methods() {
        let signature = signature(method);
        _ = writeln!(out, "{}\t{}{signature}", comment(method.docstring(), "\t"), exported(method.name()));
    }
    _ = write!(
        out,
        "}}

var handlesOf{name} handles[{name}]

func init() {{
	C.go_init_{c_name}()
}}

func lower{name}(value {name}) C.uint64_t {{
	return handlesOf{name}.add(value)
}}

func read{name}(r *reader) {name} {{
	return handlesOf{name}.get(C.uint64_t(readUint64(r)))
}}

func write{name}(w *writer, value {name}) {{
	writeUint64(w, uint64(lower{name}(value)))
}}

//export {prefix}_free
func {prefix}_free(handle C.uint64_t) {{
	handlesOf{name}.remove(handle)
}}

//export {prefix}_clone
func {prefix}_clone(handle C.uint64_t) C.uint64_t {{
	return handlesOf{name}.add(handlesOf{name}.get(handle))
}}
",
        c_name = interface.name(),
    );
    for (function, method) in interface.vtable_methods() {
        out.push_str(&export(&prefix, &name, &function, &method));
    }
    out
}

fn signature(method: &Method) -> String {
    let arguments: Vec<Given> = method.arguments().into_iter().map(Given::from).collect();
    let results = match (method.return_type(), method.throws_type()) {
        (None, None) => String::new(),
        (None, Some(_)) => " error".into(),
        (Some(kind), None) => format!(" {}", spelled(kind)),
        (Some(kind), Some(_)) => format!(" ({}, error)", spelled(kind)),
    };
    format!("({}){results}", given(&arguments))
}

/// The function that Rust calls for a method.
fn export(prefix: &str, interface: &str, function: &FfiCallbackFunction, method: &Method) -> String {
    let c_arguments = function.arguments();
    let mut taken = vec!["handle C.uint64_t".to_owned()];
    let mut passed = Vec::new();
    for (given, c) in method.arguments().into_iter().zip(&c_arguments[1..]) {
        let name = argument(given.name());
        passed.push(lifted(&given.as_type(), &name));
        taken.push(format!("{name} C.{}", c_spelled(&c.type_())));
    }
    let out_type = method.return_type().map_or("unsafe.Pointer".into(), |kind| format!("*C.{}", c_of(kind)));
    let name = method.name();
    let call = format!("handlesOf{interface}.get(handle).{}({})", exported(name), passed.join(", "));
    let (result, store) = match method.return_type() {
        Some(kind) => ("value", format!("\t*out = {}\n", lowered(kind, "value"))),
        None => ("", String::new()),
    };
    let body = match (method.throws_type(), result) {
        (None, "") => format!("\t{call}\n"),
        (None, _) => format!("\tvalue := {call}\n"),
        (Some(kind), result) => {
            let results = if result.is_empty() { "err" } else { "value, err" };
            format!("\t{results} := {call}\n\tif thrown(status, err, {}) {{\n\t\treturn\n\t}}\n", writer(kind))
        }
    };
    format!(
        "
//export {prefix}_{name}
func {prefix}_{name}({}, out {out_type}, status *C.RustCallStatus) {{
	defer recovered(status)
{body}{store}}}
",
        taken.join(", ")
    )
}

/// The C type of a value on its own.
fn c_of(kind: &Type) -> String {
    c_spelled(&FfiType::from(kind))
}

/// A value as Rust takes it from a callback.
fn lowered(kind: &Type, value: &str) -> String {
    match way(kind) {
        Way::Number(c) => format!("C.{c}({value})"),
        Way::Truth => format!("lowerBool({value})"),
        Way::Object | Way::Callback => format!("lower{}({value})", spelled(kind).trim_start_matches('*')),
        Way::Text => format!("C.go_buffer(textBytes({value}))"),
        Way::Buffer => format!("buffered({value}, {})", writer(kind)),
    }
}

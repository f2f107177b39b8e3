//! The C side: what the library exports, and one function a call that saves crossings.
//!
//! Crossing from Go to C costs more than a call. So a call crosses once: texts and buffers come as a pointer and a length and
//! are copied into Rust's here, a method's object is cloned here, and the outcome goes back by value, so that nothing of Go's
//! need escape to its heap.

use std::fmt::Write as _;

use uniffi_bindgen::interface::{FfiArgument, FfiDefinition, FfiFunction, FfiType};

use crate::call::Call;
use crate::library::Library;
use crate::{MARK, callback, poll};

/// The types that all libraries share. The pointer of a buffer is a number, because that of an empty one is 1, which Go's
/// collector takes for a broken pointer where it finds it on a stack.
const TYPES: &str = "
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t capacity;
  uint64_t len;
  uintptr_t data;
} RustBuffer;

typedef struct {
  int32_t len;
  const uint8_t *data;
} ForeignBytes;

typedef struct {
  int8_t code;
  RustBuffer error_buf;
} RustCallStatus;

typedef void (*RustFutureContinuationCallback)(uint64_t, int8_t);
typedef void (*CallbackInterfaceFree)(uint64_t);
typedef uint64_t (*CallbackInterfaceClone)(uint64_t);
";

/// The header whole.
pub(crate) fn print(library: &Library) -> String {
    let crate_name = library.crate_name();
    let mut out = format!("{MARK}{TYPES}");
    callbacks(&mut out, library);
    functions(&mut out, library);
    results(&mut out, library);
    buffers(&mut out, library);
    out.push_str(&poll::print_declarations(crate_name));
    for call in library.calls() {
        out.push_str(&one_crossing(&call));
    }
    futures(&mut out, library);
    out.push_str(&callback::print_header(library));
    checks(&mut out, library);
    out
}

/// What a type of the C interface is called in C.
pub(crate) fn spelled(kind: &FfiType) -> String {
    match kind {
        FfiType::UInt8 => "uint8_t".into(),
        FfiType::Int8 => "int8_t".into(),
        FfiType::UInt16 => "uint16_t".into(),
        FfiType::Int16 => "int16_t".into(),
        FfiType::UInt32 => "uint32_t".into(),
        FfiType::Int32 => "int32_t".into(),
        FfiType::UInt64 | FfiType::Handle => "uint64_t".into(),
        FfiType::Int64 => "int64_t".into(),
        FfiType::Float32 => "float".into(),
        FfiType::Float64 => "double".into(),
        FfiType::RustBuffer(_) => "RustBuffer".into(),
        FfiType::ForeignBytes => "ForeignBytes".into(),
        FfiType::RustCallStatus => "RustCallStatus".into(),
        FfiType::Callback(name) | FfiType::Struct(name) => name.clone(),
        FfiType::Reference(inner) => format!("const {} *", spelled(inner)),
        FfiType::MutReference(inner) => format!("{} *", spelled(inner)),
        FfiType::VoidPointer => "void *".into(),
    }
}

/// What a call gives: its value, if any, and its status.
pub(crate) fn result_name(returned: Option<&FfiType>) -> String {
    format!("GoResult_{}", FfiType::return_type_name(returned))
}

fn parameters(arguments: &[&FfiArgument], has_status: bool) -> String {
    let mut all: Vec<String> = arguments.iter().map(|given| spelled(&given.type_())).collect();
    if has_status {
        all.push("RustCallStatus *".into());
    }
    if all.is_empty() { "void".into() } else { all.join(", ") }
}

fn callbacks(out: &mut String, library: &Library) {
    for interface in library.ci.callback_interface_definitions() {
        for function in interface.ffi_callbacks() {
            let parameters = parameters(&function.arguments(), function.has_rust_call_status_arg());
            _ = writeln!(out, "typedef void (*{})({parameters});", function.name());
        }
        let vtable = interface.vtable_definition();
        out.push_str("typedef struct {\n");
        for field in vtable.fields() {
            _ = writeln!(out, "  {} {};", spelled(&field.type_()), field.name());
        }
        _ = writeln!(out, "}} {};", vtable.name());
    }
}

fn functions(out: &mut String, library: &Library) {
    let awaited = library.awaited();
    let is_used = |function: &FfiFunction| {
        let Some((_, word)) = function.name().split_once("_rust_future_") else { return true };
        word.split_once('_').is_some_and(|(_, returned)| awaited.contains_key(returned))
    };
    out.push('\n');
    for definition in library.ci.ffi_definitions() {
        let FfiDefinition::Function(function) = definition else { continue };
        if is_used(&function) {
            let parameters = parameters(&function.arguments(), function.has_rust_call_status_arg());
            let returned = function.return_type().map_or("void".into(), spelled);
            _ = writeln!(out, "{returned} {}({parameters});", function.name());
        }
    }
}

fn results(out: &mut String, library: &Library) {
    let returned = library.calls().iter().map(Call::returned).chain([None]).collect::<Vec<_>>();
    let mut printed = Vec::new();
    for returned in returned {
        let name = result_name(returned.as_ref());
        if !printed.contains(&name) {
            let value = returned.map_or_else(String::new, |kind| format!("  {} value;\n", spelled(&kind)));
            _ = write!(out, "\ntypedef struct {{\n{value}  RustCallStatus status;\n}} {name};\n");
            printed.push(name);
        }
    }
}

fn buffers(out: &mut String, library: &Library) {
    let from_bytes = library.ci.ffi_rustbuffer_from_bytes();
    let free = library.ci.ffi_rustbuffer_free();
    _ = write!(
        out,
        "
static inline RustBuffer go_buffer(const uint8_t *data, int32_t len) {{
  RustCallStatus status = {{0}};
  ForeignBytes bytes = {{len, data}};
  return {}(bytes, &status);
}}

static inline void go_free_buffer(RustBuffer buffer) {{
  RustCallStatus status = {{0}};
  {}(buffer, &status);
}}
",
        from_bytes.name(),
        free.name()
    );
}

/// The function that Go calls in place of the library's.
fn one_crossing(call: &Call<'_>) -> String {
    let mut taken = Vec::new();
    let mut passed = Vec::new();
    let mut body = String::new();
    for (number, given) in call.c.arguments().into_iter().enumerate() {
        let name = format!("a{number}");
        match given.type_() {
            FfiType::RustBuffer(_) => {
                taken.push(format!("const uint8_t *{name}, int32_t {name}_len"));
                passed.push(format!("go_buffer({name}, {name}_len)"));
            }
            FfiType::ForeignBytes => {
                taken.push(format!("const uint8_t *{name}, int32_t {name}_len"));
                passed.push(format!("(ForeignBytes){{{name}_len, {name}}}"));
            }
            kind => {
                let object = call.object.filter(|_| number == 0);
                let clone = object.map(|object| object.ffi_object_clone().name());
                taken.push(format!("{} {name}", spelled(&kind)));
                passed.push(clone.map_or(name.clone(), |clone| format!("{clone}({name}, &cloned)")));
                if clone.is_some() {
                    body.push_str("  RustCallStatus cloned = {0};\n");
                }
            }
        }
    }
    let (returned, body) = called(call, &passed, &body);
    let taken = if taken.is_empty() { "void".into() } else { taken.join(", ") };
    format!("\nstatic inline {returned} go_{}({taken}) {{\n{body}}}\n", call.c.name())
}

fn called(call: &Call<'_>, passed: &[String], before: &str) -> (String, String) {
    let (name, passed) = (call.c.name(), passed.join(", "));
    if call.is_async {
        return ("uint64_t".into(), format!("{before}  return {name}({passed});\n"));
    }
    let returned = call.returned();
    let result = result_name(returned.as_ref());
    let assigned = if returned.is_some() { "result.value = " } else { "" };
    let comma = if passed.is_empty() { "" } else { ", " };
    let body = format!(
        "{before}  {result} result = {{0}};\n  {assigned}{name}({passed}{comma}&result.status);\n  return result;\n"
    );
    (result, body)
}

fn futures(out: &mut String, library: &Library) {
    for (word, returned) in library.awaited() {
        let ci = &library.ci;
        let result = result_name(returned.as_ref());
        let assigned = if returned.is_some() { "result.value = " } else { "" };
        let poll = ci.ffi_rust_future_poll(returned.clone());
        let complete = ci.ffi_rust_future_complete(returned.clone());
        let cancel = ci.ffi_rust_future_cancel(returned.clone());
        let free = ci.ffi_rust_future_free(returned);
        _ = write!(
            out,
            "
static inline int8_t go_poll_{word}(uint64_t future, uint64_t waiter) {{
  return {crate_name}_poll({}, future, waiter);
}}

static inline {result} go_complete_{word}(uint64_t future) {{
  {result} result = {{0}};
  {assigned}{}(future, &result.status);
  {free}(future);
  return result;
}}

static inline void go_cancel_{word}(uint64_t future) {{
  {}(future);
}}

static inline void go_free_{word}(uint64_t future) {{
  {free}(future);
}}
",
            poll.name(),
            complete.name(),
            cancel.name(),
            free = free.name(),
            crate_name = library.crate_name(),
        );
    }
}

/// Gives the name of the first function that is not the one that this was printed for.
fn checks(out: &mut String, library: &Library) {
    let contract = library.ci.ffi_uniffi_contract_version();
    _ = write!(
        out,
        "\nstatic inline const char *go_mismatch(void) {{\n  if ({}() != {}) return \"{}\";\n",
        contract.name(),
        library.ci.uniffi_contract_version(),
        contract.name()
    );
    for (name, checksum) in library.ci.iter_checksums() {
        _ = writeln!(out, "  if ({name}() != {checksum}) return \"{name}\";");
    }
    out.push_str("  return NULL;\n}\n");
}

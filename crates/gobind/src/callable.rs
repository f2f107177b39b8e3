//! Functions, methods and constructors.
//!
//! What can fail has an error as its last result: what it throws, the context's, [`ErrFreed`], or a `PanicError` for a bug in
//! Rust. What cannot fail panics on a bug.

use std::fmt::Write as _;

use uniffi_bindgen::interface::FfiType;

use crate::call::{Call, Given};
use crate::name::{comment, exported};
use crate::value::{Way, lifted, reader, spelled, way, writer};

/// A call, whole.
pub(crate) fn print(call: &Call<'_>) -> String {
    let mut out = format!("\n{}func ", comment(call.doc, ""));
    if let Some(object) = call.object {
        _ = write!(out, "(object *{}) ", exported(object.name()));
    }
    _ = writeln!(out, "{}({}) {}{{", call.name, parameters(call), results(call));
    begin(&mut out, call);
    let passed = arguments(&mut out, call);
    let c = format!("C.go_{}({passed})", call.c.name());
    if call.is_async {
        awaited(&mut out, call, &c);
    } else {
        _ = writeln!(out, "\tresult := {c}");
        if fails(call) {
            _ = writeln!(out, "\tif err = {}; err != nil {{\n\t\treturn {}\n\t}}", failure(call), failed(call));
        } else {
            out.push_str("\tmust(result.status)\n");
        }
    }
    out.push_str(&end(call));
    out.push_str("}\n");
    out
}

/// The parameters of a method in an interface or of a function, without a context.
pub(crate) fn given(arguments: &[Given]) -> String {
    let all: Vec<String> = arguments.iter().map(|given| format!("{} {}", given.name, spelled(&given.kind))).collect();
    all.join(", ")
}

/// Whether it has an error among its results.
fn fails(call: &Call<'_>) -> bool {
    call.is_async || call.throws.is_some()
}

fn parameters(call: &Call<'_>) -> String {
    let given = given(&call.arguments);
    match (call.is_async, given.is_empty()) {
        (false, _) => given,
        (true, true) => "ctx context.Context".into(),
        (true, false) => format!("ctx context.Context, {given}"),
    }
}

fn results(call: &Call<'_>) -> String {
    match (&call.returns, fails(call)) {
        (None, false) => String::new(),
        (None, true) => "(err error) ".into(),
        (Some(kind), false) => format!("{} ", spelled(kind)),
        (Some(kind), true) => format!("(value {}, err error) ", spelled(kind)),
    }
}

/// What is returned when there is nothing but an error.
fn failed(call: &Call<'_>) -> &'static str {
    if call.returns.is_some() { "value, err" } else { "err" }
}

/// Refuses what is cancelled or freed, before anything is handed over.
fn begin(out: &mut String, call: &Call<'_>) {
    if call.is_async {
        _ = writeln!(out, "\tif err = ctx.Err(); err != nil {{\n\t\treturn {}\n\t}}", failed(call));
    }
    if call.object.is_none() {
        return;
    }
    let refuse = match (fails(call), call.returns.is_some()) {
        (false, _) => "panic(ErrFreed)",
        (true, false) => "return ErrFreed",
        (true, true) => "return value, ErrFreed",
    };
    _ = write!(out, "\tif !object.acquire() {{\n\t\t{refuse}\n\t}}\n\tdefer object.release()\n");
}

/// Prints what makes the arguments ready, and gives them as C takes them.
fn arguments(out: &mut String, call: &Call<'_>) -> String {
    let mut passed: Vec<String> = call.object.iter().map(|_| "object.handle".to_owned()).collect();
    for Given { name, kind, is_borrowed } in &call.arguments {
        let bytes = match way(kind) {
            Way::Number(c) => {
                passed.push(format!("C.{c}({name})"));
                continue;
            }
            Way::Truth => {
                passed.push(format!("lowerBool({name})"));
                continue;
            }
            Way::Object | Way::Callback => {
                passed.push(format!("lower{}({name})", spelled(kind).trim_start_matches('*')));
                continue;
            }
            Way::Text => format!("textBytes({name})"),
            Way::Buffer if *is_borrowed => format!("borrowed({name})"),
            Way::Buffer => format!("written({name}, {})", writer(kind)),
        };
        _ = writeln!(out, "\t{name}Data, {name}Len := {bytes}");
        passed.push(format!("{name}Data, {name}Len"));
    }
    passed.join(", ")
}

fn awaited(out: &mut String, call: &Call<'_>, c: &str) {
    let returned = FfiType::return_type_name(call.returned().as_ref());
    let (failure, failed) = (failure(call), failed(call));
    _ = write!(
        out,
        "\tresult, err := await_{returned}(ctx, {c})
	if err == nil {{
		err = {failure}
	}}
	if err != nil {{
		return {failed}
	}}
"
    );
}

fn failure(call: &Call<'_>) -> String {
    match &call.throws {
        Some(kind) => format!("failure(result.status, {})", reader(kind)),
        None => "bug(result.status)".into(),
    }
}

fn end(call: &Call<'_>) -> String {
    match (&call.returns, fails(call)) {
        (None, false) => String::new(),
        (None, true) => "\treturn nil\n".into(),
        (Some(kind), false) => format!("\treturn {}\n", lifted(kind, "result.value")),
        (Some(kind), true) => format!("\treturn {}, nil\n", lifted(kind, "result.value")),
    }
}

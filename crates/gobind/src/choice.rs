//! Enums: constants where no variant holds a value, else an interface with a struct a variant. Errors are always the latter,
//! as pointers, so that `errors.As` finds them.

use std::fmt::Write as _;

use uniffi_bindgen::interface::{AsType, Enum, Variant};
use uniffi_meta::Type;

use crate::library::Library;
use crate::name::{comment, exported};
use crate::record::{field_name, fields, reads, writes};

/// An enum, with what reads and writes it.
pub(crate) fn print(library: &Library, definition: &Enum) -> String {
    if library.ci.is_name_used_as_error(definition.name()) {
        return error(definition, library.is_flat_error(definition.name()));
    }
    if definition.is_flat() { constants(definition) } else { interface(definition) }
}

fn constants(definition: &Enum) -> String {
    let name = exported(definition.name());
    let mut out =
        format!("\n{}type {name} int32\n\n// The values of {name}.\nconst (\n", comment(definition.docstring(), ""));
    for (number, variant) in definition.variants().iter().enumerate() {
        let value = format!("{name} = {}", number + 1);
        _ = writeln!(out, "{}\t{name}{} {value}", comment(variant.docstring(), "\t"), exported(variant.name()));
    }
    _ = writeln!(
        out,
        ")

func read{name}(r *reader) {name} {{
	value := {name}(readInt32(r))
	if value < 1 || value > {count} {{
		panic(fmt.Sprintf(\"{name} has no variant %d\", value))
	}}
	return value
}}

func write{name}(w *writer, value {name}) {{
	if value < 1 || value > {count} {{
		panic(fmt.Sprintf(\"{name} has no variant %d\", value))
	}}
	writeInt32(w, int32(value))
}}",
        count = definition.variants().len()
    );
    out
}

fn interface(definition: &Enum) -> String {
    let name = exported(definition.name());
    let mut out = format!("\n{}type {name} interface{{ is{name}() }}\n", comment(definition.docstring(), ""));
    for variant in definition.variants() {
        let of = name.clone() + &exported(variant.name());
        _ = write!(
            out,
            "\n{}type {of} struct {{\n{}}}\n\nfunc ({of}) is{name}() {{}}\n",
            comment(variant.docstring(), ""),
            fields(variant.fields())
        );
    }
    read(&mut out, definition, "", |variant| reads(variant.fields(), "\t\t"));
    written(&mut out, definition, "");
    out
}

fn error(definition: &Enum, is_flat: bool) -> String {
    let name = exported(definition.name());
    let mut out =
        format!("\n{}type {name} interface {{\n\terror\n\tis{name}()\n}}\n", comment(definition.docstring(), ""));
    for variant in definition.variants() {
        let of = name.clone() + &exported(variant.name());
        let (fields, text) = if is_flat {
            ("\t// For people.\n\tMessage string\n".to_owned(), "e.Message".to_owned())
        } else {
            (fields(variant.fields()), text(&of, variant))
        };
        _ = write!(
            out,
            "\n{}type {of} struct {{\n{fields}}}\n
func (*{of}) is{name}() {{}}\n
func (e *{of}) Error() string {{ return {text} }}\n",
            comment(variant.docstring(), ""),
        );
    }
    read(&mut out, definition, "&", |variant| {
        if is_flat { "\t\tvalue.Message = readString(r)\n".into() } else { reads(variant.fields(), "\t\t") }
    });
    if !is_flat {
        written(&mut out, definition, "*");
    }
    out
}

/// The text of an error: its message, because what Rust displays does not cross.
fn text(of: &str, variant: &Variant) -> String {
    let is_message = |name: &str, kind: &Type| name == "Message" && *kind == Type::String;
    let mut fields = variant.fields().iter().enumerate();
    if fields.any(|(number, field)| is_message(&field_name(field, number), &field.as_type())) {
        return "e.Message".into();
    }
    if variant.has_fields() { format!("fmt.Sprintf(\"{of}%+v\", *e)") } else { format!("\"{of}\"") }
}

fn read(out: &mut String, definition: &Enum, reference: &str, fields: impl Fn(&Variant) -> String) {
    let name = exported(definition.name());
    _ = writeln!(out, "\nfunc read{name}(r *reader) {name} {{\n\tswitch variant := readInt32(r); variant {{");
    for (number, variant) in definition.variants().iter().enumerate() {
        let of = name.clone() + &exported(variant.name());
        let (number, fields) = (number + 1, fields(variant));
        _ = writeln!(out, "\tcase {number}:\n\t\tvar value {of}\n{fields}\t\treturn {reference}value");
    }
    _ = writeln!(out, "\tdefault:\n\t\tpanic(fmt.Sprintf(\"{name} has no variant %d\", variant))\n\t}}\n}}");
}

fn written(out: &mut String, definition: &Enum, pointer: &str) {
    let name = exported(definition.name());
    let bound = if definition.contains_variant_fields() { "value := " } else { "" };
    _ = writeln!(out, "\nfunc write{name}(w *writer, value {name}) {{\n\tswitch {bound}value.(type) {{");
    for (number, variant) in definition.variants().iter().enumerate() {
        let of = name.clone() + &exported(variant.name());
        _ = write!(
            out,
            "\tcase {pointer}{of}:\n\t\twriteInt32(w, {})\n{}",
            number + 1,
            writes(variant.fields(), "\t\t")
        );
    }
    _ = writeln!(out, "\tdefault:\n\t\tpanic(fmt.Sprintf(\"%T is no {name}\", value))\n\t}}\n}}");
}

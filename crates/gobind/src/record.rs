//! Records: structs.

use std::fmt::Write as _;

use uniffi_bindgen::interface::{AsType, Field, Record};

use crate::name::{comment, exported};
use crate::value::{reader, spelled, writer};

/// A record, with what reads and writes it.
pub(crate) fn print(record: &Record) -> String {
    let name = exported(record.name());
    format!(
        "\n{}type {name} struct {{\n{}}}
\nfunc read{name}(r *reader) {name} {{\n\tvar value {name}\n{}\treturn value\n}}
\nfunc write{name}(w *writer, value {name}) {{\n{}}}\n",
        comment(record.docstring(), ""),
        fields(record.fields()),
        reads(record.fields(), "\t"),
        writes(record.fields(), "\t"),
    )
}

/// The fields of a struct.
pub(crate) fn fields(fields: &[Field]) -> String {
    let mut out = String::new();
    for (number, field) in fields.iter().enumerate() {
        let doc = comment(field.docstring(), "\t");
        // Lines that stand together would have to be aligned: a comment or a blank line parts them.
        let apart = if doc.is_empty() && number > 0 { "\n" } else { &doc };
        _ = writeln!(out, "{apart}\t{} {}", field_name(field, number), spelled(&field.as_type()));
    }
    out
}

/// Statements that read all fields of `value`, in their order.
pub(crate) fn reads(fields: &[Field], indent: &str) -> String {
    let read = |(number, field): (usize, &Field)| {
        format!("{indent}value.{} = {}(r)\n", field_name(field, number), reader(&field.as_type()))
    };
    fields.iter().enumerate().map(read).collect()
}

/// Statements that write all fields of `value`, in their order.
pub(crate) fn writes(fields: &[Field], indent: &str) -> String {
    let write = |(number, field): (usize, &Field)| {
        format!("{indent}{}(w, value.{})\n", writer(&field.as_type()), field_name(field, number))
    };
    fields.iter().enumerate().map(write).collect()
}

/// A field without a name is called by its place.
pub(crate) fn field_name(field: &Field, number: usize) -> String {
    if field.name().is_empty() { format!("Value{number}") } else { exported(field.name()) }
}

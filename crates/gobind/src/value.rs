//! How a value crosses: on its own as an argument or result, or inside a buffer as part of another.
//!
//! Inside a buffer everything is big-endian; lengths are 32 bits. On its own a number is itself, an object a handle, a text
//! its bytes, all else a buffer.

use uniffi_meta::Type;

use crate::name::exported;

/// How a value crosses on its own.
pub(crate) enum Way {
    /// As a C number of that type.
    Number(&'static str),
    /// As 0 or 1.
    Truth,
    /// As the bytes of a text.
    Text,
    /// As a handle of Rust's.
    Object,
    /// As a handle of ours.
    Callback,
    /// Written into a buffer.
    Buffer,
}

pub(crate) fn way(kind: &Type) -> Way {
    match kind {
        Type::UInt8 => Way::Number("uint8_t"),
        Type::Int8 => Way::Number("int8_t"),
        Type::UInt16 => Way::Number("uint16_t"),
        Type::Int16 => Way::Number("int16_t"),
        Type::UInt32 => Way::Number("uint32_t"),
        Type::Int32 => Way::Number("int32_t"),
        Type::UInt64 => Way::Number("uint64_t"),
        Type::Int64 => Way::Number("int64_t"),
        Type::Float32 => Way::Number("float"),
        Type::Float64 => Way::Number("double"),
        Type::Boolean => Way::Truth,
        Type::String => Way::Text,
        Type::Object { .. } => Way::Object,
        Type::CallbackInterface { .. } => Way::Callback,
        Type::Box { inner_type } => way(inner_type),
        _ => Way::Buffer,
    }
}

/// The Go type.
pub(crate) fn spelled(kind: &Type) -> String {
    match kind {
        Type::Float32 => "float32".into(),
        Type::Float64 => "float64".into(),
        Type::Boolean => "bool".into(),
        Type::String => "string".into(),
        Type::Bytes => "[]byte".into(),
        Type::Timestamp => "time.Time".into(),
        Type::Duration => "time.Duration".into(),
        Type::Object { name, .. } => format!("*{}", exported(name)),
        Type::Record { name, .. } | Type::Enum { name, .. } | Type::CallbackInterface { name, .. } => exported(name),
        Type::Box { inner_type } => spelled(inner_type),
        Type::Optional { inner_type } if is_nil_able(inner_type) => spelled(inner_type),
        Type::Optional { inner_type } => format!("*{}", spelled(inner_type)),
        Type::Sequence { inner_type } => format!("[]{}", spelled(inner_type)),
        Type::Map { key_type, value_type } => format!("map[{}]{}", spelled(key_type), spelled(value_type)),
        number => format!("{number:?}").to_lowercase(),
    }
}

/// The Go function that reads it from a buffer.
pub(crate) fn reader(kind: &Type) -> String {
    format!("read{}", word(kind))
}

/// The Go function that writes it into a buffer.
pub(crate) fn writer(kind: &Type) -> String {
    format!("write{}", word(kind))
}

/// What reads and writes a type that is made of others, and has no name; nothing for those that have.
pub(crate) fn print_compound(kind: &Type) -> String {
    let (read, write) = match kind {
        Type::Optional { inner_type } if is_nil_able(inner_type) => (
            format!("readOptional(r, {})", reader(inner_type)),
            format!("writeOptional(w, value, value == nil, {})", writer(inner_type)),
        ),
        Type::Optional { inner_type } => (
            format!("readPointer(r, {})", reader(inner_type)),
            format!("writePointer(w, value, {})", writer(inner_type)),
        ),
        Type::Sequence { inner_type } => (
            format!("readSequence(r, {})", reader(inner_type)),
            format!("writeSequence(w, value, {})", writer(inner_type)),
        ),
        Type::Map { key_type, value_type } => (
            format!("readMap(r, {}, {})", reader(key_type), reader(value_type)),
            format!("writeMap(w, value, {}, {})", writer(key_type), writer(value_type)),
        ),
        _ => return String::new(),
    };
    format!(
        "\nfunc {reader}(r *reader) {spelled} {{\n\treturn {read}\n}}
\nfunc {writer}(w *writer, value {spelled}) {{\n\t{write}\n}}\n",
        reader = reader(kind),
        writer = writer(kind),
        spelled = spelled(kind),
    )
}

/// A Go expression that makes a value of what C gave.
pub(crate) fn lifted(kind: &Type, from: &str) -> String {
    match (way(kind), kind) {
        (Way::Number(_), _) => format!("{}({from})", spelled(kind)),
        (Way::Truth, _) => format!("{from} != 0"),
        (Way::Text, _) => format!("liftString({from})"),
        (Way::Object, _) => format!("lift{}({from})", word(kind)),
        (Way::Callback | Way::Buffer, _) => format!("lift({from}, {})", reader(kind)),
    }
}

/// Whether absence can be told by nil, without a pointer.
fn is_nil_able(kind: &Type) -> bool {
    match kind {
        Type::Bytes
        | Type::Sequence { .. }
        | Type::Map { .. }
        | Type::Object { .. }
        | Type::CallbackInterface { .. } => true,
        Type::Box { inner_type } => is_nil_able(inner_type),
        _ => false,
    }
}

/// The word for a type in the names of functions.
fn word(kind: &Type) -> String {
    match kind {
        Type::Bytes => "Bytes".into(),
        Type::Timestamp => "Timestamp".into(),
        Type::Duration => "Duration".into(),
        Type::Object { name, .. } => exported(name),
        Type::Box { inner_type } => word(inner_type),
        Type::Optional { inner_type } => format!("Optional{}", word(inner_type)),
        Type::Sequence { inner_type } => format!("Sequence{}", word(inner_type)),
        Type::Map { key_type, value_type } => format!("Map{}{}", word(key_type), word(value_type)),
        other => {
            let spelled = spelled(other);
            let (first, rest) = spelled.split_at(1);
            first.to_uppercase() + rest
        }
    }
}

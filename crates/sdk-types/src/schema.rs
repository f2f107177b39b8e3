//! The one form that every language prints: definitions of records, words and unions, and the events.

use std::collections::BTreeMap;

/// What an event is called once it is read; see [`Api::events`].
pub(crate) const EVENT: &str = "WebhookEvent";
/// What any event tells in place of its own data when that is too large to send.
pub(crate) const THIN: &str = "ThinEvent";
/// The words that name the events.
pub(crate) const EVENT_NAME: &str = "EventName";
/// The page of a list, over the type of its rows.
pub(crate) const PAGE: &str = "Page";

/// Everything that is printed.
#[derive(Debug)]
pub struct Api {
    pub(crate) definitions: BTreeMap<String, Definition>,
    /// The types of the rows that pages are made of.
    pub(crate) pages: Vec<String>,
    /// The events by name, in the document's order.
    pub(crate) events: Vec<Event>,
}

/// A named type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) doc: Doc,
    pub(crate) shape: Shape,
    pub(crate) uses: Uses,
}

/// What is told of a type or a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Doc {
    pub(crate) text: String,
    /// As compact JSON.
    pub(crate) example: Option<String>,
}

/// Where a type occurs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a place, and a type may occur in any of them")]
pub(crate) struct Uses {
    /// It is a request, or the query of one.
    pub(crate) request: bool,
    /// It is a request that changes what it names, so that an absent member and an empty one differ.
    pub(crate) change: bool,
    /// It lies inside a request.
    pub(crate) argument: bool,
    /// It is a whole answer.
    pub(crate) reply: bool,
    /// It is, or lies inside, an answer or an event.
    pub(crate) received: bool,
    /// It is one of a union's variants, written where the union is.
    pub(crate) variant: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Record(Vec<Field>),
    /// One of some words; a newer gateway may add others.
    Words(Vec<Word>),
    Union(Union),
    /// Another name for a type, told for its meaning.
    Alias(Type),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    pub(crate) word: String,
    pub(crate) text: String,
}

/// One of several records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Union {
    pub(crate) variants: Vec<String>,
    /// Every variant's fields, for languages that have no unions.
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// On the wire.
    pub(crate) name: String,
    pub(crate) kind: Type,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    /// Zero lies outside its range, so that a zero can stand for absent.
    pub(crate) never_zero: bool,
    pub(crate) doc: Doc,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Text,
    /// RFC 3339.
    Time,
    /// Of 32 bits or less.
    Whole,
    /// Of up to 64 bits.
    Long,
    Number,
    Truth,
    /// This word.
    Constant(String),
    /// JSON of any kind.
    Anything,
    /// A JSON object whose keys belong to the caller.
    Notes,
    List(Box<Type>),
    Map(Box<Type>),
    Named(String),
    Either(Vec<Type>),
    /// The rows of a page.
    Row,
    /// What an event tells, by its name.
    EventData,
}

/// An event's name, and the type of what it tells; `None` if it has no type of its own.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: Option<String>,
}

impl Api {
    /// Whether an event may tell where it is, in place of what it tells.
    pub(crate) fn has_thin(&self) -> bool {
        self.definitions.contains_key(THIN)
    }

    /// The types that events tell of by their names, each once, in order.
    pub(crate) fn event_types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.events.iter().filter_map(|event| event.data.as_deref()).collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    /// What a type stands for once its alias is looked through.
    pub(crate) fn shape(&self, kind: &Type) -> Option<&Shape> {
        let Type::Named(name) = kind else { return None };
        Some(&self.definitions.get(name)?.shape)
    }
}

impl Shape {
    /// Its members, if it has any.
    pub(crate) fn fields(&self) -> Option<&[Field]> {
        match self {
            Self::Record(fields) => Some(fields),
            Self::Union(union) => Some(&union.fields),
            Self::Words(_) | Self::Alias(_) => None,
        }
    }
}

impl Type {
    /// The names it refers to.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Named(name) => vec![name],
            Self::List(inner) | Self::Map(inner) => inner.names(),
            Self::Either(types) => types.iter().flat_map(Self::names).collect(),
            _ => Vec::new(),
        }
    }
}

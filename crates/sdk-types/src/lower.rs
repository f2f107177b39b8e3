//! From the OpenAPI document to the one form that is printed.
//!
//! Components keep their names; what is written inline is named after where it stands (`UsageDetail` for the field
//! `detail` of `Usage`), unless it repeats a component. Then the routes tell what is sent and what is received.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::openapi::{Additional, Document, Operation, Schema};
use crate::schema::{Api, Definition, Doc, EVENT, EVENT_NAME, Event, Field, PAGE, Shape, Type, Union, Uses, Word};
use crate::text::{lower_first, pascal};

mod merge;
mod uses;

/// Members that the SDKs' methods decide, and that nobody should set: type, then member.
const DECIDED: &[(&str, &str)] = &[("ChatRequest", "stream")];

/// What has no form here.
#[derive(Debug, thiserror::Error)]
pub enum LowerError {
    /// A `$ref` leads nowhere.
    #[error("`{0}` is referred to and not there")]
    Missing(String),
    /// Two types would have one name.
    #[error("two different types would be called `{0}`")]
    Twice(String),
    /// The document has no list, or no stored event, though the SDKs are built around them.
    #[error("the document has no `{0}`")]
    Without(&'static str),
}

/// The types that a document tells of.
pub(crate) fn lower(document: &Document) -> Result<Api, LowerError> {
    let mut lowering = Lowering { components: &document.components.schemas, definitions: BTreeMap::new() };
    let mut pages = Vec::new();
    for (component, schema) in &document.components.schemas {
        match component.strip_prefix("Page_") {
            Some(row) => {
                pages.push(public_name(row));
                lowering.page(schema)?;
            }
            None => lowering.component(component, schema)?,
        }
    }
    for operation in document.paths.values().flat_map(IndexMap::values) {
        lowering.query(operation)?;
    }
    let events = lowering.events(document)?;
    if pages.is_empty() {
        return Err(LowerError::Without("Page_…"));
    }
    let mut api = Api { definitions: lowering.definitions, pages, events };
    uses::mark(&mut api, document);
    Ok(api)
}

/// What a component is called in the SDKs.
fn public_name(component: &str) -> String {
    match component.split_once('_') {
        _ if component == "StoredEvent" => EVENT.to_owned(),
        Some((generic, argument)) => public_name(argument) + generic,
        None => component.to_owned(),
    }
}

/// The component that a `$ref` names.
fn referred(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// A type, and whether it may be `null` instead.
struct Read {
    kind: Type,
    nullable: bool,
}

struct Lowering<'a> {
    components: &'a IndexMap<String, Schema>,
    definitions: BTreeMap<String, Definition>,
}

impl Lowering<'_> {
    fn define(&mut self, name: String, doc: Doc, shape: Shape, uses: Uses) -> Result<Type, LowerError> {
        let definition = Definition { name: name.clone(), doc, shape, uses };
        match self.definitions.get(&name) {
            Some(known) if *known != definition => return Err(LowerError::Twice(name)),
            _ => self.definitions.insert(name.clone(), definition),
        };
        Ok(Type::Named(name))
    }

    fn component(&mut self, component: &str, schema: &Schema) -> Result<(), LowerError> {
        let name = public_name(component);
        let read = self.read(schema, &name)?;
        if read.kind != Type::Named(name.clone()) {
            self.define(name, doc(schema), Shape::Alias(read.kind), Uses::default())?;
        }
        Ok(())
    }

    /// Pages differ in their rows only, so that one generic type serves.
    fn page(&mut self, schema: &Schema) -> Result<(), LowerError> {
        let mut fields = self.fields(schema, PAGE)?;
        for field in fields.iter_mut().filter(|field| field.name == "data") {
            field.kind = Type::List(Box::new(Type::Row));
        }
        self.define(PAGE.to_owned(), doc(schema), Shape::Record(fields), Uses::default()).map(drop)
    }

    /// What may stand behind a route's `?`, as a record that is called after the operation.
    fn query(&mut self, operation: &Operation) -> Result<(), LowerError> {
        let name = pascal(&operation.id) + "Params";
        let mut fields = Vec::new();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == "query") {
            let read = self.read(&parameter.schema, &(name.clone() + &pascal(&parameter.name)))?;
            let doc = Doc { text: parameter.description.clone(), ..doc(&parameter.schema) };
            fields.push(field(&parameter.name, read, parameter.required, &parameter.schema, doc));
        }
        if fields.is_empty() {
            return Ok(());
        }
        let text = format!("Options to {}", lower_first(&operation.summary));
        let uses = Uses { request: true, ..Uses::default() };
        self.define(name, Doc { text, example: None }, Shape::Record(fields), uses).map(drop)
    }

    /// The events, and the one type that they all are received as.
    fn events(&mut self, document: &Document) -> Result<Vec<Event>, LowerError> {
        let (mut events, mut words) = (Vec::new(), Vec::new());
        for (name, operation) in document.webhooks.iter().filter_map(|(name, item)| Some((name, item.values().next()?)))
        {
            let payload = operation.request_body.as_ref().and_then(|body| body.json());
            // Its own data stands first; what may come in place of it is the same for every event.
            let data = payload.and_then(|payload| {
                let data = payload.properties.get("data")?;
                data.one_of.first().unwrap_or(data).reference.as_deref()
            });
            events.push(Event { name: name.clone(), data: data.map(|data| public_name(referred(data))) });
            words.push(Word { word: name.clone(), text: operation.summary.clone() });
            self.complete_event(payload)?;
        }
        let doc = Doc { text: "The name of an event.".to_owned(), example: None };
        self.define(EVENT_NAME.to_owned(), doc, Shape::Words(words), Uses::default())?;
        Ok(events)
    }

    /// An event as it is stored lacks what only a webhook's body has: its signature.
    fn complete_event(&mut self, payload: Option<&Schema>) -> Result<(), LowerError> {
        let head = payload.map(|payload| {
            let mut head = payload.clone();
            head.properties.shift_remove("data");
            head
        });
        let extra = head.map(|head| self.fields(&head, EVENT)).transpose()?.unwrap_or_default();
        let Some(Shape::Record(fields)) = self.definitions.get_mut(EVENT).map(|event| &mut event.shape) else {
            return Err(LowerError::Without("StoredEvent"));
        };
        for field in extra {
            if !fields.iter().any(|known| known.name == field.name) {
                fields.push(Field { required: false, ..field });
            }
        }
        for field in fields {
            match field.name.as_str() {
                "event" => field.kind = Type::Named(EVENT_NAME.to_owned()),
                "data" => field.kind = Type::EventData,
                _ => {}
            }
        }
        Ok(())
    }

    /// The type of a schema; `name` is for what has to be named.
    fn read(&mut self, schema: &Schema, name: &str) -> Result<Read, LowerError> {
        if let Some(reference) = &schema.reference {
            let component = referred(reference);
            if !self.components.contains_key(component) {
                return Err(LowerError::Missing(component.to_owned()));
            }
            return Ok(Read { kind: Type::Named(public_name(component)), nullable: false });
        }
        let nullable = schema.kinds.words().iter().any(|word| word == "null");
        if !schema.words.is_empty() || schema.constant.is_some() {
            return Ok(Read { kind: self.words(schema, name)?, nullable });
        }
        if !schema.one_of.is_empty() || !schema.any_of.is_empty() {
            return self.one_of(schema, name);
        }
        if !schema.all_of.is_empty() || !schema.properties.is_empty() {
            return Ok(Read { kind: self.record(schema, name)?, nullable });
        }
        let words: Vec<&str> = schema.kinds.words().iter().map(String::as_str).filter(|word| *word != "null").collect();
        let mut kinds = words.iter().map(|word| self.plain(word, schema, name)).collect::<Result<Vec<_>, _>>()?;
        let kind = match kinds.len() {
            0 => Type::Anything,
            1 => kinds.remove(0),
            _ => Type::Either(kinds),
        };
        Ok(Read { kind, nullable })
    }

    fn plain(&mut self, word: &str, schema: &Schema, name: &str) -> Result<Type, LowerError> {
        Ok(match (word, schema.format.as_deref()) {
            ("string", Some("date-time")) => Type::Time,
            ("string", _) => Type::Text,
            ("integer", Some("int64")) => Type::Long,
            ("integer", _) => Type::Whole,
            ("number", _) => Type::Number,
            ("boolean", _) => Type::Truth,
            ("array", _) => match &schema.items {
                Some(items) => Type::List(Box::new(self.read(items, &(name.to_owned() + "Item"))?.kind)),
                None => Type::List(Box::new(Type::Anything)),
            },
            ("object", _) => match &schema.additional_properties {
                Some(Additional::Of(values)) => match self.read(values, &(name.to_owned() + "Value"))?.kind {
                    Type::Anything => Type::Notes,
                    values => Type::Map(Box::new(values)),
                },
                Some(Additional::Allowed(_)) | None => Type::Notes,
            },
            _ => Type::Anything,
        })
    }

    fn words(&mut self, schema: &Schema, name: &str) -> Result<Type, LowerError> {
        let listed = schema.words.iter().chain(&schema.constant).filter_map(|word| word.as_str());
        let mut words: Vec<Word> = listed.map(|word| Word { word: word.to_owned(), text: String::new() }).collect();
        match words.len() {
            0 => Ok(Type::Anything),
            1 if !self.components.contains_key(name) => Ok(Type::Constant(words.remove(0).word)),
            _ => self.define(name.to_owned(), doc(schema), Shape::Words(words), Uses::default()),
        }
    }

    fn one_of(&mut self, schema: &Schema, name: &str) -> Result<Read, LowerError> {
        let all: Vec<&Schema> = schema.one_of.iter().chain(&schema.any_of).collect();
        let some: Vec<&Schema> = all.iter().copied().filter(|variant| !is_null(variant)).collect();
        let nullable = some.len() < all.len();
        let kind = match some[..] {
            [] => Type::Anything,
            [only] => self.read(only, name)?.kind,
            _ if some.iter().all(|variant| self.is_record(variant)) => self.union(schema, &some, name)?,
            _ => {
                let read = |(number, variant): (usize, &&Schema)| {
                    Ok(self.read(variant, &format!("{name}{}", number + 1))?.kind)
                };
                Type::Either(some.iter().enumerate().map(read).collect::<Result<_, _>>()?)
            }
        };
        Ok(Read { kind, nullable })
    }

    fn union(&mut self, schema: &Schema, some: &[&Schema], name: &str) -> Result<Type, LowerError> {
        let mut variants = Vec::new();
        for (number, variant) in some.iter().enumerate() {
            if let Some(reference) = &variant.reference {
                variants.push(public_name(referred(reference)));
                continue;
            }
            let variant_name = name.to_owned() + &self.variant_suffix(variant, number)?;
            let shape = Shape::Record(self.fields(variant, &variant_name)?);
            let uses = Uses { variant: true, ..Uses::default() };
            self.define(variant_name.clone(), doc(variant), shape, uses)?;
            variants.push(variant_name);
        }
        let all = some.iter().map(|variant| self.fields(variant, name)).collect::<Result<Vec<_>, _>>()?;
        let (fields, tag) = merge::fields(name, &all);
        if let Some(tag) = tag {
            self.define(tag.name.clone(), tag.doc, tag.shape, tag.uses)?;
        }
        self.define(name.to_owned(), doc(schema), Shape::Union(Union { variants, fields }), Uses::default())
    }

    /// What tells a variant from the others: its tag, its title, its only member, or else its number.
    fn variant_suffix(&mut self, variant: &Schema, number: usize) -> Result<String, LowerError> {
        let fields = self.fields(variant, "Variant")?;
        let tag = fields.iter().find_map(|field| match &field.kind {
            Type::Constant(word) => Some(word.as_str()),
            _ => None,
        });
        let only = if let [only] = &fields[..] { Some(only.name.as_str()) } else { None };
        let number = (number + 1).to_string();
        Ok(pascal(tag.or(variant.title.as_deref()).or(only).unwrap_or(&number)))
    }

    fn record(&mut self, schema: &Schema, name: &str) -> Result<Type, LowerError> {
        let repeated =
            self.components.iter().find(|(component, known)| public_name(component) != name && *known == schema);
        if let Some((component, _)) = repeated {
            return Ok(Type::Named(public_name(component)));
        }
        let fields = self.fields(schema, name)?;
        self.define(name.to_owned(), doc(schema), Shape::Record(fields), Uses::default())
    }

    /// The members of a record, those of `allOf` included.
    fn fields(&mut self, schema: &Schema, name: &str) -> Result<Vec<Field>, LowerError> {
        let mut fields = Vec::new();
        if let Some(reference) = &schema.reference {
            let component = referred(reference);
            let components = self.components;
            let target = components.get(component).ok_or_else(|| LowerError::Missing(component.to_owned()))?;
            return self.fields(target, &public_name(component));
        }
        for part in &schema.all_of {
            fields.extend(self.fields(part, name)?);
        }
        for (member, schema_of_member) in &schema.properties {
            if DECIDED.contains(&(name, member)) {
                continue;
            }
            let read = self.read(schema_of_member, &(name.to_owned() + &pascal(member)))?;
            let required = schema.required.contains(member);
            fields.push(field(member, read, required, schema_of_member, doc(schema_of_member)));
        }
        Ok(fields)
    }

    fn is_record(&self, schema: &Schema) -> bool {
        let target = schema.reference.as_deref().and_then(|reference| self.components.get(referred(reference)));
        let schema = target.unwrap_or(schema);
        !schema.properties.is_empty() || !schema.all_of.is_empty()
    }
}

fn is_null(schema: &Schema) -> bool {
    matches!(schema.kinds.words(), [word] if word == "null")
}

fn field(name: &str, read: Read, required: bool, schema: &Schema, doc: Doc) -> Field {
    let never_zero = schema.minimum.is_some_and(|minimum| minimum > 0.0);
    Field { name: name.to_owned(), kind: read.kind, required, nullable: read.nullable, never_zero, doc }
}

/// What a schema tells of itself, or, if it only says "this or null", what that tells.
fn doc(schema: &Schema) -> Doc {
    let inner = schema.one_of.iter().find(|variant| !is_null(variant));
    let inner = inner.filter(|_| schema.one_of.iter().any(is_null));
    let text = schema.description.as_ref().or_else(|| inner?.description.as_ref());
    let example = schema.example.as_ref().or(schema.examples.first());
    Doc { text: text.cloned().unwrap_or_default(), example: example.map(ToString::to_string) }
}

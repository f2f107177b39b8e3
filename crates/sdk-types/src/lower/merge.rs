//! The variants of a union as one record, for languages that have no unions.

use crate::schema::{Definition, Doc, Field, Shape, Type, Uses, Word};
use crate::text::pascal;

/// Every variant's fields, each once; and, if the variants are told apart by a word, the words as a type of their own.
pub(super) fn fields(union: &str, variants: &[Vec<Field>]) -> (Vec<Field>, Option<Definition>) {
    let mut merged: Vec<Field> = Vec::new();
    let mut tag = None;
    for field in variants.iter().flatten() {
        if merged.iter().any(|known| known.name == field.name) {
            continue;
        }
        let same: Vec<&Field> =
            variants.iter().filter_map(|fields| fields.iter().find(|other| other.name == field.name)).collect();
        let required = same.len() == variants.len() && same.iter().all(|field| field.required);
        let words: Vec<&str> = same.iter().filter_map(|field| constant(field)).collect();
        let kind = if words.len() == same.len() && words.len() > 1 {
            let definition = tag_words(union.to_owned() + &pascal(&field.name), &words);
            Type::Named(tag.insert(definition).name.clone())
        } else if same.iter().all(|other| other.kind == field.kind) {
            field.kind.clone()
        } else {
            Type::Anything
        };
        let nullable = same.iter().any(|field| field.nullable);
        merged.push(Field { kind, required, nullable, ..field.clone() });
    }
    (merged, tag)
}

fn constant(field: &Field) -> Option<&str> {
    match &field.kind {
        Type::Constant(word) => Some(word),
        _ => None,
    }
}

fn tag_words(name: String, words: &[&str]) -> Definition {
    let words = words.iter().map(|word| Word { word: (*word).to_owned(), text: String::new() }).collect();
    let doc = Doc { text: "Which one it is.".to_owned(), example: None };
    Definition { name, doc, shape: Shape::Words(words), uses: Uses::default() }
}

//! Where each type occurs: sent, received, as a whole or inside another.

use super::{public_name, referred};
use crate::openapi::{Document, Schema};
use crate::schema::{Api, EVENT, PAGE, Shape, Uses};

/// Notes at each definition how the routes and the events use it.
pub(super) fn mark(api: &mut Api, document: &Document) {
    for (method, operation) in document.paths.values().flatten() {
        if let Some(name) = operation.request_body.as_ref().and_then(|body| body.json()).and_then(target) {
            let change = method == "patch";
            note(api, &name, |uses| (uses.request, uses.change) = (true, uses.change || change));
            spread(api, &name, |uses| &mut uses.argument);
        }
        for (status, response) in &operation.responses {
            let Some(name) = response.json().and_then(target) else { continue };
            if status.starts_with('2') {
                note(api, &name, |uses| uses.reply = true);
            }
            receive(api, &name);
        }
    }
    for name in api.event_types().into_iter().map(str::to_owned).collect::<Vec<_>>() {
        receive(api, &name);
    }
    for name in api.pages.clone() {
        receive(api, &name);
    }
    note(api, EVENT, |uses| uses.received = true);
    receive_the_rest(api);
}

/// What no route names is told by event streams: pieces of replies.
fn receive_the_rest(api: &mut Api) {
    let unused = |uses: Uses| uses == Uses::default();
    let records = api.definitions.values().filter(|known| known.shape.fields().is_some() && unused(known.uses));
    for name in records.map(|definition| definition.name.clone()).collect::<Vec<_>>() {
        receive(api, &name);
    }
}

fn target(schema: &Schema) -> Option<String> {
    let component = referred(schema.reference.as_deref()?);
    Some(if component.starts_with("Page_") { PAGE.to_owned() } else { public_name(component) })
}

fn note(api: &mut Api, name: &str, change: impl Fn(&mut Uses)) {
    if let Some(definition) = api.definitions.get_mut(name) {
        change(&mut definition.uses);
    }
}

fn receive(api: &mut Api, name: &str) {
    note(api, name, |uses| uses.received = true);
    spread(api, name, |uses| &mut uses.received);
}

/// Notes something at all that lies inside a type.
fn spread(api: &mut Api, name: &str, flag: impl Fn(&mut Uses) -> &mut bool) {
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let Some(definition) = api.definitions.get(&name) else { continue };
        for inner in inside(&definition.shape) {
            let Some(definition) = api.definitions.get_mut(&inner) else { continue };
            if !std::mem::replace(flag(&mut definition.uses), true) {
                open.push(inner);
            }
        }
    }
}

fn inside(shape: &Shape) -> Vec<String> {
    let fields = shape.fields().unwrap_or_default().iter().flat_map(|field| field.kind.names());
    let variants = if let Shape::Union(union) = shape { &union.variants[..] } else { &[] };
    fields.map(str::to_owned).chain(variants.iter().cloned()).collect()
}

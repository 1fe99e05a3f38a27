//! What Anchor cannot know of types that another crate declares.

use std::collections::BTreeMap;

use serde_json::{Value, json};

fn types(idl: &Value) -> &[Value] {
    idl["types"].as_array().map_or(&[], Vec::as_slice)
}

/// The name of a type that is declared elsewhere in the description.
pub fn defined(of: &Value) -> Option<&str> {
    of["defined"]["name"].as_str()
}

/// Replaces every type that is one other type in memory by that one. An amount of atoms is an `i64` to a client; generators
/// would make a tuple of it.
pub fn inline_newtypes(idl: &mut Value) {
    let inner = |of: &Value| match of["type"]["fields"].as_array().map(Vec::as_slice) {
        Some([only]) if of["repr"]["kind"] == "transparent" && only["name"].is_null() => Some(only.clone()),
        _ => None,
    };
    let newtypes: BTreeMap<String, Value> =
        types(idl).iter().filter_map(|of| Some((of["name"].as_str()?.to_string(), inner(of)?))).collect();
    if let Some(types) = idl["types"].as_array_mut() {
        types.retain(|of| of["name"].as_str().is_none_or(|name| !newtypes.contains_key(name)));
    }
    replace(idl, &newtypes);
}

fn replace(value: &mut Value, newtypes: &BTreeMap<String, Value>) {
    if let Some(inner) = defined(value).and_then(|name| newtypes.get(name)) {
        *value = inner.clone();
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, newtypes)),
        Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, newtypes)),
        _ => {}
    }
}

/// Marks what an account that is read as bytes is made of as read like that, too.
pub fn mark_bytes(idl: &mut Value) {
    let is_bytes = |of: &Value| of["serialization"] == "bytemuck";
    loop {
        let mut parts = Vec::new();
        types(idl).iter().filter(|of| is_bytes(of)).for_each(|of| names(&of["type"], &mut parts));
        let Some(types) = idl["types"].as_array_mut() else { return };
        let is_part = |of: &Value| of["name"].as_str().is_some_and(|name| parts.iter().any(|part| part == name));
        let mut unmarked = types.iter_mut().filter(|of| is_part(of) && !is_bytes(of)).peekable();
        if unmarked.peek().is_none() {
            return;
        }
        unmarked.for_each(|of| of["serialization"] = json!("bytemuck"));
    }
}

/// The names of the types that a type is made of.
fn names(value: &Value, found: &mut Vec<String>) {
    found.extend(defined(value).map(String::from));
    match value {
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| names(value, found)),
        _ => {}
    }
}

//! The JSON schemas: what they say is what the program enforces.

use serde_json::Value;

/// Walks a schema and collects the keywords in it, outside of `properties`.
fn keywords(value: &Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                match key.as_str() {
                    "properties" | "$defs" => {
                        value.as_object().unwrap().values().for_each(|v| keywords(v, found));
                    }
                    "examples" | "enum" => {}
                    _ => keywords(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| keywords(v, found)),
        _ => {}
    }
}

/// A keyword that the shape check does not know would be a promise that nobody keeps.
#[test]
fn only_keywords_that_are_enforced() {
    const ENFORCED: [&str; 20] = [
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "const",
        "default",
        "description",
        "enum",
        "examples",
        "format",
        "items",
        "maximum",
        "minimum",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
        "uniqueItems",
    ];
    for (name, schema) in halo_spec::schemas() {
        let mut found = std::collections::BTreeSet::new();
        keywords(&schema, &mut found);
        let unknown: Vec<_> = found.iter().filter(|k| !ENFORCED.contains(&k.as_str())).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_table_is_closed() {
    fn walk(value: &Value, root: &Value, name: &str) {
        match value {
            Value::Object(map) => {
                if let Some(to) = map.get("$ref") {
                    let to = to.as_str().unwrap().strip_prefix('#').unwrap();
                    assert!(root.pointer(to).is_some(), "{name}: {to}");
                }
                if map.contains_key("properties") {
                    assert_eq!(
                        map.get("additionalProperties"),
                        Some(&Value::Bool(false)),
                        "{name}"
                    );
                }
                map.values().for_each(|v| walk(v, root, name));
            }
            Value::Array(items) => items.iter().for_each(|v| walk(v, root, name)),
            _ => {}
        }
    }
    let schemas = halo_spec::schemas();
    assert_eq!(
        schemas.iter().map(|(n, _)| *n).collect::<Vec<_>>(),
        ["class", "prime", "network", "scenario", "simulation"]
    );
    for (name, schema) in &schemas {
        walk(schema, schema, name);
    }
}

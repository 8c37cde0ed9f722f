//! JSON schemas of the files: for editors, and for [`crate::shape`], which enforces the same ones.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::{
    class::file::ClassFile,
    file::Format,
    network::NetworkFile,
    prime::PrimeFile,
    scenario::{ScenarioFile, file::SimulationFile},
};

/// The JSON schema of every kind of file, by name.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("class", of::<ClassFile>()),
        ("prime", of::<PrimeFile>()),
        ("network", of::<NetworkFile>()),
        ("scenario", of::<ScenarioFile>()),
        ("simulation", of::<SimulationFile>()),
    ]
}

pub(crate) fn of<F: Format>() -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<F>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), F::FORMAT.into());
    }
    without_null(&mut schema);
    schema
}

/// TOML has no null: what may be left out is not required, and that is all.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|t| t != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    map.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(any)) = map.get_mut("anyOf") {
                any.retain(|s| s.get("type").is_none_or(|t| t != "null"));
                if let [Value::Object(one)] = any.as_slice() {
                    let one = one.clone();
                    map.remove("anyOf");
                    map.extend(one);
                }
            }
            if map.get("default").is_some_and(Value::is_null) {
                map.remove("default");
            }
            map.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

//! One text for one meaning: JSON with sorted keys and no spaces, to be hashed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The canonical JSON of `value`, whose keys are all strings.
pub(crate) fn json(value: &impl Serialize) -> String {
    let mut text = String::new();
    // Only maps with keys that are not strings fail, and the specs have none.
    write(&serde_json::to_value(value).unwrap_or_default(), &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            out.push('{');
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

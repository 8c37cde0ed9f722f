//! The shape of a file against its JSON schema: unknown and missing keys, types, choices.
//!
//! The schema that an editor reads and the check that the program makes are the same thing, and all
//! mistakes are found in one go, each at its place.

use std::ops::Range;

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    finding::{Finding, Severity},
    prime::nearest,
    source::clip,
};

/// What is wrong with the shape of `root` under `schema`.
pub(crate) fn check(root: &Spanned<DeTable<'_>>, schema: &Value) -> Vec<Finding> {
    let mut walk = Walk { root: schema, findings: Vec::new() };
    // The root's span is the whole file; what is missing there is missing at its beginning.
    walk.table("the file", 0..0, root.get_ref(), schema);
    walk.findings
}

struct Walk<'a> {
    root: &'a Value,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn say(&mut self, code: &'static str, span: Range<usize>, message: String, help: String) {
        self.findings.push(Finding::at(Severity::Error, code, span, message).help(help));
    }

    fn definition(&self, schema: &'a Value) -> &'a Value {
        schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|r| self.root.pointer(r.strip_prefix('#')?))
            .unwrap_or(schema)
    }

    fn table(&mut self, name: &str, span: Range<usize>, table: &DeTable<'_>, schema: &'a Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let known = || properties.into_iter().flat_map(|p| p.keys().map(String::as_str));
        // A key that is missing because it is misspelt is said once, at the slip.
        let mut meant = Vec::new();
        for (key, value) in table {
            let said: &str = key.get_ref();
            match properties.and_then(|p| p.get(said)) {
                Some(schema) => self.value(said, value, schema),
                None => {
                    let unused = known().filter(|k| table.get(*k).is_none());
                    let help = match nearest(said, unused) {
                        Some(like) => {
                            meant.push(like);
                            format!("did you mean `{like}`?")
                        }
                        None => format!("known here: {}", known().collect::<Vec<_>>().join(", ")),
                    };
                    let message = format!("`{}` is not a key of {name}", clip(said));
                    self.say("unknown-key", key.span(), message, help);
                }
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for key in required.filter_map(Value::as_str).filter(|k| table.get(*k).is_none()) {
            if meant.contains(&key) {
                continue;
            }
            let about = properties.and_then(|p| p.get(key));
            let said = about.and_then(|s| s.get("description")).and_then(Value::as_str);
            // Its first paragraph, which the source may have broken over several lines.
            let said = said.unwrap_or_default().split("\n\n").next().unwrap_or_default();
            let said = said.replace('\n', " ");
            let help = match about.map(|s| self.definition(s)) {
                Some(s) if s.get("properties").is_some() => format!("add a table [{key}]. {said}"),
                Some(s) if s.get("items").is_some() => format!("add {key} = […]. {said}"),
                // An example's address must not be pasted where somebody's own belongs.
                Some(s) if example(s).starts_with("\"0x") => format!("add {key} = \"0x…\". {said}"),
                Some(s) => format!("add {key} = {}. {said}", example(s)),
                None => format!("add `{key}`"),
            };
            self.say("missing-key", span.clone(), format!("{name} lacks `{key}`"), help);
        }
    }

    fn value(&mut self, key: &str, value: &Spanned<DeValue<'_>>, schema: &'a Value) {
        let schema = self.definition(schema);
        let (span, found) = (value.span(), value.get_ref());
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or("string");
        match (kind, found) {
            ("object", DeValue::Table(table)) => {
                self.table(&format!("`{key}`"), span, table, schema);
            }
            ("array", DeValue::Array(items)) => {
                let of = schema.get("items").unwrap_or(schema);
                for item in items.iter() {
                    self.value(key, item, of);
                }
            }
            ("integer", DeValue::Integer(_)) => self.integer(key, value, schema),
            ("boolean", DeValue::Boolean(_)) => {}
            ("string", DeValue::String(said)) => self.choice(said, span, schema),
            (_, found) => {
                let message = format!(
                    "`{key}` must be {}, and this is {}",
                    expected(kind, schema),
                    toml_type(found)
                );
                let help = match (kind, found) {
                    ("string", DeValue::Integer(_) | DeValue::Float(_)) => {
                        format!("write it in quotes, with its unit: {}", example(schema))
                    }
                    ("string", DeValue::Datetime(_)) => {
                        format!("write it in quotes: {}", example(schema))
                    }
                    ("object", _) => format!("write it as a table, {key} = {{ … }} or [{key}]"),
                    ("array", _) => format!("write it in brackets, {key} = [ … ]"),
                    _ => format!("write it as in {key} = {}", example(schema)),
                };
                self.say("wrong-type", span, message, help);
            }
        }
    }

    fn integer(&mut self, key: &str, value: &Spanned<DeValue<'_>>, schema: &Value) {
        let bound = |k| schema.get(k).and_then(Value::as_i64);
        let (low, high) = match schema.get("format").and_then(Value::as_str) {
            Some("uint8") => (0, i64::from(u8::MAX)),
            Some("uint16") => (0, i64::from(u16::MAX)),
            Some("uint32") => (0, i64::from(u32::MAX)),
            Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Some("int64") => (i64::MIN, i64::MAX),
            _ => (0, i64::MAX),
        };
        let least = bound("minimum").unwrap_or(low);
        let most = bound("maximum").unwrap_or(high);
        let said = value.get_ref().as_integer();
        let number = said.and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        if number.is_none_or(|n| n < least || n > most) {
            let message = format!("`{key}` must be a whole number from {least} to {most}");
            self.say(
                "out-of-range",
                value.span(),
                message,
                "give a number in that range".to_owned(),
            );
        }
    }

    /// A string that must be one of several words.
    fn choice(&mut self, said: &str, span: Range<usize>, schema: &Value) {
        let words = choices(schema);
        if words.is_empty() || words.contains(&said) {
            return;
        }
        let all = words.join(", ");
        let help = match nearest(said, words.iter().copied()) {
            Some(like) => format!("did you mean \"{like}\"? Known are {all}"),
            None => format!("known are {all}"),
        };
        let message = format!("\"{}\" is not one of the words that may stand here", clip(said));
        self.say("unknown-word", span, message, help);
    }
}

/// The words that a schema allows; empty when it allows any.
fn choices(schema: &Value) -> Vec<&str> {
    let plain = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let told = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let told = told.flat_map(|s| {
        let many = s.get("enum").and_then(Value::as_array).into_iter().flatten();
        s.get("const").into_iter().chain(many)
    });
    plain.chain(told).chain(schema.get("const")).filter_map(Value::as_str).collect()
}

fn expected(kind: &str, schema: &Value) -> String {
    let title = schema.get("title").and_then(Value::as_str);
    match (kind, title) {
        ("object", _) => "a table".to_owned(),
        ("array", _) => "a list".to_owned(),
        ("integer", _) => "a whole number".to_owned(),
        ("boolean", _) => "true or false".to_owned(),
        (_, Some(title)) if title.starts_with(char::is_lowercase) => format!("text: {title}"),
        _ => "text".to_owned(),
    }
}

fn example(schema: &Value) -> String {
    let first = schema.get("examples").and_then(|e| e.get(0)).and_then(Value::as_str);
    let word = || choices(schema).first().copied();
    match (schema.get("type").and_then(Value::as_str), first.or_else(word)) {
        (_, Some(text)) => format!("\"{text}\""),
        (Some("integer"), _) => "1".to_owned(),
        (Some("boolean"), _) => "true".to_owned(),
        _ => "\"…\"".to_owned(),
    }
}

fn toml_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

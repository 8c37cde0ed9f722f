//! Two plans against each other: steps that only one has, and the fields in which the others differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::{error::Result, plan::Plan};

/// The longest that a value is shown, characters; calldata is compared whole.
const LONGEST: usize = 96;

/// How one plan differs from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlanDiff {
    /// What differs outside the steps.
    pub fields: Vec<Field>,
    /// Ids of the steps that only the new plan has, in its order.
    pub added: Vec<String>,
    /// Ids of the steps that only the old one has, in its order.
    pub removed: Vec<String>,
    /// Steps that both have and that differ.
    pub changed: Vec<Changed>,
    /// Whether the steps that both have come in another order.
    pub reordered: bool,
}

/// A step that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its id.
    pub id: String,
    /// In which fields.
    pub fields: Vec<Field>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Where it is, such as `action.arguments[0].value.maxAmount`.
    pub field: String,
    /// What the old plan has there; `None` for nothing.
    pub before: Option<String>,
    /// What the new one has.
    pub after: Option<String>,
}

impl PlanDiff {
    /// How `new` differs from `old`.
    ///
    /// # Errors
    /// [`Error::Json`](crate::Error::Json).
    pub fn of(old: &Plan, new: &Plan) -> Result<Self> {
        let mut diff = Self::default();
        for (name, before, after) in [
            ("subject", serde_json::to_value(&old.subject)?, serde_json::to_value(&new.subject)?),
            (
                "indirect",
                serde_json::to_value(&old.indirect)?,
                serde_json::to_value(&new.indirect)?,
            ),
            ("outcome", serde_json::to_value(&old.outcome)?, serde_json::to_value(&new.outcome)?),
        ] {
            compare(name, Some(&before), Some(&after), &mut diff.fields);
        }
        let was: BTreeMap<_, _> = old.steps.iter().map(|step| (&step.id, step)).collect();
        let is: BTreeSet<_> = new.steps.iter().map(|step| &step.id).collect();
        for step in &new.steps {
            match was.get(&step.id) {
                None => diff.added.push(step.id.clone()),
                Some(before) if before == &step => {}
                Some(before) => {
                    let mut fields = Vec::new();
                    let (before, after) =
                        (serde_json::to_value(before)?, serde_json::to_value(step)?);
                    for (name, after) in after.as_object().into_iter().flatten() {
                        if name != "digest" {
                            compare(name, before.get(name), Some(after), &mut fields);
                        }
                    }
                    diff.changed.push(Changed { id: step.id.clone(), fields });
                }
            }
        }
        let gone = old.steps.iter().filter(|step| !is.contains(&step.id));
        diff.removed = gone.map(|step| step.id.clone()).collect();
        let shared = |plan: &Plan| -> Vec<String> {
            let both = |id: &String| was.contains_key(id) && is.contains(id);
            plan.steps.iter().map(|step| step.id.clone()).filter(both).collect()
        };
        diff.reordered = shared(old) != shared(new);
        Ok(diff)
    }

    /// Whether the plans are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn compare(at: &str, before: Option<&Value>, after: Option<&Value>, fields: &mut Vec<Field>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for name in names {
                compare(&format!("{at}.{name}"), before.get(name), after.get(name), fields);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for i in 0..before.len().max(after.len()) {
                compare(&format!("{at}[{i}]"), before.get(i), after.get(i), fields);
            }
        }
        (before, after) => fields.push(Field {
            field: at.to_owned(),
            before: before.map(shown),
            after: after.map(shown),
        }),
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let length = text.chars().count();
    if length <= LONGEST {
        return text;
    }
    let begin: String = text.chars().take(LONGEST / 2).collect();
    let end: String = text.chars().skip(length - LONGEST / 4).collect();
    format!("{begin}…{end} ({length} characters)")
}

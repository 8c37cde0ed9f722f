//! The templates of spells and their tests, and the engine that fills them in.

use minijinja::{Environment, UndefinedBehavior, Value};
use serde_json::Value as Json;

use crate::{Result, words::solidity_text};

macro_rules! sources {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../spells/", $name, ".in")))),*]
    };
}

const SOURCES: &[(&str, &str)] = sources! {
    "spell.sol" "emergency.sol" "artifact.sol" "beam.sol"
    "test.sol" "halt.t.sol" "beam.t.sol"
    "OnboardHaloClass.sol" "OnboardHaloClass.t.sol"
    "OnboardUnit.sol" "OnboardUnit.t.sol"
    "PsmKiss.sol" "PsmKiss.t.sol"
    "CapChange.sol" "CapChange.t.sol"
    "SecondController.sol" "SecondController.t.sol"
    "TemplateApproval.sol" "TemplateApproval.t.sol"
    "MigrateUnit.sol" "MigrateUnit.t.sol"
    "UnitFreeze.sol" "UnitFreeze.t.sol"
    "ClassFreeze.sol" "ClassFreeze.t.sol"
    "RelayerPurge.sol" "RelayerPurge.t.sol"
    "ConfiguratorStop.sol" "ConfiguratorStop.t.sol"
    "PlanSpell.sol" "Launcher.sol"
};

/// Fills in a template. A value that is not given is an error.
pub(crate) fn render(name: &str, values: &Json) -> Result<String> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    for (name, source) in SOURCES {
        engine.add_template(name, source)?;
    }
    let text = engine.get_template(name)?.render(value(values))?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// JSON as the engine takes it. By serde it would not do: in a build where serde_json keeps numbers as text, they come out
/// as objects.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(it) => Value::from(*it),
        Json::Number(it) => it.as_u64().map_or_else(|| Value::from(it.to_string()), Value::from),
        // Manifests and chains are from outside, and a quote or a new line would be code.
        Json::String(it) => Value::from(solidity_text(it)),
        Json::Array(items) => items.iter().map(value).collect(),
        Json::Object(fields) => {
            Value::from_pairs(fields.iter().map(|(name, field)| (name.clone(), value(field))))
        }
    }
}

//! `halo generate`.

mod artifact;
mod assertions;
mod genesis;

use std::{fs, path::Path};

use alloy_primitives::{Address, B256, U256, keccak256};
use halo_chain::Labels;
use halo_deploy::Manifest;
use halo_governance::{Action, Caps, Document, Executor, Files, Scene, Spell, Terms};
use halo_spec::amount;
use halo_templates::{Tree, compile::Solc};
use miette::miette;
use serde::Serialize;
use serde_json::Value;

use crate::{
    args::{AgainstArgs, GenerateCommand, SpellArgs},
    deployed,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, shell, table},
    road,
};

/// Runs one of the generators.
pub(super) fn run(command: GenerateCommand, printer: Printer) -> Outcome {
    match command {
        GenerateCommand::Spell(args) => spell(&args, printer),
        GenerateCommand::Artifact(args) => artifact::run(&args, printer),
        GenerateCommand::Assertions(args) => assertions::run(&args, printer),
        GenerateCommand::Genesis(args) => genesis::run(&args, printer),
    }
}

#[derive(Serialize)]
struct Generated<'a> {
    #[serde(flatten)]
    spell: &'a Spell,
    files: Files,
}

/// Writes a spell, its test and the chain that the test starts from, and shows the spell's calls.
fn spell(args: &SpellArgs, printer: Printer) -> Outcome {
    let tree = Tree::find(args.source.root.as_deref())?;
    let solc = Solc::find(&tree, args.source.solc.as_deref())?;
    let mut terms = Terms {
        unit: args.unit.clone(),
        template: args.template.clone(),
        gov_ops: args.gov_ops,
        document: document(args)?,
        prime: args.prime.clone(),
        deadline: args.deadline,
        targets: args.target.iter().cloned().collect(),
        caps: Caps::default(),
    };
    let kind = args.kind;
    printer.progress(format!("rehearsing the plan of {}", args.file.display()));
    let scene = scene(args, &terms, printer)?;
    terms.caps = caps(args, &scene)?;
    printer.progress(format!("compiling with {}", solc.path().display()));
    let spell = halo_governance::generate(kind, &terms, &scene, &tree, &solc, &args.out)?;
    let files = spell.write(&args.out)?;
    print(&spell, &files, &scene, &tree, args, printer)?;
    printer.document(&Generated { spell: &spell, files })?;
    Ok(ExitStatus::Done)
}

/// A rehearsal of a spec, or the kept chain of a manifest.
fn scene(args: &SpellArgs, terms: &Terms, printer: Printer) -> Result<Scene, Failure> {
    let AgainstArgs { network, scenario } = &args.against;
    if !deployed::is_manifest(&args.file) {
        let inputs = load::inputs(&args.file, network, scenario, printer)?;
        road::refuse_production(&inputs)?;
        let load::Inputs { network, class, scenario } = &inputs;
        return Ok(Scene::rehearse(args.kind, terms, class, network, scenario)?);
    }
    let manifest = Manifest::load(&args.file)?;
    let network = load::network(&network.network, printer)?;
    let help = "run `halo deploy` or `halo launch` first, or name the folder with --state";
    let chain = road::kept(&args.state.state, help)?;
    Ok(Scene::of_manifest(manifest, chain, network)?)
}

fn document(args: &SpellArgs) -> Result<Option<Document>, Failure> {
    match (&args.document, &args.uri) {
        (Some(file), Some(uri)) => {
            let bytes = fs::read(file).map_err(|error| {
                Failure::outside(miette!("{} cannot be read: {error}", file.display()))
            })?;
            Ok(Some(Document { hash: keccak256(bytes), uri: uri.clone() }))
        }
        _ => Ok(None),
    }
}

fn caps(args: &SpellArgs, scene: &Scene) -> Result<Caps, Failure> {
    let read = |text: &Option<String>| -> Result<Option<U256>, Failure> {
        let Some(text) = text else { return Ok(None) };
        let asset = scene.asset()?;
        let value = amount::parse_or_unlimited(text, asset).map_err(|error| {
            Failure::input(miette!(help = error.help.clone(), "{}", error.message))
        })?;
        Ok(Some(value))
    };
    Ok(Caps {
        cap: read(&args.cap)?,
        epoch_subscribe: read(&args.epoch_subscribe)?,
        epoch_redeem: read(&args.epoch_redeem)?,
    })
}

fn print(
    spell: &Spell,
    files: &Files,
    scene: &Scene,
    tree: &Tree,
    args: &SpellArgs,
    printer: Printer,
) -> Result<(), Failure> {
    printer.result(&spell.title)?;
    let runs = match spell.kind.executor() {
        Executor::Sky | Executor::Halo | Executor::Prime => "runs as",
        Executor::Hat => "acts through",
    };
    printer.result(format!("  {runs:<13} {}, {}", spell.executor, spell.executor_at))?;
    printer.result(format!("  {:<13} {}", "calls", spell.actions_hash))?;
    printer.result(format!("  {:<13} {}", "code (tag)", spell.code_hash))?;
    let mut rows = table(&["", "target", "function", "arguments"]);
    for (at, action) in spell.actions.iter().enumerate() {
        let name = action.function.split('(').next().unwrap_or_default().to_owned();
        let words = arguments(action, scene).join("\n");
        rows.add_row([(at + 1).to_string(), action.target_name.clone(), name, words]);
    }
    printer.result(rows.to_string())?;
    for path in [&files.source, &files.test, &files.world] {
        printer.result(format!("wrote {}", path.display()))?;
    }
    let out = std::path::absolute(&args.out).unwrap_or_else(|_| args.out.clone());
    printer.result(format!("\nTest it, in {}:\n  {}", tree.root().display(), test(&out)))
}

/// The command that runs the test, wherever it lies.
fn test(out: &Path) -> String {
    let out = shell(out);
    format!(
        "FOUNDRY_SRC={out} FOUNDRY_TEST={out} FOUNDRY_SCRIPT={out} FOUNDRY_ALLOW_PATHS='[\"node_modules\",\"{out}\"]' forge test"
    )
}

/// Each argument in a line, what has a name by its name.
fn arguments(action: &Action, scene: &Scene) -> Vec<String> {
    let labels = scene.labels();
    let line = |argument: &halo_deploy::Argument| {
        format!("{}: {}", argument.name, text(&argument.value, scene, &labels))
    };
    action.arguments.iter().map(line).collect()
}

fn text(value: &Value, scene: &Scene, labels: &Labels) -> String {
    let list = |items: &[Value]| {
        items.iter().map(|item| text(item, scene, labels)).collect::<Vec<_>>().join(",\n  ")
    };
    match value {
        Value::String(word) => name(word, scene, labels).unwrap_or_else(|| digits(word)),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => format!("[\n  {}]", list(items)),
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| format!("{name} {}", text(value, scene, labels));
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A number with its digits grouped; anything else as it is, and a hash of zeros as a zero.
fn digits(word: &str) -> String {
    if word.parse::<B256>().is_ok_and(|hash| hash.is_zero()) {
        return "0".to_owned();
    }
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match word.parse::<U256>() {
        Ok(number) if is_number => amount::format_number(number, 0),
        _ => word.to_owned(),
    }
}

/// The name of an address or of a limit's key; "unlimited" for the largest number.
fn name(word: &str, scene: &Scene, labels: &Labels) -> Option<String> {
    if word == U256::MAX.to_string() {
        return Some("unlimited".to_owned());
    }
    if let Ok(address) = word.parse::<Address>() {
        return labels.name(address).map(|_| labels.show(address));
    }
    let key = word.parse::<B256>().ok()?;
    scene.key_name(key).map(str::to_owned)
}

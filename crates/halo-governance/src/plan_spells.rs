//! The steps of a plan that spells sign, as spells: each run of them one contract, or as many as fit their code.

use std::{collections::BTreeMap, path::Path};

use alloy_json_abi::{Function, Param};
use alloy_primitives::{Address, hex};
use halo_deploy::{
    Action, Argument, Call, Means, Plan, Road, SpellMake, Step,
    handoff::{Batch, Launcher, Spell, Spells, runs},
};
use halo_templates::{
    Template, Tree,
    compile::{Alone, Solc, compile_alone, read_settings},
};
use serde_json::{Value, json};

use crate::{
    Error, Result,
    inspect::look_into,
    render::render,
    words::{address, constant, solidity_text, word},
};

/// Code that a spell may grow to by our estimate, bytes; the chain's limit is 24,576.
const FITS: usize = 20_000;
/// Code that a call takes beside its data.
const PER_CALL: usize = 150;

/// Writes the spells for those of the steps that are left which spells sign. What was compiled before is taken from the
/// folder `kept`, as [`compile_alone`] says.
///
/// # Errors
/// A step calls what no template explains, or the compiler is not the pinned one.
pub fn plan_spells(
    plan: &Plan,
    left: &[&Step],
    tree: &Tree,
    solc: &Solc,
    kept: Option<&Path>,
) -> Result<Spells> {
    let mut batches = Vec::new();
    for run in runs(plan, left, Means::Spell) {
        let mut rest = run.steps.as_slice();
        while !rest.is_empty() {
            let (steps, after) = rest.split_at(fitting(rest));
            batches.push(Batch { signer: run.signer, road: run.road, steps: steps.to_vec() });
            rest = after;
        }
    }
    let settings = read_settings(tree)?;
    let compile = |name, texts: &[String]| {
        let sources: Vec<_> = texts.iter().map(|text| (name, text.as_str())).collect();
        compile_alone(&sources, &settings, solc, kept)
    };
    let sources: Vec<_> = batches.iter().map(|batch| source(plan, batch)).collect::<Result<_>>()?;
    let made = compile(SPELL, &sources)?;
    let mut spells = Vec::with_capacity(batches.len());
    for ((batch, source), made) in batches.iter().zip(sources).zip(made) {
        spells.push(spell(plan, batch, source, made)?);
    }

    // A launcher has its spell's address and hash in it, so that it comes second.
    let launched = batches.iter().zip(&mut spells);
    let launched = launched.filter_map(|(batch, spell)| Some((pause(batch)?, spell)));
    let (pauses, launched): (Vec<_>, Vec<_>) = launched.unzip();
    let pairs = pauses.into_iter().zip(&launched);
    let sources: Vec<_> =
        pairs.map(|(pause, spell)| launcher(plan, pause, spell)).collect::<Result<_>>()?;
    let made = compile(LAUNCHER, &sources)?;
    for ((spell, source), Alone { artifact, .. }) in launched.into_iter().zip(&sources).zip(made) {
        let code_hash = artifact.runtime_hash();
        spell.launcher = Some(Launcher { creation_code: artifact.bytecode, code_hash });
        spell.source += &format!("\n{}", without_head(source));
    }
    Ok(Spells(spells))
}

/// How many of the steps go into one spell.
fn fitting(steps: &[&Step]) -> usize {
    let mut size = 0;
    let fits = steps.iter().take_while(|step| {
        size += call_of(step).map_or(0, |call| call.data.len() * 3 / 2 + PER_CALL);
        size <= FITS
    });
    fits.count().max(1)
}

fn call_of(step: &Step) -> Option<&Call> {
    match &step.action {
        Action::Call(call) => Some(call),
        Action::Create { .. } | Action::Store { .. } => None,
    }
}

fn unfit(what: String) -> Error {
    let remedy = "let a key sign that step, in [signers] of the network".to_owned();
    Error::Terms { what, remedy }
}

/// The Solidity text of a spell that takes these steps.
fn source(plan: &Plan, batch: &Batch<'_>) -> Result<String> {
    let mut interfaces = BTreeMap::new();
    let mut calls = Vec::new();
    for step in &batch.steps {
        let call = call_of(step).filter(|call| call.value.is_zero());
        let call = call.ok_or_else(|| unfit(format!("no spell can do the step `{}`", step.id)))?;
        let function = function(plan, call).ok_or_else(|| {
            unfit(format!("no template explains {} of the step `{}`", call.function, step.id))
        })?;
        let interface = interfaces.entry(call.to).or_insert_with(|| Interface::new(call));
        interface.add(&function);
        calls.push(interface.call(step, call, &function));
    }
    let titles: Vec<_> = batch.steps.iter().map(|step| step.title.as_str()).collect();
    let class = &plan.subject.class.slug;
    let title = format!("Steps of the plan {} for {class}", plan.digest);
    render(
        "PlanSpell.sol",
        &json!({
            "name": SPELL,
            "kind": "plan",
            "title": title,
            "notice": [titles.join("; ")],
            "origin": format!("for the spec of hash {}", plan.subject.spec_hash),
            "executor": format!("the {}", batch.signer.role),
            "executor_at": address(batch.signer.address),
            "interfaces": interfaces.iter().map(|(at, one)| one.json(*at)).collect::<Vec<_>>(),
            "calls": calls,
        }),
    )
}

/// The spell that became of a text, if it makes the calls of its steps and no others.
fn spell(plan: &Plan, batch: &Batch<'_>, source: String, made: Alone) -> Result<Spell> {
    let creates = plan.steps.iter().find(|step| matches!(step.action, Action::Create { .. }));
    let create2 = creates.and_then(|step| step.creates.first()).map(|contract| contract.creator);
    let create2 = create2.ok_or_else(|| {
        unfit("the plan creates nothing, so it names no deployment proxy for its spells".to_owned())
    })?;
    let inspected = look_into(SPELL, made)?;
    let wanted = batch.calls()?;
    let is_same = inspected.actions.len() == wanted.len()
        && inspected
            .actions
            .iter()
            .zip(&wanted)
            .all(|(is, was)| is.target == was.to && is.data == was.data);
    if !is_same {
        return Err(Error::Unfit {
            name: SPELL,
            reason: "makes other calls than its steps".into(),
        });
    }
    let digest = batch.digest();
    Ok(Spell {
        steps: batch.steps.iter().map(|step| step.id.clone()).collect(),
        name: format!("PlanSpell_{}", hex::encode(digest.get(..4).unwrap_or_default())),
        source,
        creation_code: inspected.artifact.bytecode.clone(),
        code_hash: inspected.artifact.runtime_hash(),
        actions_hash: inspected.actions_hash,
        create2,
        launcher: None,
    })
}

/// Sky's pause, where that is where the batch's spell is plotted.
fn pause(batch: &Batch<'_>) -> Option<Address> {
    match batch.road {
        Some(Road::Spell { pause, through: SpellMake::DsPause, .. }) => Some(*pause),
        _ => None,
    }
}

/// The Solidity text of a spell's launcher.
fn launcher(plan: &Plan, pause: Address, spell: &Spell) -> Result<String> {
    render(
        "Launcher.sol",
        &json!({
            "title": spell.name,
            "origin": format!("for the spec of hash {}", plan.subject.spec_hash),
            "pause": address(pause),
            "action": address(spell.address()),
            "tag": word(spell.code_hash),
        }),
    )
}

const SPELL: &str = "PlanSpell";
const LAUNCHER: &str = "Launcher";

/// The function that a call names, with its parameters' names.
fn function(plan: &Plan, call: &Call) -> Option<Function> {
    let own = plan.contract(&call.contract).and_then(|it| Template::get(&it.template).ok());
    let all = Template::all().iter().copied();
    own.into_iter().chain(all).find_map(|template| {
        template.abi().functions().find(|one| one.signature() == call.function).cloned()
    })
}

/// What a spell knows of a contract that it calls.
struct Interface {
    name: String,
    constant: String,
    contract: String,
    structs: Vec<Value>,
    functions: BTreeMap<String, Value>,
}

impl Interface {
    fn new(call: &Call) -> Self {
        let constant = constant(&call.contract);
        let words = constant.split('_').filter(|word| !word.is_empty());
        let name: String = words
            .map(|word| {
                let (first, rest) = word.split_at(1);
                first.to_owned() + &rest.to_lowercase()
            })
            .collect();
        let (structs, functions) = (Vec::new(), BTreeMap::new());
        Self {
            name: name + "Like",
            constant,
            contract: solidity_text(&call.contract),
            structs,
            functions,
        }
    }

    fn add(&mut self, function: &Function) {
        if self.functions.contains_key(&function.signature()) {
            return;
        }
        let inputs: Vec<_> = function
            .inputs
            .iter()
            .map(|param| {
                let ty = self.type_of(param);
                let is_short = param.components.is_empty() && !param.ty.ends_with(']');
                let by_value = is_short && !matches!(param.ty.as_str(), "string" | "bytes");
                let place = if by_value { "" } else { " calldata" };
                format!("{ty}{place} {}", name_of(param))
            })
            .collect();
        let one = json!({ "name": function.name, "inputs": inputs });
        self.functions.insert(function.signature(), one);
    }

    /// A parameter's type in Solidity; a struct is declared.
    fn type_of(&mut self, param: &Param) -> String {
        let Some(suffix) = param.ty.strip_prefix("tuple") else { return param.ty.clone() };
        let fields: Vec<_> = param
            .components
            .iter()
            .map(|field| format!("{} {}", self.type_of(field), name_of(field)))
            .collect();
        let said = param.internal_type.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = said.rsplit([' ', '.']).next().unwrap_or_default();
        let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
        let known = |one: &&Value| one["name"] == name.as_str();
        let name = match self.structs.iter().find(known) {
            Some(one) if one["fields"] == json!(fields) => return name + suffix,
            _ if name.is_empty() => format!("Struct{}", self.structs.len()),
            Some(_) => format!("{name}{}", self.structs.len()),
            None => name,
        };
        self.structs.push(json!({ "name": name, "fields": fields }));
        name + suffix
    }

    fn call(&self, step: &Step, call: &Call, function: &Function) -> Value {
        let literals: Option<Vec<Value>> = call.arguments.iter().map(literal).collect();
        let overloaded =
            self.functions.values().filter(|one| one["name"] == function.name.as_str());
        let mut value = json!({
            "step": step.id,
            "title": step.title,
            "constant": self.constant,
            "interface": self.name,
            "function": function.name,
        });
        let fields = match literals.filter(|_| overloaded.count() < 2) {
            Some(arguments) => json!({ "arguments": arguments, "hex": "" }),
            None => {
                let words = call.arguments.iter().map(|it| format!("{} = {}", it.name, it.value));
                let head = format!("{}.{}", self.name, call.function);
                let words: Vec<_> = std::iter::once(head).chain(words).collect();
                json!({ "words": words, "hex": hex::encode(&call.data) })
            }
        };
        if let (Some(value), Value::Object(fields)) = (value.as_object_mut(), fields) {
            value.extend(fields);
        }
        value
    }

    fn json(&self, at: Address) -> Value {
        json!({
            "name": self.name,
            "constant": self.constant,
            "contract": self.contract,
            "address": address(at),
            "structs": self.structs,
            "functions": self.functions.values().collect::<Vec<_>>(),
        })
    }
}

/// A parameter's name, which may be missing or a word of Solidity.
fn name_of(param: &Param) -> String {
    match param.name.as_str() {
        "" => "value".to_owned(),
        name => format!("{}_", name.trim_end_matches('_')),
    }
}

/// An argument as a literal; `None` for arrays, structs, bytes and text that a literal cannot hold.
fn literal(argument: &Argument) -> Option<Value> {
    let code = |text: String| Some(json!({ "code": text }));
    match (argument.kind.as_str(), &argument.value) {
        ("bool", Value::Bool(value)) => code(value.to_string()),
        ("string", Value::String(text)) if solidity_text(text) == *text => {
            Some(json!({ "text": text }))
        }
        ("address", Value::String(text)) => code(text.clone()),
        (kind, Value::String(text)) if kind.starts_with("uint") && !kind.ends_with(']') => {
            code(text.clone())
        }
        (kind, Value::String(text))
            if kind.starts_with("bytes") && kind.len() > 5 && !kind.ends_with(']') =>
        {
            code(format!("{kind}({text})"))
        }
        _ => None,
    }
}

/// A source without its licence and pragma, to stand behind another.
fn without_head(source: &str) -> &str {
    source.find("interface ").and_then(|at| source.get(at..)).unwrap_or(source)
}

//! `halo templates`.

use halo_templates::{
    CATALOG, Kind, Lock, Template, Tree,
    compile::{self, Solc},
};
use miette::miette;
use serde::Serialize;

use crate::{
    args::{TemplateShowArgs, TemplateSourceArgs, TemplatesCommand},
    exit::{ExitStatus, Failure, Outcome},
    output::{Printer, table},
};

/// Runs one of the template commands.
pub(super) fn run(command: TemplatesCommand, printer: Printer) -> Outcome {
    match command {
        TemplatesCommand::List => list(printer),
        TemplatesCommand::Show(args) => show(&args, printer),
        TemplatesCommand::Verify(args) => verify(&args, printer),
        TemplatesCommand::Compile(args) => compile_all(&args, printer),
    }
}

fn list(printer: Printer) -> Outcome {
    let lock = Lock::embedded();
    let mut rows = table(&["template", "kind", "version", "size", "code hash", "audit"]);
    for template in &lock.templates {
        rows.add_row([
            template.name.clone(),
            template.kind.to_string(),
            template.version.to_string(),
            template.runtime_size.to_string(),
            short(&template.runtime_hash.to_string()),
            template.audit.clone(),
        ]);
    }
    printer.result(rows.to_string())?;
    printer.result(format!("templates.lock {} · solc {}", lock.hash(), lock.compiler.solc))?;
    printer.document(lock)?;
    Ok(ExitStatus::Done)
}

/// The first and last digits of a hash, for a table.
fn short(hash: &str) -> String {
    match (hash.get(..10), hash.get(hash.len().saturating_sub(8)..)) {
        (Some(head), Some(tail)) => format!("{head}…{tail}"),
        _ => hash.to_owned(),
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    locked: &'a halo_templates::LockedTemplate,
    functions: Vec<ShownFunction>,
    /// Functions of others that it calls.
    calls: Vec<String>,
    storage: &'a [halo_templates::artifact::StorageVariable],
    events: Vec<String>,
    errors: Vec<String>,
}

#[derive(Serialize)]
struct ShownFunction {
    selector: String,
    signature: String,
    /// Who may call it; none for a view.
    callers: Option<&'static str>,
}

fn show(args: &TemplateShowArgs, printer: Printer) -> Outcome {
    let template = Template::get(&args.name).map_err(|unknown| {
        Failure::input(miette!(help = "`halo templates list` has them all", "{unknown}"))
    })?;
    let locked = template.locked();
    let abi = template.abi();
    let mut shown = Shown {
        locked,
        functions: abi
            .functions()
            .map(|f| ShownFunction {
                selector: f.selector().to_string(),
                signature: f.full_signature(),
                callers: template.callers(&f.name, &f.signature()),
            })
            .collect(),
        calls: template.calls().into_iter().collect(),
        storage: &template.artifact().storage_layout,
        events: abi.events().map(|e| e.full_signature()).collect(),
        errors: abi.errors().map(|e| format!("{} {}", e.selector(), e.signature())).collect(),
    };
    shown.functions.sort_by(|a, b| a.signature.cmp(&b.signature));
    for (name, value) in [
        ("template", locked.name.clone()),
        ("kind", locked.kind.to_string()),
        ("version", locked.version.to_string()),
        ("source", locked.source.clone()),
        ("audit", locked.audit.clone()),
        ("code hash", locked.runtime_hash.to_string()),
        ("code size", format!("{} of 24576 bytes", locked.runtime_size)),
        ("creation hash", locked.creation_hash.to_string()),
        ("creation size", format!("{} of 49152 bytes", locked.creation_size)),
        ("sources", locked.sources.len().to_string()),
    ] {
        printer.result(format!("{name:<14} {value}"))?;
    }
    let functions = shown.functions.iter().map(|function| {
        let callers = function.callers.map(|callers| format!("\n             callers: {callers}"));
        format!("{} {}{}", function.selector, function.signature, callers.unwrap_or_default())
    });
    let storage = shown.storage.iter().map(|variable| {
        format!("{:>4} +{:<2} {} {}", variable.slot, variable.offset, variable.ty, variable.label)
    });
    for (title, lines) in [
        ("functions", functions.collect()),
        ("calls to others", shown.calls.clone()),
        ("storage (slot + offset)", storage.collect::<Vec<_>>()),
        ("events", shown.events.clone()),
        ("errors", shown.errors.clone()),
    ] {
        printer.result(format!("\n{title}"))?;
        for line in lines {
            printer.result(format!("  {line}"))?;
        }
    }
    printer.document(&shown)?;
    Ok(ExitStatus::Done)
}

fn open(args: &TemplateSourceArgs) -> Result<(Tree, Solc), Failure> {
    let tree = Tree::find(args.root.as_deref())?;
    let solc = Solc::find(&tree, args.solc.as_deref())?;
    Ok((tree, solc))
}

#[derive(Serialize)]
struct Verified<'a> {
    ok: bool,
    solc: String,
    templates: Vec<VerifiedTemplate<'a>>,
}

#[derive(Serialize)]
struct VerifiedTemplate<'a> {
    name: &'a str,
    differences: Vec<String>,
}

fn verify(args: &TemplateSourceArgs, printer: Printer) -> Outcome {
    let (tree, solc) = open(args)?;
    printer.progress(format!(
        "compiling {} templates of {} with {}",
        CATALOG.len(),
        tree.root().display(),
        solc.path().display()
    ));
    let report = compile::verify(&tree, CATALOG, &solc)?;
    let ok = report.is_ok();
    printer.result(report.to_string())?;
    printer.document(&Verified {
        ok,
        solc: solc.version().to_string(),
        templates: report
            .templates
            .iter()
            .map(|checked| VerifiedTemplate {
                name: &checked.name,
                differences: checked.differences.iter().map(ToString::to_string).collect(),
            })
            .collect(),
    })?;
    Ok(if ok { ExitStatus::Done } else { ExitStatus::Refused })
}

#[derive(Serialize)]
struct Compiled {
    name: &'static str,
    kind: Kind,
    size: usize,
    runtime_hash: String,
    frozen: bool,
}

fn compile_all(args: &TemplateSourceArgs, printer: Printer) -> Outcome {
    let (tree, solc) = open(args)?;
    let settings = compile::read_settings(&tree)?;
    let mut rows = table(&["template", "size", "code hash", "as frozen"]);
    let mut compiled = Vec::with_capacity(CATALOG.len());
    for entry in CATALOG {
        printer.progress(format!("compiling {}", entry.name));
        let artifact = compile::Input::collect(&tree, entry, &settings)
            .and_then(|input| compile::compile_template(entry, &input, &solc))?;
        let hash = artifact.runtime_hash();
        let frozen = Template::get(entry.name).is_ok_and(|t| t.runtime_hash() == hash);
        let size = artifact.deployed_bytecode.len();
        rows.add_row([
            entry.name.to_owned(),
            size.to_string(),
            short(&hash.to_string()),
            if frozen { "yes" } else { "no" }.to_owned(),
        ]);
        let (name, kind) = (entry.name, entry.kind);
        compiled.push(Compiled { name, kind, size, runtime_hash: hash.to_string(), frozen });
    }
    printer.result(rows.to_string())?;
    printer.document(&compiled)?;
    Ok(ExitStatus::Done)
}

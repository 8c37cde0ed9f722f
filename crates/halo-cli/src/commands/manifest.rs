//! `halo manifest`.

use halo_deploy::{Manifest, show};
use halo_evidence::registry::{self, Difference, Format, Index};
use serde::Serialize;

use crate::{
    args::{
        ExportFormat, ManifestCommand, ManifestDiffArgs, ManifestDirArgs, ManifestExportArgs,
        ManifestShowArgs,
    },
    exit::{ExitStatus, Failure, Outcome},
    output::{Printer, table},
};

/// Runs one of the manifest commands.
pub(super) fn run(command: ManifestCommand, printer: Printer) -> Outcome {
    match command {
        ManifestCommand::List(args) => list(&args, printer),
        ManifestCommand::Index(args) => index(&args, printer),
        ManifestCommand::Show(args) => show_one(&args, printer),
        ManifestCommand::Diff(args) => diff(&args, printer),
        ManifestCommand::Export(args) => export(&args, printer),
    }
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    index: Index,
    /// Whether the chain's index file says the same; none when there is none.
    index_is_current: Option<bool>,
}

/// What lies in the folder, and whether the written indices say so. A stale index is refused.
fn list(args: &ManifestDirArgs, printer: Printer) -> Outcome {
    let mut listed = Vec::new();
    for index in registry::indices(&args.dir)? {
        let written = registry::written(&args.dir, &index.chain)?;
        let index_is_current = written.map(|written| written == index);
        listed.push(Listed { index, index_is_current });
    }
    let mut rows =
        table(&["chain", "halo", "class", "unit", "contracts", "manifest", "keccak-256"]);
    for Listed { index, .. } in &listed {
        for one in &index.manifests {
            rows.add_row([
                format!("{} ({})", index.chain, index.chain_id),
                one.halo.clone(),
                one.class.clone(),
                one.unit.clone(),
                one.contracts.to_string(),
                format!("{}/{}", index.chain, one.path),
                one.hash.to_string(),
            ]);
        }
    }
    printer.result(rows.to_string())?;
    for one in listed.iter().filter(|one| one.index_is_current == Some(false)) {
        printer.result(format!(
            "STALE {}/{}: `halo manifest index` writes it again",
            one.index.chain,
            registry::INDEX_FILE
        ))?;
    }
    let stale = listed.iter().any(|one| one.index_is_current == Some(false));
    printer.document(&listed)?;
    Ok(if stale { ExitStatus::Refused } else { ExitStatus::Done })
}

fn index(args: &ManifestDirArgs, printer: Printer) -> Outcome {
    let paths = registry::write(&args.dir)?;
    for path in &paths {
        printer.result(format!("wrote {}", path.display()))?;
    }
    printer.document(&paths)?;
    Ok(ExitStatus::Done)
}

fn show_one(args: &ManifestShowArgs, printer: Printer) -> Outcome {
    let manifest = Manifest::load(&args.manifest)?;
    printer.result(format!(
        "{} on {} (chain {})\n  spec      {}\n  lock      {}\n  compiler  solc {}, {}, {} runs",
        manifest.unit.slug,
        manifest.chain,
        manifest.chain_id,
        manifest.spec_hash,
        manifest.lock_hash,
        manifest.compiler.solc,
        manifest.compiler.evm,
        manifest.compiler.optimizer_runs
    ))?;
    let mut rows = table(&["contract", "template", "address"]);
    for one in &manifest.contracts {
        rows.add_row([one.name.clone(), one.template.clone(), one.address.to_string()]);
    }
    printer.result(rows.to_string())?;
    let mut rows = table(&["contract", "role", "members"]);
    for one in show::role_rows(&manifest.roles) {
        let members = one.members.replace(", ", "\n");
        rows.add_row([one.contract.to_owned(), one.role.to_owned(), members]);
    }
    printer.result(rows.to_string())?;
    let mut rows = table(&["contract", "limit", "max", "per day"]);
    for one in show::limit_rows(&manifest.limits) {
        rows.add_row([one.contract.to_owned(), one.label.to_owned(), one.max, one.per_day]);
    }
    printer.result(rows.to_string())?;
    printer.document(&manifest)?;
    Ok(ExitStatus::Done)
}

fn diff(args: &ManifestDiffArgs, printer: Printer) -> Outcome {
    let (left, right) = (Manifest::load(&args.left)?, Manifest::load(&args.right)?);
    let differences = registry::diff(&left, &right);
    for one in &differences {
        print(one, printer)?;
    }
    if differences.is_empty() {
        printer.result("the two tell the same")?;
    }
    printer.document(&differences)?;
    Ok(if differences.is_empty() { ExitStatus::Done } else { ExitStatus::Refused })
}

fn print(one: &Difference, printer: Printer) -> Result<(), Failure> {
    let words = |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_owned());
    printer.result(format!("{}\n  - {}\n  + {}", one.id, words(&one.left), words(&one.right)))
}

/// The registry is the result: the same on stdout with and without --json when its form is JSON.
fn export(args: &ManifestExportArgs, printer: Printer) -> Outcome {
    let manifests: Vec<Manifest> =
        args.manifests.iter().map(|path| Manifest::load(path)).collect::<Result<_, _>>()?;
    let format = match args.format {
        ExportFormat::Solidity => Format::Solidity,
        ExportFormat::Typescript => Format::Typescript,
        ExportFormat::Json => Format::Json,
        ExportFormat::Chainlog => Format::Chainlog,
    };
    let text = registry::export(&manifests, format)?;
    printer.result(text.trim_end())?;
    match format {
        Format::Json | Format::Chainlog => {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            printer.document(&value)?;
        }
        Format::Solidity | Format::Typescript => printer.document(&text)?,
    }
    Ok(ExitStatus::Done)
}

//! `halo generate artifact`.

use std::{fs, path::PathBuf};

use halo_governance::artifact::{Artifact, documents};
use miette::miette;
use serde::Serialize;

use crate::{
    args::ArtifactArgs,
    deployed,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, prose},
};

#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    artifact: &'a Artifact,
    document: PathBuf,
}

/// Writes the documents of the Halo, the Class and its Units, each with the edit that registers it.
pub(super) fn run(args: &ArtifactArgs, printer: Printer) -> Outcome {
    let artifacts = if deployed::is_manifest(&args.file) {
        let (manifest, mut siblings) = deployed::of_manifest(&args.file)?;
        let network = load::network(&args.against.network.network, printer)?;
        siblings.insert(0, manifest);
        documents(&siblings, None, &network)?
    } else {
        let planned = deployed::of_spec(&args.file, &args.against, printer)?;
        documents(&planned.manifests, Some(&planned.inputs.class), &planned.inputs.network)?
    };
    let failed = |path: &PathBuf, error: std::io::Error| {
        Failure::outside(miette!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(&args.out).map_err(|error| failed(&args.out, error))?;
    let mut written = Vec::new();
    for artifact in &artifacts {
        let document = args.out.join(&artifact.file);
        let edit = document.with_extension("edit.json");
        let call = serde_json::to_string_pretty(&artifact.edit).unwrap_or_default() + "\n";
        for (path, text) in [(&document, &artifact.text), (&edit, &call)] {
            fs::write(path, text).map_err(|error| failed(path, error))?;
        }
        printer.result(format!(
            "wrote {}\n  keccak-256  {}\n  replaces    {}\n  registry    {}",
            document.display(),
            artifact.edit.content,
            artifact.edit.before,
            artifact.edit.to
        ))?;
        if !artifact.unwritten.is_empty() {
            printer.result(prose(&format!(
                "  only people can write: {}; a section of that name in the document that the spec names is taken over",
                artifact.unwritten.join(", ")
            )))?;
        }
        written.push(Written { artifact, document });
    }
    printer.document(&written)?;
    Ok(ExitStatus::Done)
}

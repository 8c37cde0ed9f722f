//! Spells for the steps of a plan that spells sign.

use halo_deploy::{Means, Plan, Step, handoff::Spells};
use halo_templates::{Tree, compile::Solc};

use crate::{args::TemplateSourceArgs, exit::Failure, output::Printer};

/// The spells of the steps that are left; none is compiled where no spell signs.
pub(crate) fn of_plan(
    plan: &Plan,
    left: &[&Step],
    source: &TemplateSourceArgs,
    printer: Printer,
) -> Result<Spells, Failure> {
    if left.iter().all(|step| step.signer.means != Means::Spell) {
        return Ok(Spells::default());
    }
    let tree = Tree::find(source.root.as_deref())?;
    let solc = Solc::find(&tree, source.solc.as_deref())?;
    printer.progress(format!("writing spells with {}", solc.path().display()));
    let kept = crate::fork::cache_folder().with_file_name("spells");
    Ok(halo_governance::plan_spells(plan, left, &tree, &solc, Some(&kept))?)
}

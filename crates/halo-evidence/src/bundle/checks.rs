//! The list of checks, in the order in which a reviewer goes through them.

use alloy_primitives::keccak256;
use halo_chain::Chain;
use halo_deploy::{Check, Manifest, Report, verify};

use super::{Case, EVIDENCE_SCHEMA, Input, Item, Row, Sources, Verdict, code, powers};
use crate::{
    Result,
    drift::{Against, Drift, drift},
};

/// A check being made: its rows, or why it does not apply.
pub(super) enum Made {
    Rows(Vec<Row>),
    NotApplicable(&'static str),
}

/// What several checks read.
struct Readings {
    report: Report,
    drift: Drift,
}

impl Readings {
    /// The rows of verification with one of these beginnings.
    fn of(&self, beginnings: &[&str]) -> Vec<Row> {
        let wanted = |check: &&Check| {
            let kind = check.id.split('/').next().unwrap_or_default();
            beginnings.contains(&kind)
        };
        self.report.checks.iter().filter(wanted).map(Row::from).collect()
    }
}

/// The checks that read sources, or ask for a compiler.
pub const FROM_SOURCES: [&str; 4] = ["recompiled", "toolchain", "dependencies", "tested"];

const NO_SPEC: &str = "no spec was given";
const NO_SOURCES: &str = "no sources were given";

pub(super) async fn all<C: Chain>(case: &Case<'_>, chain: &C) -> Result<Vec<Item>> {
    let against = Against {
        spec: case.spec.map(|spec| spec.manifest),
        documents: case.documents,
        siblings: case.siblings,
        from_block: case.from_block,
    };
    let readings = Readings {
        report: verify(case.manifest, chain).await?,
        drift: drift(case.manifest, &against, chain).await?,
    };
    let sources = case.sources.as_ref();
    let from_sources = |read: fn(&Manifest, &Sources) -> Result<Vec<Row>>| match sources {
        Some(sources) => read(case.manifest, sources).map(Made::Rows),
        None => Ok(Made::NotApplicable(NO_SOURCES)),
    };
    let deployers = match case.spec {
        Some(spec) if !spec.deployers.is_empty() => {
            Made::Rows(powers::deployers(case.manifest, spec.deployers, chain).await?)
        }
        Some(_) => Made::NotApplicable("the plan has no step of a deployer's"),
        None => Made::NotApplicable(NO_SPEC),
    };
    let made: Vec<(&str, &str, Made)> = vec![
        (
            "code-hash",
            "The code on the chain is, hash by hash, that of the locked templates",
            Made::Rows(readings.of(&["chain-id", "lock", "code"])),
        ),
        (
            "derivation",
            "Every address follows again from creator, salt, locked creation code and arguments",
            Made::Rows(readings.of(&["address", "arguments", "id"])),
        ),
        (
            "recompiled",
            "The sources, compiled again, give the locked code byte for byte",
            from_sources(code::recompiled)?,
        ),
        (
            "toolchain",
            "Compiler, settings and forge are the pinned ones",
            Made::Rows(code::toolchain(case.manifest, sources)?),
        ),
        (
            "dependencies",
            "Libraries are, file by file, those that the lock names, in the pinned versions",
            from_sources(code::dependencies)?,
        ),
        (
            "constructor-arguments",
            "Each constructor argument that is an address is one of the network, the spec or the manifest",
            Made::Rows(powers::arguments(case)),
        ),
        (
            "parameters",
            "The factory was told what the artifacts in force approve",
            Made::Rows(readings.of(&["parameters"])),
        ),
        (
            "deployer",
            "Who deployed, and every contract that made another, is left with no role and no office",
            match deployers {
                Made::Rows(mut rows) => {
                    rows.extend(readings.of(&["powerless"]));
                    Made::Rows(rows)
                }
                other => other,
            },
        ),
        (
            "admins",
            "Every role of every contract is held by exactly those who should hold it",
            Made::Rows(readings.of(&["roles", "complete"])),
        ),
        (
            "limits",
            "Rate limits, per day, are those of the manifest",
            Made::Rows(readings.of(&["limit"])),
        ),
        (
            "artifact-limits",
            "Rate limits are those that the artifact words",
            worded(case, &readings),
        ),
        (
            "no-other-limits",
            "No limit stands on the Class's RateLimits that nobody wrote down",
            Made::Rows(others(&readings)),
        ),
        (
            "wiring",
            "Controllers dispatch to exactly these facets, whose code is locked",
            Made::Rows(readings.of(&["wiring", "integrations", "offer"])),
        ),
        (
            "values",
            "Every parameter that a contract tells is as planned",
            Made::Rows(readings.of(&["value"])),
        ),
        (
            "registries",
            "Registries, templates, artifacts and beacons are on record and in good standing",
            Made::Rows(readings.of(&[
                "record",
                "standing",
                "template",
                "artifact",
                "heartbeat",
                "scheduled",
                "onboarding",
            ])),
        ),
        (
            "documents",
            "The documents of the spec are, hash by hash, those in force",
            case.spec.map_or(Made::NotApplicable(NO_SPEC), |spec| {
                Made::Rows(code::documents(case.manifest, spec.class))
            }),
        ),
        (
            "spec",
            "The spec's plan would leave what the manifest says",
            match case.spec {
                Some(_) => Made::Rows(as_specified(&readings)),
                None => Made::NotApplicable(NO_SPEC),
            },
        ),
        (
            "events",
            "Events alone, replayed, give the same members and limits",
            Made::Rows(powers::events(case, chain).await?),
        ),
        (
            "state-changes",
            "No storage slot changed that no layout explains",
            match case.spec.and_then(|spec| spec.unexplained) {
                Some(all) => Made::Rows(vec![Row::new(
                    "unexplained slots in a rehearsal of the plan",
                    "none",
                    if all.is_empty() { "none".to_owned() } else { all.join("; ") },
                )]),
                None => Made::NotApplicable(
                    "the plan was not rehearsed; it needs a spec of the embedded network",
                ),
            },
        ),
        (
            "access",
            "Each action of the Class refuses a stranger and answers to a role",
            Made::Rows(powers::access(case.manifest, chain).await?),
        ),
        ("tested", "Each action is called in a test", from_sources(code::tested)?),
    ];
    let inputs = inputs(case);
    Ok(made.into_iter().map(|(id, title, made)| item(&inputs, id, title, made)).collect())
}

/// What every check was made from.
fn inputs(case: &Case<'_>) -> Vec<Input> {
    let manifest = serde_json::to_vec(case.manifest).unwrap_or_default();
    let mut inputs = vec![
        Input { name: "manifest, as compact JSON".to_owned(), hash: keccak256(manifest) },
        Input { name: "templates.lock".to_owned(), hash: halo_templates::Lock::embedded().hash() },
    ];
    if let Some(spec) = case.spec {
        inputs.push(Input { name: "spec, resolved".to_owned(), hash: spec.class.hash() });
    }
    inputs
}

fn item(inputs: &[Input], id: &str, title: &str, made: Made) -> Item {
    let (verdict, why, rows) = match made {
        Made::NotApplicable(why) => (Verdict::NotApplicable, Some(why.to_owned()), Vec::new()),
        Made::Rows(rows) if rows.is_empty() => {
            let why = "the deployment has nothing of the kind".to_owned();
            (Verdict::NotApplicable, Some(why), rows)
        }
        Made::Rows(rows) if rows.iter().all(|row| row.holds) => (Verdict::Pass, None, rows),
        Made::Rows(rows) => (Verdict::Fail, None, rows),
    };
    Item {
        schema: EVIDENCE_SCHEMA.to_owned(),
        id: id.to_owned(),
        title: title.to_owned(),
        verdict,
        why,
        inputs: inputs.to_vec(),
        rows,
        repeat: format!("halo evidence check . --only {id}"),
    }
}

/// The limits that documents word.
fn worded(case: &Case<'_>, readings: &Readings) -> Made {
    if case.documents.is_empty() {
        return Made::NotApplicable("no artifact document was given");
    }
    let mut rows = Vec::new();
    for one in &readings.drift.limits {
        let Some(artifact) = &one.artifact else { continue };
        let drifts = one.drift.iter().filter(|why| why.starts_with("artifact"));
        let drifts: Vec<&str> = drifts.map(String::as_str).collect();
        rows.push(Row {
            what: format!("{} {}", one.contract, one.label),
            expected: artifact.clone(),
            found: match drifts.is_empty() {
                true => one.chain.clone(),
                false => format!("{}: {}", one.chain, drifts.join("; ")),
            },
            holds: drifts.is_empty(),
        });
    }
    rows.extend(readings.drift.unmatched.iter().map(|one| Row {
        what: format!("{} {}", one.instance, one.direction.word()),
        expected: one.place.clone(),
        found: one.why.clone(),
        holds: false,
    }));
    Made::Rows(rows)
}

fn others(readings: &Readings) -> Vec<Row> {
    let own = readings.drift.strangers.iter().filter(|one| one.own);
    let keys: Vec<String> = own.map(|one| format!("{} max {}", one.key, one.max)).collect();
    let found = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
    vec![Row::new("limits in no manifest", "none", found)]
}

fn as_specified(readings: &Readings) -> Vec<Row> {
    let words = |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_owned());
    let mut rows: Vec<Row> = readings
        .drift
        .spec
        .iter()
        .map(|one| Row::new(&one.id, words(&one.spec), words(&one.manifest)))
        .collect();
    for one in &readings.drift.limits {
        let spec = one.spec.clone().unwrap_or_else(|| "no such limit".to_owned());
        rows.push(Row::new(format!("{} {}", one.contract, one.label), spec, &one.manifest));
    }
    if readings.drift.spec.is_empty() {
        rows.push(Row::new("facts that differ", "none", "none"));
    }
    rows
}

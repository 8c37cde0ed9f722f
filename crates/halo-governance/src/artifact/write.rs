//! Writing the artifact documents of a Halo, a Class and its Units, and the edits that register them.

use std::collections::BTreeMap;
use std::fmt::Write;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use halo_deploy::{Limit, Manifest};
use halo_spec::{ClassSpec, Document, Network, amount::format_number};
use halo_templates::bindings::ArtifactRegistry;
use serde::Serialize;

use super::read::{Direction, target};
use crate::{Error, Result};

const DAY: U256 = U256::from_limbs([86_400, 0, 0, 0]);

/// An artifact document.
#[derive(Clone, Debug, Serialize)]
pub struct Artifact {
    /// Whose it is: `halo`, `class` or `unit/SLUG`.
    pub subject: String,
    /// The file that it belongs in.
    pub file: String,
    /// Its text.
    #[serde(skip)]
    pub text: String,
    /// The sections that nobody has written: only people can.
    pub unwritten: Vec<&'static str>,
    /// How it is registered.
    pub edit: Edit,
}

/// The call that puts a document in force: compare-and-swap on the hash that it replaces.
#[derive(Clone, Debug, Serialize)]
pub struct Edit {
    /// The ArtifactRegistry.
    pub to: Address,
    /// The function.
    pub function: &'static str,
    /// The artifact's id.
    pub id: B256,
    /// keccak-256 of the text that it replaces. If another is in force by then, the call reverts.
    pub before: B256,
    /// keccak-256 of the text.
    pub content: B256,
    /// keccak-256 of the deployment parameters, as they are.
    pub params: B256,
    /// Where the text is published: by default its content address.
    pub uri: String,
    /// The calldata.
    pub data: Bytes,
}

/// The sections that only people can write, with words that their titles have in the documents of a spec.
const WRITTEN_BY_PEOPLE: [(&str, &[&str]); 5] = [
    ("Coverage", &["coverage"]),
    ("Recourse", &["recourse"]),
    ("Warning signals", &["warning", "emergenc"]),
    ("Migration", &["migration", "wind-down", "wind down"]),
    ("Operational Processes", &["process", "procedure", "path of", "report", "governance"]),
];

/// The documents of the Halo, the Class and each Unit. `manifests` are those of one Class; the spec's own documents give
/// the sections that people write.
///
/// # Errors
/// [`Error::NoContract`] without an ArtifactRegistry; [`Error::Terms`] without a manifest, or with manifests of two
/// Classes.
pub fn documents(
    manifests: &[Manifest],
    spec: Option<&ClassSpec>,
    network: &Network,
) -> Result<Vec<Artifact>> {
    let Some(class) = manifests.first() else {
        return Err(Error::Terms {
            what: "there is no manifest to write artifacts from".to_owned(),
            remedy: "name a spec, or a manifest that `halo deploy` wrote".to_owned(),
        });
    };
    if let Some(other) = manifests.iter().find(|one| one.class.id != class.class.id) {
        return Err(Error::Terms {
            what: format!("{} and {} are two Classes", class.class.slug, other.class.slug),
            remedy: "write the artifacts of one Class at a time".to_owned(),
        });
    }
    let paper = Paper { class, spec, network };
    let mut all = vec![paper.halo()?, paper.class(manifests)?];
    for manifest in manifests {
        all.push(paper.unit(manifest)?);
    }
    Ok(all)
}

struct Paper<'a> {
    class: &'a Manifest,
    spec: Option<&'a ClassSpec>,
    network: &'a Network,
}

/// Limits of one PAU towards one target: an instance configuration document.
struct Instance<'a> {
    /// The RateLimits contract's name in the plan.
    holder: &'a str,
    family: &'a str,
    target: &'a str,
    limits: BTreeMap<&'static str, &'a Limit>,
}

impl<'a> Paper<'a> {
    fn halo(&self) -> Result<Artifact> {
        let halo = &self.class.halo;
        let name = self.spec.map_or(halo.slug.as_str(), |spec| &spec.halo.name);
        let mut text = head(&format!("Halo Artifact: {name}"));
        identifiers(
            &mut text,
            &[
                ("Halo", &format!("{name} (`{}`)", halo.slug)),
                ("Halo id", &format!("`{}`", halo.id)),
                ("Network", &self.network_words()),
            ],
        );
        let core = self.class.contracts.iter().filter(|one| {
            one.name.starts_with("core/")
                && !["/blob/", "/facet/", "/implementation/"].iter().any(|it| one.name.contains(it))
        });
        addresses(&mut text, "##", core.map(|one| (one.name.as_str(), one.address)));
        let _ = writeln!(
            text,
            "## Classes Directory\n\n- {}: [Class Artifact](class-{}.md)\n",
            self.class_name(),
            self.class.class.slug
        );
        let prose = self.spec.map(|spec| &spec.halo.artifact);
        self.finish(self.class, "halo", format!("halo-{}.md", halo.slug), text, prose)
    }

    fn class(&self, manifests: &[Manifest]) -> Result<Artifact> {
        let class = &self.class.class;
        let mut text = head(&format!("Class Artifact: {}", self.class_name()));
        let asset = self.spec.map_or("", |spec| spec.asset.symbol.as_str());
        identifiers(
            &mut text,
            &[
                ("Class", &format!("{} (`{}`)", self.class_name(), class.slug)),
                ("Class id", &format!("`{}`", class.id)),
                ("Network", &self.network_words()),
                ("Asset", asset),
                (
                    "Parameters' hash",
                    &format!("`{}`", registered(self.class, "class")?.params_hash),
                ),
            ],
        );
        let own = |name: &str| name.starts_with("class/");
        let contracts = self.class.contracts.iter().filter(|one| own(&one.name));
        addresses(&mut text, "##", contracts.map(|one| (one.name.as_str(), one.address)));
        text.push_str("## Units Directory\n\n");
        for one in manifests {
            let _ = writeln!(text, "- {0}: [Unit Artifact](unit-{0}.md)", one.unit.slug);
        }
        text.push_str("\n## Instances\n\n");
        // A Unit's manifest has the limits towards its own Unit only; those of the Class are in all of them.
        let mut limits: Vec<&Limit> = Vec::new();
        for limit in manifests.iter().flat_map(|one| &one.limits) {
            let known = |other: &&Limit| other.key == limit.key && other.address == limit.address;
            if own(&limit.contract) && !limits.iter().any(known) {
                limits.push(limit);
            }
        }
        for instance in instances(limits) {
            self.instance(&mut text, self.class, &instance);
        }
        let prose = self.spec.map(|spec| &spec.artifact);
        self.finish(self.class, "class", format!("class-{}.md", class.slug), text, prose)
    }

    fn unit(&self, manifest: &Manifest) -> Result<Artifact> {
        let unit = &manifest.unit;
        let terms = self.spec.and_then(|spec| spec.unit(&unit.slug));
        let name = terms.map_or(unit.slug.as_str(), |terms| &terms.name);
        let mut text = head(&format!("Unit Artifact: {name}"));
        let subject = format!("unit/{}", unit.slug);
        identifiers(
            &mut text,
            &[
                ("Unit", &format!("{name} (`{}`)", unit.slug)),
                ("Unit id", &format!("`{}`", unit.id)),
                ("Class", &self.class_name()),
                ("Network", &self.network_words()),
                ("Token", terms.map_or("", |terms| terms.symbol.as_str())),
                ("Parameters' hash", &format!("`{}`", registered(manifest, &subject)?.params_hash)),
            ],
        );
        let prefix = format!("{subject}/");
        let contracts = manifest.contracts.iter().filter(|one| one.name.starts_with(&prefix));
        addresses(&mut text, "##", contracts.map(|one| (one.name.as_str(), one.address)));
        self.on_chain(&mut text, manifest, &prefix);
        text.push_str("## Instances\n\n");
        let of_primes = manifest.limits.iter().filter(|one| one.contract.starts_with("prime/"));
        for instance in instances(of_primes) {
            self.instance(&mut text, manifest, &instance);
        }
        let prose = terms.map(|terms| &terms.artifact);
        self.finish(manifest, &subject, format!("unit-{}.md", unit.slug), text, prose)
    }

    /// What the Unit's own view functions return: the terms that bind.
    fn on_chain(&self, text: &mut String, manifest: &Manifest, prefix: &str) {
        text.push_str("## On-chain Parameters\n\n| contract | function | value |\n|---|---|---|\n");
        for value in manifest.values.iter().filter(|one| one.contract.starts_with(prefix)) {
            let contract = value.contract.trim_start_matches(prefix);
            let _ = writeln!(text, "| {contract} | `{}` | `{}` |", value.call(), value.value);
        }
        text.push('\n');
    }

    fn instance(&self, text: &mut String, manifest: &Manifest, instance: &Instance<'_>) {
        let holder = instance.holder.trim_end_matches("/rate-limits");
        let title = format!("{} - {holder} {}", self.class.chain, instance.target);
        let _ = writeln!(text, "### {title} Instance Configuration Document\n");
        text.push_str("#### Parameters\n\n##### Instance Identifiers\n\n");
        let limit = instance.limits.values().next();
        let symbol = limit.map_or("", |limit| limit.symbol.as_str());
        let _ = writeln!(text, "- Network: {}", self.network_words());
        let _ = writeln!(text, "- Target Protocol: {}", instance.target);
        let _ = writeln!(text, "- Asset Supplied: {symbol}\n");

        let mut at: Vec<(String, Address)> = Vec::new();
        if let Some(limit) = limit {
            at.push(("RateLimits".to_owned(), limit.address));
        }
        let contracts = manifest.contracts.iter();
        let mut named = |what: &str, name: &str| {
            if let Some(one) = contracts.clone().find(|one| one.name == name) {
                at.push((what.to_owned(), one.address));
            }
        };
        named("Controller", &format!("{holder}/controller"));
        named("ALMProxy", &format!("{holder}/alm-proxy"));
        named("Token Address", &format!("unit/{}/unit", instance.target));
        named("Endpoint Buffer", &format!("class/buffer/{}", instance.target));
        let record = manifest.records.iter().find(|one| one.subject == holder);
        if let Some([proxy, _, controller]) = record.map(|one| one.at.as_slice()) {
            at.push(("Controller".to_owned(), *controller));
            at.push(("ALMProxy".to_owned(), *proxy));
        }
        for (what, symbol) in
            [("Underlying Asset Address", symbol), ("Token Address", instance.target)]
        {
            if let Some(token) = self.network.token(symbol) {
                at.push((what.to_owned(), token.address));
            }
        }
        let endpoints = self.spec.into_iter().flat_map(|spec| &spec.endpoints);
        if let Some(endpoint) = endpoints.into_iter().find(|one| one.name == instance.target) {
            at.push(("Endpoint Address".to_owned(), endpoint.address));
        }
        addresses(text, "#####", at.iter().map(|(what, at)| (what.as_str(), *at)));

        text.push_str("##### Rate Limit IDs\n\n");
        for (direction, limit) in &instance.limits {
            let _ = writeln!(
                text,
                "###### {direction} RateLimitID\n\nThe id of `{}` is: `{}`\n",
                limit.label, limit.key
            );
        }
        text.push_str("##### Rate Limits\n\n");
        for (direction, limit) in &instance.limits {
            let _ = writeln!(text, "###### {direction} Rate Limits\n\n{}", limit_words(limit));
        }
    }

    /// Adds the sections that people write, and the edit.
    fn finish(
        &self,
        manifest: &Manifest,
        subject: &str,
        file: String,
        mut text: String,
        prose: Option<&Document>,
    ) -> Result<Artifact> {
        let own = prose.map(|prose| String::from_utf8_lossy(&prose.bytes).into_owned());
        let sections = sections(own.as_deref().unwrap_or_default());
        let mut used = vec![false; sections.len()];
        let mut unwritten = Vec::new();
        for (title, words) in WRITTEN_BY_PEOPLE {
            let _ = writeln!(text, "## {title}\n");
            let mut found = false;
            for ((name, body), used) in sections.iter().zip(&mut used) {
                let lower = name.to_lowercase();
                if *used || !words.iter().any(|word| lower.contains(word)) {
                    continue;
                }
                (*used, found) = (true, true);
                let _ = writeln!(text, "### {name}\n\n{body}\n");
            }
            if !found {
                unwritten.push(title);
                text.push_str("Not written yet.\n\n");
            }
        }
        text.push_str("## Off-chain Operational Parameters\n\n");
        let rest: Vec<_> = sections.iter().zip(&used).filter(|(_, used)| !**used).collect();
        if rest.is_empty() {
            unwritten.push("Off-chain Operational Parameters");
            text.push_str("Not written yet.\n\n");
        }
        for ((name, body), _) in rest {
            let _ = writeln!(text, "### {name}\n\n{body}\n");
        }
        let text = text.trim_end().to_owned() + "\n";
        let edit = edit(manifest, subject, &text)?;
        Ok(Artifact { subject: subject.to_owned(), file, text, unwritten, edit })
    }

    fn class_name(&self) -> String {
        self.spec.map_or_else(|| self.class.class.slug.clone(), |spec| spec.name.clone())
    }

    fn network_words(&self) -> String {
        format!("{} (chain {})", self.class.chain, self.class.chain_id)
    }
}

/// The edit that registers a text: it replaces the one that the manifest has in force.
fn edit(manifest: &Manifest, subject: &str, text: &str) -> Result<Edit> {
    let now = registered(manifest, subject)?;
    let document = Document::of(text.as_bytes().to_vec());
    let call = ArtifactRegistry::editCall {
        id: now.id,
        prevHash: now.content_hash,
        contentHash: document.hash,
        paramsHash: now.params_hash,
        uri: document.uri.clone(),
        effectiveAt: 0,
    };
    Ok(Edit {
        to: now.registry,
        function: ArtifactRegistry::editCall::SIGNATURE,
        id: now.id,
        before: now.content_hash,
        content: document.hash,
        params: now.params_hash,
        uri: document.uri,
        data: call.abi_encode().into(),
    })
}

fn registered<'a>(manifest: &'a Manifest, subject: &str) -> Result<&'a halo_deploy::Artifact> {
    let mut all = manifest.artifacts.iter();
    all.find(|one| one.subject == subject)
        .ok_or_else(|| Error::NoContract { name: format!("artifact of {subject}") })
}

/// Groups limits of one PAU and one target, so that each direction is stated once in each instance.
fn instances<'a>(limits: impl IntoIterator<Item = &'a Limit>) -> Vec<Instance<'a>> {
    let mut all: Vec<Instance<'a>> = Vec::new();
    for limit in limits {
        let Some(direction) = Direction::of_label(&limit.label) else { continue };
        let (family, target) = match target(&limit.label) {
            Some(target) => ("", target),
            None => (limit.label.split('(').next().unwrap_or_default(), "PSM"),
        };
        let same = |one: &&mut Instance<'_>| {
            (one.holder, one.family, one.target) == (limit.contract.as_str(), family, target)
                && !one.limits.contains_key(direction.word())
        };
        match all.iter_mut().find(same) {
            Some(one) => {
                one.limits.insert(direction.word(), limit);
            }
            None => all.push(Instance {
                holder: &limit.contract,
                family,
                target,
                limits: [(direction.word(), limit)].into(),
            }),
        }
    }
    all
}

/// `maxAmount` and `slope` as the Atlas words them.
fn limit_words(limit: &Limit) -> String {
    if limit.max == U256::MAX {
        return "- `maxAmount`: Unlimited\n".to_owned();
    }
    let words = |units| format_number(units, limit.decimals).replace('_', ",");
    format!(
        "- `maxAmount`: {} {symbol}\n- `slope`: {} {symbol} per day\n",
        words(limit.max),
        words(per_day(limit.slope)),
        symbol = limit.symbol
    )
}

/// The roundest amount per day that the chain stores as this slope per second.
fn per_day(slope: U256) -> U256 {
    let Some(low) = slope.checked_mul(DAY) else { return U256::MAX };
    let high = low.saturating_add(DAY - U256::from(1));
    let mut best = low;
    let mut step = U256::from(10);
    while let Some(round) = low.div_ceil(step).checked_mul(step).filter(|round| *round <= high) {
        best = round;
        let Some(next) = step.checked_mul(U256::from(10)) else { break };
        step = next;
    }
    best
}

fn head(title: &str) -> String {
    format!(
        "# {title}\n\nWritten by `halo generate artifact`; `halo drift --artifact` compares its limits with the chain.\n\n"
    )
}

fn identifiers(text: &mut String, rows: &[(&str, &str)]) {
    text.push_str("## Instance Identifiers\n\n");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "- {name}: {value}");
    }
    text.push('\n');
}

fn addresses<'a>(text: &mut String, level: &str, rows: impl Iterator<Item = (&'a str, Address)>) {
    let _ = writeln!(text, "{level} Contract Addresses\n");
    for (name, at) in rows {
        let _ = writeln!(text, "- {name}: `{at}`");
    }
    text.push('\n');
}

/// A document's sections of the second level: title and body. A section that looks like a generated one is left out, so
/// that a limit is stated once.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            all.push((title.trim().to_owned(), String::new()));
        } else if let Some((_, body)) = all.last_mut() {
            // Deeper headings stay below the third level, which this section becomes.
            if line.starts_with("###") {
                body.push('#');
            }
            body.push_str(line);
            body.push('\n');
        }
    }
    for (_, body) in &mut all {
        *body = body.trim().to_owned();
    }
    let generated = |title: &str| {
        title.ends_with("Instances")
            || title.ends_with("Rate Limits")
            || title.ends_with("Directory")
            || ["Contract Addresses", "Instance Identifiers", "On-chain Parameters"]
                .contains(&title)
    };
    all.retain(|(title, body)| !generated(title) && body != "Not written yet.");
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roundest_day_is_what_somebody_wrote() {
        for day in [250_000_000_000_000_u64, 60_000_000, 1_000_000_000_001, 86_400] {
            let slope = U256::from(day) / DAY;
            let found = per_day(slope);
            assert_eq!(found / DAY, slope, "{day}");
        }
        let written = U256::from(250_000_000_000_000_u64);
        assert_eq!(per_day(written / DAY), written);
        assert_eq!(per_day(U256::from(694)), U256::from(60_000_000));
        assert_eq!(per_day(U256::ZERO), U256::ZERO);
    }

    #[test]
    fn sections_are_split_and_generated_ones_left_out() {
        let text =
            "# Title\nintro\n## Recourse\n\nall of it\n### deep\n## Instances\nx\n## Fees\n1 %\n";
        let found = sections(text);
        let titles: Vec<_> = found.iter().map(|(title, _)| title.as_str()).collect();
        assert_eq!(titles, ["Recourse", "Fees"]);
        assert_eq!(found.first().map(|(_, body)| body.as_str()), Some("all of it\n#### deep"));
    }
}

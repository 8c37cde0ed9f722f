//! The manifests of a folder as registries: an index per chain, what two of them differ in, and their addresses in the
//! forms that other programs read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, keccak256};
use halo_deploy::Manifest;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The schema that [`Index::schema`] names.
pub const INDEX_SCHEMA: &str = "halo.manifest-index/1";

/// The file of a chain's index, in the chain's folder.
pub const INDEX_FILE: &str = "index.json";

/// The manifests of one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// [`INDEX_SCHEMA`].
    pub schema: String,
    /// The chain's name.
    pub chain: String,
    /// Its EIP-155 id.
    pub chain_id: u64,
    /// Its manifests, by path.
    pub manifests: Vec<Entry>,
}

/// A manifest in the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its path below the chain's folder, with forward slashes.
    pub path: String,
    /// keccak-256 of the file.
    pub hash: B256,
    /// The Halo's slug.
    pub halo: String,
    /// The Class's slug.
    pub class: String,
    /// The Unit's slug.
    pub unit: String,
    /// keccak-256 of the spec.
    pub spec_hash: B256,
    /// keccak-256 of `templates.lock`.
    pub lock_hash: B256,
    /// How many contracts it has.
    pub contracts: usize,
}

/// The indices of all chains in a folder of manifests, `DIR/CHAIN/CLASS/UNIT.json`, read from the manifests themselves.
///
/// # Errors
/// A folder or manifest that cannot be read; a manifest that lies in another chain's folder.
pub fn indices(dir: &Path) -> Result<Vec<Index>> {
    let mut all = Vec::new();
    for chain in folders(dir)? {
        let mut index: Option<Index> = None;
        for class in folders(&chain)? {
            for path in files(&class)? {
                let bytes = fs::read(&path).map_err(Error::file(&path))?;
                // Other JSON may lie there; what says that it is a manifest must be one.
                if !is_manifest(&bytes) {
                    continue;
                }
                let manifest = Manifest::load(&path)?;
                let own = index.get_or_insert_with(|| Index {
                    schema: INDEX_SCHEMA.to_owned(),
                    chain: manifest.chain.clone(),
                    chain_id: manifest.chain_id,
                    manifests: Vec::new(),
                });
                if (&own.chain, own.chain_id) != (&manifest.chain, manifest.chain_id) {
                    return Err(Error::malformed(
                        path.display().to_string(),
                        format!(
                            "it is of chain {} ({}), its neighbours of {} ({})",
                            manifest.chain, manifest.chain_id, own.chain, own.chain_id
                        ),
                        "move it to the folder of its chain",
                    ));
                }
                let below = path.strip_prefix(&chain).unwrap_or(&path);
                own.manifests.push(Entry {
                    path: below.display().to_string().replace('\\', "/"),
                    hash: keccak256(&bytes),
                    halo: manifest.halo.slug,
                    class: manifest.class.slug,
                    unit: manifest.unit.slug,
                    spec_hash: manifest.spec_hash,
                    lock_hash: manifest.lock_hash,
                    contracts: manifest.contracts.len(),
                });
            }
        }
        all.extend(index);
    }
    Ok(all)
}

fn is_manifest(bytes: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    let schema = value.as_ref().and_then(|value| value.get("schema")?.as_str());
    schema.is_some_and(|schema| schema.starts_with("halo.manifest/"))
}

/// The index of a chain as its file has it, if there is one.
///
/// # Errors
/// It cannot be read, or is no index.
pub fn written(dir: &Path, chain: &str) -> Result<Option<Index>> {
    let path = dir.join(chain).join(INDEX_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let index = serde_json::from_str(&text).map_err(|error| {
        Error::malformed(
            path.display().to_string(),
            error,
            "delete it and let `halo manifest index` write it again",
        )
    })?;
    Ok(Some(index))
}

/// Writes the index of each chain into its folder.
///
/// # Errors
/// As [`indices`], or a file cannot be written.
pub fn write(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for index in indices(dir)? {
        let path = dir.join(&index.chain).join(INDEX_FILE);
        let text = serde_json::to_string_pretty(&index).unwrap_or_default() + "\n";
        fs::write(&path, text).map_err(Error::file(&path))?;
        paths.push(path);
    }
    Ok(paths)
}

/// The manifests of the same Class in the folder of this one, without itself.
///
/// # Errors
/// One of them is malformed.
pub fn siblings(path: &Path, manifest: &Manifest) -> Result<Vec<Manifest>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut all = Vec::new();
    for other in files(folder.unwrap_or(Path::new(".")))? {
        let bytes = fs::read(&other).map_err(Error::file(&other))?;
        if other.file_name() == path.file_name() || !is_manifest(&bytes) {
            continue;
        }
        let other = Manifest::load(&other)?;
        if other.chain_id == manifest.chain_id
            && other.class.id == manifest.class.id
            && other.unit.id != manifest.unit.id
        {
            all.push(other);
        }
    }
    Ok(all)
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    entries(dir, |path| path.is_dir())
}

fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    entries(dir, |path| path.is_file() && path.extension().is_some_and(|ending| ending == "json"))
}

fn entries(dir: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::file(dir))? {
        let path = entry.map_err(Error::file(dir))?.path();
        if wanted(&path) {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// What two manifests tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The fact, or the field of the manifest's head.
    pub id: String,
    /// In the first; none when it is not there.
    pub left: Option<String>,
    /// In the second; none when it is not there.
    pub right: Option<String>,
}

/// Compares two manifests, fact by fact.
#[must_use]
pub fn diff(left: &Manifest, right: &Manifest) -> Vec<Difference> {
    let words = |one: &Manifest| -> BTreeMap<String, String> {
        let head = [
            ("chain", format!("{} ({})", one.chain, one.chain_id)),
            ("spec", one.spec_hash.to_string()),
            ("lock", one.lock_hash.to_string()),
            ("halo", one.halo.slug.clone()),
            ("class", one.class.slug.clone()),
            ("unit", one.unit.slug.clone()),
        ];
        let head = head.map(|(name, value)| (name.to_owned(), value));
        let places = one
            .contracts
            .iter()
            .map(|contract| (format!("address/{}", contract.name), contract.address.to_string()));
        let facts = one.facts().map(|fact| (fact.id(), fact.expected()));
        head.into_iter().chain(places).chain(facts).collect()
    };
    differences(&words(left), &words(right))
}

/// What is in one only, or tells something else in the other.
pub(crate) fn differences(
    left: &BTreeMap<String, String>,
    right: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let ids: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    ids.into_iter()
        .map(|id| (id, left.get(id), right.get(id)))
        .filter(|(_, left, right)| left != right)
        .map(|(id, left, right)| Difference {
            id: id.clone(),
            left: left.cloned(),
            right: right.cloned(),
        })
        .collect()
}

/// The forms that addresses are exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A Solidity library of constants.
    Solidity,
    /// A TypeScript module.
    Typescript,
    /// A JSON object by chain, Class and contract.
    Json,
    /// A JSON object of chainlog keys, each at most 32 bytes.
    Chainlog,
}

/// The addresses of these manifests. Core contracts that several have are exported once.
///
/// # Errors
/// [`Error::Malformed`] for manifests of several chains, two addresses under one name, or a chainlog key that is too
/// long.
pub fn export(manifests: &[Manifest], format: Format) -> Result<String> {
    let mut named: BTreeMap<String, Address> = BTreeMap::new();
    let Some(first) = manifests.first() else {
        return Err(Error::malformed(
            "export",
            "there is no manifest",
            "name a folder that has some",
        ));
    };
    for manifest in manifests {
        if manifest.chain_id != first.chain_id {
            return Err(Error::malformed(
                "export",
                format!("{} and {} are two chains", first.chain, manifest.chain),
                "export the folder of one chain at a time",
            ));
        }
        let class = &manifest.class.slug;
        for contract in &manifest.contracts {
            let name = key(&contract.name, class, format);
            if format == Format::Chainlog && name.len() > 32 {
                return Err(Error::malformed(
                    "export",
                    format!("the chainlog has room for 32 bytes, {name} has {}", name.len()),
                    "choose shorter slugs, or another format",
                ));
            }
            let earlier = named.insert(name.clone(), contract.address);
            if earlier.is_some_and(|earlier| earlier != contract.address) {
                return Err(Error::malformed(
                    "export",
                    format!("{name} would be two addresses"),
                    "export the Classes one by one",
                ));
            }
        }
    }
    Ok(match format {
        Format::Solidity => solidity(first, &named),
        Format::Typescript => typescript(first, &named),
        Format::Json | Format::Chainlog => {
            let named: BTreeMap<_, _> =
                named.iter().map(|(name, at)| (name, at.to_checksum(None))).collect();
            serde_json::to_string_pretty(&named).unwrap_or_default() + "\n"
        }
    })
}

/// A contract's name in a format: `core/facet/PsmFacet` is `HALO_PSM_FACET`, `class/book` of `tbill` is `TBILL_BOOK`.
fn key(name: &str, class: &str, format: Format) -> String {
    let full = match name.strip_prefix("core/") {
        Some(rest) => {
            let rest = rest.trim_start_matches("facet/").replace("implementation/", "impl/");
            format!("halo/{rest}")
        }
        None => {
            let rest = name.strip_prefix("class/").or_else(|| name.strip_prefix("unit/"));
            format!("{class}/{}", rest.unwrap_or(name))
        }
    };
    let constant = constant(&full);
    match format {
        Format::Json => full,
        Format::Typescript => camel(&constant),
        Format::Solidity | Format::Chainlog => constant,
    }
}

fn constant(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        before = c;
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("_{out}") } else { out }
}

fn camel(constant: &str) -> String {
    let mut words = constant.split('_').filter(|word| !word.is_empty());
    let mut out = words.next().unwrap_or_default().to_ascii_lowercase();
    for word in words {
        let (head, tail) = word.split_at(1);
        out.push_str(head);
        out.push_str(&tail.to_ascii_lowercase());
    }
    out
}

const WRITTEN: &str = "Written by `halo manifest export`; never by hand.";

fn solidity(first: &Manifest, named: &BTreeMap<String, Address>) -> String {
    let mut out = format!(
        "// SPDX-License-Identifier: MIT OR Apache-2.0\npragma solidity >=0.8.0;\n\n/// {WRITTEN} Chain {}.\nlibrary HaloAddresses {{\n",
        first.chain_id
    );
    for (name, at) in named {
        let _ = writeln!(out, "    address internal constant {name} = {};", at.to_checksum(None));
    }
    out + "}\n"
}

fn typescript(first: &Manifest, named: &BTreeMap<String, Address>) -> String {
    let mut out = format!(
        "// {WRITTEN}\nexport const chainId = {};\n\nexport const addresses = {{\n",
        first.chain_id
    );
    for (name, at) in named {
        let _ = writeln!(out, "  {name}: \"{}\",", at.to_checksum(None));
    }
    out + "} as const;\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_customs_of_each_format() {
        let name = |name: &str, format| key(name, "tbill", format);
        assert_eq!(name("core/facet/PsmFacet", Format::Chainlog), "HALO_PSM_FACET");
        assert_eq!(
            name("core/implementation/ClassAccessControls", Format::Chainlog),
            "HALO_IMPL_CLASS_ACCESS_CONTROLS"
        );
        assert_eq!(name("class/rate-limits", Format::Solidity), "TBILL_RATE_LIMITS");
        assert_eq!(name("unit/bills/redeem-queue", Format::Typescript), "tbillBillsRedeemQueue");
        assert_eq!(name("class/book", Format::Json), "tbill/book");
        assert_eq!(name("core/facet/Erc4626Facet", Format::Solidity), "HALO_ERC4626_FACET");
    }
}

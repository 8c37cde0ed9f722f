//! The bundle as a folder: an index in JSON and in Markdown, and one file for each check.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{B256, keccak256};
use serde::{Deserialize, Serialize};

use super::{EVIDENCE_SCHEMA, Item, Verdict};
use crate::{Error, Result};

const INDEX: &str = "index.json";
const PAGE: &str = "index.md";
const CHECKS: &str = "checks";

/// The index of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The schema: [`EVIDENCE_SCHEMA`].
    pub schema: String,
    /// The Unit: its chain, Class and slug.
    pub unit: String,
    /// The chain's EIP-155 id.
    pub chain_id: u64,
    /// The block that was read at.
    pub block: u64,
    /// From what it was made, so that it can be made again.
    pub inputs: Inputs,
    /// The checks.
    pub checks: Vec<IndexEntry>,
}

/// The files that a bundle was made from. A node's URL is not among them: it may hold a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Paths as they were given, with keccak-256 of each file.
    pub files: BTreeMap<String, B256>,
    /// The manifest's path.
    pub manifest: String,
    /// The spec's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// The scenario's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The network: a name, or a path.
    pub network: String,
    /// The artifact documents' paths.
    pub artifacts: Vec<String>,
    /// The folder of the sources; none when they were not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<String>,
    /// The first block whose events were read.
    pub from_block: u64,
}

/// A check in the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexEntry {
    /// Its id.
    pub id: String,
    /// What a reviewer ticks.
    pub title: String,
    /// How it ends.
    pub verdict: Verdict,
    /// Its file below the bundle.
    pub file: String,
    /// keccak-256 of the file.
    pub hash: B256,
}

/// A bundle, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The index.
    pub index: Index,
    /// The checks, in its order.
    pub items: Vec<Item>,
}

/// Something in a bundle that is not as it was written, or no longer so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

impl Inputs {
    /// Notes a file's hash.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn note(&mut self, path: &Path) -> Result<String> {
        let bytes = fs::read(path).map_err(Error::file(path))?;
        let name = path.display().to_string();
        self.files.insert(name.clone(), keccak256(bytes));
        Ok(name)
    }
}

/// Writes a bundle into a folder, which must be new or hold a bundle already.
///
/// # Errors
/// A folder with other things in it is refused; files cannot be written.
pub fn write(
    out: &Path,
    unit: &str,
    (chain_id, block): (u64, u64),
    inputs: Inputs,
    items: &[Item],
) -> Result<Index> {
    let is_used = out.exists() && fs::read_dir(out).map_err(Error::file(out))?.next().is_some();
    if is_used && !out.join(INDEX).exists() {
        return Err(Error::malformed(
            out.display().to_string(),
            "the folder has something else in it",
            "name a new folder, or that of an earlier bundle",
        ));
    }
    let folder = out.join(CHECKS);
    // What an earlier bundle left must not look like this one's.
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file(&folder))?;
    }
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    let mut checks = Vec::with_capacity(items.len());
    for item in items {
        let text = serde_json::to_string_pretty(item).unwrap_or_default() + "\n";
        let file = format!("{CHECKS}/{}.json", item.id);
        let path = out.join(&file);
        fs::write(&path, &text).map_err(Error::file(&path))?;
        checks.push(IndexEntry {
            id: item.id.clone(),
            title: item.title.clone(),
            verdict: item.verdict,
            file,
            hash: keccak256(text),
        });
    }
    let schema = EVIDENCE_SCHEMA.to_owned();
    let index = Index { schema, unit: unit.to_owned(), chain_id, block, inputs, checks };
    let text = serde_json::to_string_pretty(&index).unwrap_or_default() + "\n";
    for (name, text) in [(INDEX, &text), (PAGE, &page(&index, items))] {
        let path = out.join(name);
        fs::write(&path, text).map_err(Error::file(&path))?;
    }
    Ok(index)
}

/// Reads a bundle back, with everything in it that is not as its index says.
///
/// # Errors
/// There is no index, or it is malformed.
pub fn read(out: &Path) -> Result<(Bundle, Vec<Fault>)> {
    let path = out.join(INDEX);
    let remedy = "name the folder that `halo evidence MANIFEST --out` wrote";
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let index: Index = serde_json::from_str(&text)
        .map_err(|error| Error::malformed(path.display().to_string(), error, remedy))?;
    if index.schema != EVIDENCE_SCHEMA {
        let what = format!("its schema is not {EVIDENCE_SCHEMA}");
        return Err(Error::malformed(path.display().to_string(), what, remedy));
    }
    let (mut items, mut faults) = (Vec::new(), Vec::new());
    let mut fault = |file: &str, what: String| faults.push(Fault { file: file.to_owned(), what });
    for entry in &index.checks {
        // Only files of the bundle itself: the index may come from anybody.
        if entry.file != format!("{CHECKS}/{}.json", entry.id) || entry.id.contains(['/', '\\']) {
            fault(INDEX, format!("{:?} is no file of a check", entry.file));
            continue;
        }
        let path = out.join(&entry.file);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                fault(&entry.file, error.to_string());
                continue;
            }
        };
        if keccak256(&bytes) != entry.hash {
            fault(&entry.file, "its hash is not the one in the index".to_owned());
        }
        match serde_json::from_slice::<Item>(&bytes) {
            Ok(item) => {
                if (&item.id, &item.title, item.verdict) != (&entry.id, &entry.title, entry.verdict)
                {
                    fault(&entry.file, "the index tells another id, title or verdict".to_owned());
                }
                if item.verdict == Verdict::Pass && item.rows.iter().any(|row| !row.holds) {
                    fault(
                        &entry.file,
                        "it says PASS, and one of its rows does not hold".to_owned(),
                    );
                }
                items.push(item);
            }
            Err(error) => fault(&entry.file, error.to_string()),
        }
    }
    let expected = page(&index, &items);
    match fs::read_to_string(out.join(PAGE)) {
        Ok(text) if text == expected => {}
        Ok(_) => fault(PAGE, "it is not what index and checks give".to_owned()),
        Err(error) => fault(PAGE, error.to_string()),
    }
    Ok((Bundle { index, items }, faults))
}

impl Bundle {
    /// Where what is found now differs from what the bundle says. `only` picks one check.
    #[must_use]
    pub fn compare(&self, now: &[Item], only: Option<&str>) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |id: &str, what: String| {
            faults.push(Fault { file: format!("{CHECKS}/{id}.json"), what });
        };
        let wanted = |id: &str| only.is_none_or(|only| only == id);
        for item in self.items.iter().filter(|item| wanted(&item.id)) {
            let Some(found) = now.iter().find(|one| one.id == item.id) else {
                fault(&item.id, "there is no such check".to_owned());
                continue;
            };
            if found.verdict != item.verdict {
                fault(&item.id, format!("it says {}, now it is {}", item.verdict, found.verdict));
            }
            for row in &found.rows {
                match item.rows.iter().find(|one| one.what == row.what) {
                    Some(one) if one == row => {}
                    Some(one) => fault(
                        &item.id,
                        format!("{}: it says {:?}, now it is {:?}", row.what, one.found, row.found),
                    ),
                    None => fault(&item.id, format!("{} is not in it", row.what)),
                }
            }
            for row in
                item.rows.iter().filter(|row| !found.rows.iter().any(|one| one.what == row.what))
            {
                fault(&item.id, format!("{} is not looked at now", row.what));
            }
            let same = (&found.title, &found.inputs, &found.why, &found.repeat)
                == (&item.title, &item.inputs, &item.why, &item.repeat);
            if !same {
                fault(&item.id, "its title, inputs, reason or command is another now".to_owned());
            }
        }
        for found in now.iter().filter(|one| wanted(&one.id)) {
            if !self.items.iter().any(|item| item.id == found.id) {
                fault(&found.id, "the check is missing".to_owned());
            }
        }
        faults
    }

    /// Which input files are not as they were.
    #[must_use]
    pub fn changed_inputs(&self) -> Vec<Fault> {
        let changed = |(path, hash): (&String, &B256)| {
            let what = match fs::read(PathBuf::from(path)) {
                Ok(bytes) if keccak256(&bytes) == *hash => return None,
                Ok(_) => "the file has changed since".to_owned(),
                Err(error) => error.to_string(),
            };
            Some(Fault { file: path.clone(), what })
        };
        self.index.inputs.files.iter().filter_map(changed).collect()
    }
}

/// The index as a page.
fn page(index: &Index, items: &[Item]) -> String {
    let count = |verdict| index.checks.iter().filter(|entry| entry.verdict == verdict).count();
    let mut out = format!(
        "# Evidence: {}\n\nChain {}, block {}. {} PASS, {} FAIL, {} NOT APPLICABLE. `halo evidence check` repeats all of it.\n\n",
        index.unit,
        index.chain_id,
        index.block,
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::NotApplicable)
    );
    out.push_str(
        "| check | verdict | what is ticked | looked at | keccak-256 |\n|---|---|---|---|---|\n",
    );
    for entry in &index.checks {
        let item = items.iter().find(|item| item.id == entry.id);
        let looked_at = item.map_or(0, |item| item.rows.len());
        let _ = writeln!(
            out,
            "| [{}]({}) | {} | {} | {looked_at} | `{}` |",
            entry.id, entry.file, entry.verdict, entry.title, entry.hash
        );
    }
    for item in items.iter().filter(|item| item.verdict != Verdict::Pass) {
        let _ = writeln!(out, "\n## {}: {}\n", item.verdict, item.id);
        if let Some(why) = &item.why {
            let _ = writeln!(out, "{why}.");
        }
        for row in item.rows.iter().filter(|row| !row.holds) {
            let _ = writeln!(
                out,
                "- {}: expected {}, found {}",
                line(&row.what),
                line(&row.expected),
                line(&row.found)
            );
        }
    }
    out.push_str("\n## Inputs\n\n");
    for (path, hash) in &index.inputs.files {
        let _ = writeln!(out, "- {}: `{hash}`", line(path));
    }
    out
}

/// Text in one line of Markdown.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '|' { ' ' } else { c }).collect()
}

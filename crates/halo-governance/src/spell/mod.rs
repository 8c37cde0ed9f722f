//! One module for each family of spells: what a template is filled in with, and what the spell changes.

mod change;
mod emergency;
mod migrate;
mod onboard;

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, Bytes};
use halo_templates::{Tree, compile::Solc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    Error, Result, Scene, SpellKind, Terms,
    inspect::{Action, inspect},
    render::render,
    tables::Tables,
    words::{address, solidity_text, word},
};

/// A spell, compiled and looked through.
#[derive(Clone, Debug, Serialize)]
pub struct Spell {
    /// Which one.
    pub kind: SpellKind,
    /// What it is for, in a line.
    pub title: String,
    /// Who runs it.
    pub executor: String,
    /// The account that it runs as, or whose hat it needs.
    pub executor_at: Address,
    /// Its calls, in order.
    pub actions: Vec<Action>,
    /// keccak-256 of the ABI encoding of its calls.
    pub actions_hash: B256,
    /// keccak-256 of its runtime code: the tag under which it is plotted.
    pub code_hash: B256,
    /// Creation code, without arguments.
    #[serde(skip)]
    pub creation_code: Bytes,
    /// The Solidity text.
    #[serde(skip)]
    pub source: String,
    /// The text of its forge test.
    #[serde(skip)]
    pub test: String,
    /// The accounts of the chain that the test starts from, as a genesis file.
    #[serde(skip)]
    pub world: Value,
}

/// Where a spell was written.
#[derive(Clone, Debug, Serialize)]
pub struct Files {
    /// The spell.
    pub source: PathBuf,
    /// Its test.
    pub test: PathBuf,
    /// The chain that the test starts from.
    pub world: PathBuf,
}

/// What a template is filled in with.
pub(crate) struct Draft {
    title: String,
    notice: Vec<String>,
    executor: String,
    executor_at: Address,
    values: Value,
    tables: Tables,
}

/// Writes a spell of `kind` for the scene, to be kept in the folder `out`.
///
/// # Errors
/// The terms do not suffice or are not sane, something that the spell speaks to does not stand, the compiler is not the
/// pinned one, or the text compiles to more than calls.
pub fn generate(
    kind: SpellKind,
    terms: &Terms,
    scene: &Scene,
    tree: &Tree,
    solc: &Solc,
    out: &Path,
) -> Result<Spell> {
    let draft = match kind {
        SpellKind::OnboardHaloClass => onboard::class(terms, scene)?,
        SpellKind::OnboardUnit => onboard::unit(terms, scene)?,
        SpellKind::PsmKiss => change::psm_kiss(scene)?,
        SpellKind::CapChange => change::caps(terms, scene)?,
        SpellKind::TemplateApproval => change::template(terms, scene)?,
        SpellKind::MigrateUnit => migrate::unit(terms, scene)?,
        SpellKind::SecondController => change::second(terms, scene)?,
        SpellKind::UnitFreeze => emergency::unit_freeze(scene)?,
        SpellKind::ClassFreeze => emergency::class_freeze(scene)?,
        SpellKind::RelayerPurge => emergency::relayer_purge(scene)?,
        SpellKind::ConfiguratorStop => emergency::configurator_stop(scene)?,
    };
    let name = kind.contract();
    let files = Files::new(kind, out);
    let governance = &scene.network.governance;
    let title = solidity_text(&draft.title);
    let mut values = json!({
        "name": name,
        "kind": kind.word(),
        "title": title,
        "notice": draft.notice,
        "origin": solidity_text(&scene.origin),
        "executor": draft.executor,
        "executor_at": address(draft.executor_at),
        "entry": kind.executor().entry(),
        "cast": kind.executor().cast(),
        "sky": address(governance.pause_proxy),
        "council": address(governance.council),
        "halo": address(scene.halo),
        "prime": address(scene.prime.sub_proxy),
        "artifacts": address(scene.contract("core/artifact-registry")?),
        "world": {
            "path": in_tree(tree, &files.world),
            "chain_id": scene.network.chain_id,
            "timestamp": scene.chain.timestamp(),
        },
    });
    merge(&mut values, draft.values);
    merge(&mut values, draft.tables.into_json());

    let source = render(&format!("{name}.sol"), &values)?;
    let inspected = inspect(name, &source, tree, solc)?;
    let code_hash = inspected.artifact.runtime_hash();
    let hashes = json!({
        "actions_hash": word(inspected.actions_hash),
        "code_hash": word(code_hash),
    });
    merge(&mut values, hashes);
    let test = render(&format!("{name}.t.sol"), &values)?;
    let labels = scene.labels();
    let mut actions = inspected.actions;
    for action in &mut actions {
        action.target_name = labels.show(action.target);
    }
    Ok(Spell {
        kind,
        title,
        executor: draft.executor,
        executor_at: draft.executor_at,
        actions,
        actions_hash: inspected.actions_hash,
        code_hash,
        creation_code: inspected.artifact.bytecode,
        source,
        test,
        world: scene.world()?,
    })
}

impl Files {
    fn new(kind: SpellKind, out: &Path) -> Self {
        let file = |ending: &str| out.join(format!("{}{ending}", kind.contract()));
        Self { source: file(".sol"), test: file(".t.sol"), world: file(".world.json") }
    }
}

impl Spell {
    /// Writes the spell, its test and its world into the folder that it was generated for.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&self, out: &Path) -> Result<Files> {
        let files = Files::new(self.kind, out);
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| Error::File { path, source }
        };
        fs::create_dir_all(out).map_err(failed(out))?;
        let world = serde_json::to_string(&self.world)? + "\n";
        for (path, text) in
            [(&files.source, &self.source), (&files.test, &self.test), (&files.world, &world)]
        {
            fs::write(path, text).map_err(failed(path))?;
        }
        Ok(files)
    }
}

/// A path as forge finds it from the tree's folder.
fn in_tree(tree: &Tree, path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.strip_prefix(tree.root()).unwrap_or(&path).display().to_string().replace('\\', "/")
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        Map::extend(into, from);
    }
}

/// The Sky pause proxy as an executor.
fn by_sky(scene: &Scene) -> (String, Address) {
    ("Sky's pause proxy".to_owned(), scene.network.governance.pause_proxy)
}

/// The Halo's SubProxy as an executor.
fn by_halo(scene: &Scene) -> (String, Address) {
    (format!("the SubProxy of the Halo {}", scene.manifest.halo.slug), scene.halo)
}

/// The artifact edit at the end of a spell: values for the templates, and the change in the tables.
fn edit(
    terms: &Terms,
    scene: &Scene,
    tables: &mut Tables,
    subject: &str,
    params: Option<B256>,
) -> Result<Value> {
    let now = tables.in_force(scene, subject)?;
    let (content, uri) = match &terms.document {
        Some(document) => (document.hash, document.uri.clone()),
        None => (now.content, now.uri.clone()),
    };
    if uri.len() > 256 || solidity_text(&uri) != uri {
        return Err(Error::Terms {
            what: format!("the pointer {uri:?} is longer than 256 bytes, or no plain text"),
            remedy: "give a plain pointer, such as ipfs://…".to_owned(),
        });
    }
    let params = params.unwrap_or(now.params);
    tables.edits(subject, content, params);
    Ok(json!({
        "subject": subject,
        "registry": address(scene.contract("core/artifact-registry")?),
        "id": word(now.id),
        "number": now.number,
        "before": word(now.content),
        "content": word(content),
        "params_before": word(now.params),
        "params": word(params),
        "uri": uri,
    }))
}

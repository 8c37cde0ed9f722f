//! A real deployment on the embedded chain, and on anvil: survey, drift and the evidence bundle, and what they say when
//! something was tampered with.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use alloy_primitives::{Address, B256, U256};
use halo_chain::{Alloc, Anvil, Chain, Embedded, now};
use halo_deploy::Manifest;
use halo_evidence::{
    bundle::{self, Bundle, Case, Inputs, Item, Planned, Sources, Verdict, examine},
    drift::{Against, Document, drift},
    identify::Identity,
    survey::{Origin, Survey, survey},
};
use halo_governance::artifact::{self, documents};
use halo_spec::{ClassSpec, Network};
use halo_templates::bindings::RateLimits;

use support::{Example, tree};

struct World {
    network: Network,
    class: ClassSpec,
    chain: Embedded,
    manifest: Manifest,
    deployers: Vec<Address>,
}

fn world() -> World {
    let example = Example::new();
    let chain = example.deploy();
    let Example { network, class, manifest, deployers, .. } = example;
    World { network, class, chain, manifest, deployers }
}

impl World {
    fn texts(&self) -> Vec<Document> {
        let all = documents(std::slice::from_ref(&self.manifest), Some(&self.class), &self.network);
        let all = all.unwrap();
        let limits = |text: &str| artifact::read(text).unwrap();
        all.iter()
            .map(|one| Document { path: one.file.clone(), limits: limits(&one.text) })
            .collect()
    }

    fn examine(&self, manifest: &Manifest, documents: &[Document], sources: bool) -> Vec<Item> {
        let case = Case {
            manifest,
            siblings: &[],
            network: &self.network,
            spec: Some(Planned {
                class: &self.class,
                manifest: &self.manifest,
                deployers: &self.deployers,
                unexplained: Some(&[]),
            }),
            documents,
            sources: sources.then(|| Sources { root: tree().root().to_owned(), solc: None }),
            from_block: 0,
        };
        now(examine(&case, &self.chain)).unwrap()
    }
}

fn verdict(items: &[Item], id: &str) -> Verdict {
    items.iter().find(|item| item.id == id).unwrap().verdict
}

fn said(items: &[Item]) -> Vec<String> {
    let rows = items.iter().flat_map(|item| item.rows.iter().map(move |row| (item, row)));
    let failed = rows.filter(|(_, row)| !row.holds);
    failed
        .map(|(item, row)| format!("{}: {}: {} / {}", item.id, row.what, row.expected, row.found))
        .collect()
}

fn look(found: &Survey) {
    assert!(found.is_ok());
    let [registry, limits] = found.contracts.as_slice() else { panic!("two") };
    assert!(matches!(registry.identity, Identity::Template { template: "UnitRegistry", .. }));
    assert!(
        matches!(&registry.origin, Origin::Derived { arguments, .. } if !arguments.is_empty()),
        "{:?}",
        registry.origin
    );
    assert!(matches!(limits.identity, Identity::Clone { .. }));
    assert_eq!(limits.template(), Some("ClassRateLimits"));
    assert!(limits.roles.iter().any(|held| held.role == "LIMIT_SETTER"));
}

#[test]
fn addresses_tell_the_same_on_the_embedded_chain_and_on_a_node() {
    let world = world();
    let at = |name: &str| (name.to_owned(), world.manifest.contract(name).unwrap().address);
    let addresses = [at("core/unit-registry"), at("class/rate-limits")];
    let create2 = world.network.create2;
    look(&now(survey(&addresses, create2, &[], &world.chain)).unwrap());

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let alloc = Alloc::of(&world.chain).unwrap();
        let anvil = Anvil::start(&alloc, 1337, world.chain.timestamp()).await.unwrap();
        look(&survey(&addresses, create2, &[], anvil.node()).await.unwrap());
        let report = halo_deploy::verify(&world.manifest, anvil.node()).await.unwrap();
        let failed: Vec<_> = report.failed().collect();
        assert!(failed.is_empty(), "{failed:#?}");
    });
}

#[test]
fn an_unknown_code_and_a_changed_argument_are_told() {
    let mut world = world();
    let registry = world.manifest.contract("core/unit-registry").unwrap().address;
    let nobody = ("nobody".to_owned(), Address::repeat_byte(9));
    let found = now(survey(&[nobody], world.network.create2, &[], &world.chain)).unwrap();
    assert!(!found.is_ok());
    // The code is right, but stands elsewhere: no arguments prove that address.
    let code = now(world.chain.code(registry)).unwrap();
    let elsewhere = Address::repeat_byte(8);
    world.chain.set_code(elsewhere, code).unwrap();
    let at = [("copy".to_owned(), elsewhere)];
    let found = now(survey(&at, world.network.create2, &[], &world.chain)).unwrap();
    assert!(matches!(found.contracts[0].origin, Origin::Open { .. }));
}

#[test]
fn generated_artifacts_agree_with_the_chain_limit_by_limit() {
    let world = world();
    let texts = world.texts();
    let against = Against { spec: Some(&world.manifest), documents: &texts, ..Against::default() };
    let found = now(drift(&world.manifest, &against, &world.chain)).unwrap();
    assert!(found.is_ok(), "{found:#?}");
    assert!(found.limits.iter().all(|one| one.artifact.is_some()));
    assert_eq!(found.limits.len(), world.manifest.limits.len());
}

#[test]
fn a_limit_that_nobody_wrote_down_is_found_by_its_event() {
    let mut world = world();
    let limits = world.manifest.contract("class/rate-limits").unwrap().address;
    let roles = world.manifest.roles.iter();
    let mut own = roles.filter(|one| one.address == limits && one.role == "DEFAULT_ADMIN_ROLE");
    let admin = own.next().unwrap().members[0];
    let call = RateLimits::setRateLimitDataCall {
        key: B256::repeat_byte(5),
        maxAmount: U256::from(7),
        slope: U256::from(1),
        lastAmount: U256::from(7),
        lastUpdated: U256::from(world.chain.timestamp()),
    };
    now(world.chain.write(admin, limits, &call)).unwrap();
    let found = now(drift(&world.manifest, &Against::default(), &world.chain)).unwrap();
    assert!(!found.is_ok());
    assert_eq!(found.strangers.len(), 1);
    assert_eq!((found.strangers[0].key, found.strangers[0].own), (B256::repeat_byte(5), true));
    let items = world.examine(&world.manifest, &[], false);
    assert_eq!(verdict(&items, "no-other-limits"), Verdict::Fail);
}

#[test]
fn every_check_of_a_clean_deployment_passes_and_the_bundle_is_read_back() {
    let world = world();
    let items = world.examine(&world.manifest, &world.texts(), true);
    assert!(said(&items).is_empty(), "{:#?}", said(&items));
    let open: Vec<_> = items.iter().filter(|item| item.verdict != Verdict::Pass).collect();
    assert!(open.is_empty(), "{open:#?}");
    assert_eq!(items.len(), 21);

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("evidence");
    let manifest = folder.path().join("bills.json");
    std::fs::write(&manifest, "{}").unwrap();
    let mut inputs = Inputs::default();
    inputs.manifest = inputs.note(&manifest).unwrap();
    bundle::write(&out, "embedded/tbill/bills", (1337, 1), inputs, &items).unwrap();
    let read = |out: &Path| -> (Bundle, usize) {
        let (read, faults) = bundle::read(out).unwrap();
        (read, faults.len())
    };
    let (clean, faults) = read(&out);
    assert_eq!(
        (faults, clean.compare(&items, None).len(), clean.changed_inputs().len()),
        (0, 0, 0)
    );

    // A row and its hash in the index, so that the bundle agrees with itself: repeating finds it.
    let path = out.join("checks/limits.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let changed = text.replacen("250_000_000 USDC", "250_000_001 USDC", 2);
    assert_ne!(text, changed);
    std::fs::write(&path, &changed).unwrap();
    assert_eq!(read(&out).1, 1, "its hash");
    let hash = |text: &str| alloy_primitives::keccak256(text).to_string();
    for name in ["index.json", "index.md"] {
        let page = std::fs::read_to_string(out.join(name)).unwrap();
        std::fs::write(out.join(name), page.replace(&hash(&text), &hash(&changed))).unwrap();
    }
    let (forged, faults) = read(&out);
    assert_eq!(faults, 0, "the bundle agrees with itself");
    assert_eq!(forged.compare(&items, None).len(), 1, "and not with the chain");
    assert_eq!(forged.compare(&items, Some("wiring")).len(), 0);

    // A check left out of the index, an input that changed.
    let mut without = clean.clone();
    without.items.remove(3);
    assert_eq!(without.compare(&items, None).len(), 1);
    std::fs::write(&manifest, "{ }").unwrap();
    assert_eq!(clean.changed_inputs().len(), 1);
    // A folder that holds something else is left alone.
    assert!(bundle::write(folder.path(), "it", (1, 1), Inputs::default(), &items).is_err());
}

#[test]
fn a_manifest_that_lies_fails_by_the_name_of_the_check() {
    let world = world();
    let fails = |id: &str, lie: &dyn Fn(&mut Manifest)| {
        let mut manifest = world.manifest.clone();
        lie(&mut manifest);
        let items = world.examine(&manifest, &[], false);
        assert_eq!(verdict(&items, id), Verdict::Fail, "{id}");
    };
    fails("code-hash", &|it| it.contracts[0].code_hash = B256::repeat_byte(1));
    fails("derivation", &|it| it.contracts[0].salt = B256::repeat_byte(1));
    fails("derivation", &|it| it.contracts[0].arguments = vec![1; 31].into());
    fails("toolchain", &|it| it.compiler.solc = "0.8.33+commit.64118f21".to_owned());
    fails("constructor-arguments", &|it| {
        let mut arguments = it.contracts[0].arguments.to_vec();
        arguments[31] ^= 1;
        it.contracts[0].arguments = arguments.into();
    });
    fails("parameters", &|it| it.parameters.class.data = vec![1; 8].into());
    fails("admins", &|it| it.roles[0].members.push(Address::repeat_byte(1)));
    fails("events", &|it| {
        let own = it.roles.iter_mut().find(|one| one.contract == "class/acl").unwrap();
        own.members.push(Address::repeat_byte(1));
    });
    fails("limits", &|it| it.limits[0].max = U256::from(1));
    fails("no-other-limits", &|it| drop(it.limits.remove(0)));
    fails("wiring", &|it| it.wiring[0].hash = B256::ZERO);
    fails("values", &|it| it.values[0].value = "1".to_owned());
    fails("registries", &|it| it.artifacts[0].content_hash = B256::ZERO);
    fails("documents", &|it| it.artifacts[0].content_hash = B256::ZERO);
    fails("spec", &|it| it.limits[0].slope = U256::from(1));
}

#[test]
fn a_deployer_who_kept_an_office_is_found() {
    let mut world = world();
    // Who governs in the example stands for a deployer who forgot to leave.
    world.deployers = vec![world.network.governance.pause_proxy];
    let items = world.examine(&world.manifest, &[], false);
    assert_eq!(verdict(&items, "deployer"), Verdict::Fail);
    // Without sources, what needs them says so; no other check does.
    let without = items.iter().filter(|item| item.why.as_deref() == Some("no sources were given"));
    assert!(without.clone().count() > 0);
    assert!(without.clone().all(|item| bundle::FROM_SOURCES.contains(&item.id.as_str())));
    assert!(said(&items).iter().any(|row| row.starts_with("deployer: admin of core/")));
}

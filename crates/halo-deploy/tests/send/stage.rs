//! A chain on anvil on which the core stands, keys for everybody who signs, and what is left of the plan.

use std::{ops::ControlFlow, path::PathBuf, time::Duration};

use alloy::providers::Provider;
use alloy_primitives::{B256, U256, hex, keccak256};
use halo_chain::{
    Alloc, Anvil, Chain, Embedded, Genesis, GenesisTerms, Snapshot,
    node::{Keys, Nodes, anvil_program},
    now,
};
use halo_deploy::{
    Error, Manifest, Plan, PrimeLimits, Transaction,
    handoff::Spells,
    journal::{Journal, Record},
    rehearse,
    send::{Hands, Note, Sent, Terms, Ways, remaining, send},
};
use halo_spec::{ClassSpec, Network, Scenario};
use tempfile::TempDir;

/// A stage, and how far the plan has come on it.
pub(crate) struct Stage {
    pub(crate) plan: Plan,
    pub(crate) anvil: Anvil,
    pub(crate) hands: Hands,
    pub(crate) keys: Keys,
    pub(crate) terms: Terms,
    folder: TempDir,
    /// What the chain is, step by step: rehearsals run here, as reading it all through the node takes long.
    mirror: Embedded,
    start: Snapshot,
    /// The steps that were there at the start.
    before: usize,
}

/// The secret of a signer, made up.
pub(crate) fn secret(who: &str) -> String {
    hex::encode(keccak256(format!("nobody's money: {who}")))
}

/// The example with every signer a key of ours.
fn world(keys: &mut Keys) -> (ClassSpec, Network, Scenario) {
    let mut key = |who: &str| keys.add_secret(&secret(who), who).unwrap();
    let mut network = Network::embedded().unwrap();
    network.deployer = Some(key("deployer"));
    network.governance.pause_proxy = key("governance");
    for prime in &mut network.primes {
        prime.sub_proxy = key(&prime.slug);
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deployments/specs/tbill.toml");
    let mut spec = ClassSpec::load(&path, &network).unwrap().value;
    spec.admins = vec![key("halo")];
    spec.settler = key("settler");
    spec.relayer = key("relayer");
    let scenario = Scenario::day1(&network, &spec.asset).unwrap().value;
    (spec, network, scenario)
}

impl Stage {
    /// A stage on which the last `left` steps are to be done.
    pub(crate) async fn with(left: usize) -> Self {
        let mut keys = Keys::default();
        let (spec, network, scenario) = world(&mut keys);
        let plan = Plan::new(&spec, &network, &PrimeLimits::of_scenario(&scenario)).unwrap();
        let terms = GenesisTerms::of_scenario(&network, &scenario);
        let mut mirror = Genesis::build(&terms).unwrap().chain;
        let before = plan.steps.len() - left;
        for step in &plan.steps[..before] {
            now(mirror.send(&step.transaction().unwrap()))
                .unwrap_or_else(|e| panic!("{}: {e}", step.id));
        }
        let mut alloc = Alloc::of(&mirror).unwrap();
        for address in keys.addresses() {
            let account = alloc.0.entry(address).or_default();
            (account.nonce, account.balance) = (0, U256::from(10).pow(U256::from(20)));
        }
        let anvil = match Anvil::start(&alloc, network.chain_id, scenario.start).await {
            Ok(anvil) => anvil,
            Err(error) => panic!("{error}; {} comes with `npm ci`", anvil_program().display()),
        };
        let start = mirror.snapshot();
        Self {
            plan,
            anvil,
            hands: Hands::keys(keys.clone()),
            keys,
            terms: Terms {
                max_fee: 1_000_000_000_000,
                confirmations: 1,
                bump_after: Duration::from_secs(60),
                give_up_after: Duration::from_secs(20),
            },
            folder: tempfile::tempdir().unwrap(),
            mirror,
            start,
            before,
        }
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        Journal::place(self.folder.path(), &self.plan)
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&self.journal_path(), &self.plan).unwrap()
    }

    /// The kinds of records so far, of one step.
    pub(crate) fn kinds(&self, step: &str) -> Vec<String> {
        let journal = self.journal();
        let of_step = |record: &Record| {
            let value = serde_json::to_value(record).unwrap();
            (value["step"] == step).then(|| value["kind"].as_str().unwrap().to_owned())
        };
        journal.records().iter().filter_map(of_step).collect()
    }

    pub(crate) async fn raw(
        &self,
        method: &'static str,
        params: serde_json::Value,
    ) -> serde_json::Value {
        let provider = self.anvil.node().provider();
        provider
            .raw_request(method.into(), params)
            .await
            .unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    /// Sends what is left through the node at `urls`; the observer may break off.
    pub(crate) async fn send_through(
        &mut self,
        urls: &[String],
        observer: impl FnMut(Note<'_>) -> ControlFlow<()>,
    ) -> Result<Sent, Error> {
        self.catch_up().await;
        let nodes =
            Nodes::connect(urls, Duration::from_secs(1)).await.map_err(halo_chain::Error::from)?;
        let nodes = nodes.meeting_within(Duration::from_secs(5));
        let mut journal = self.journal();
        let left = now(remaining(&self.plan, &self.mirror)).unwrap();
        let moment = self.mirror.snapshot();
        let passed =
            rehearse(&self.plan, &left, &Spells::default(), &mut self.mirror).unwrap().passed;
        self.mirror.restore(&moment);
        let spells = Spells::default();
        let (hands, terms) = (&self.hands, &self.terms);
        let ways = Ways { nodes: &nodes, hands, terms, spells: &spells, journal: &mut journal };
        send(&self.plan, &passed, ways, observer).await
    }

    pub(crate) async fn send(
        &mut self,
        observer: impl FnMut(Note<'_>) -> ControlFlow<()>,
    ) -> Result<Sent, Error> {
        let url = self.anvil.url();
        self.send_through(&[url], observer).await
    }

    /// Sends until a record that `stop` picks is written, and ends there as a crash would.
    pub(crate) async fn send_until(&mut self, mut stop: impl FnMut(&Record) -> bool) {
        let ended = self.send(|note| match note {
            Note::Recorded(record) if stop(record) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        match ended.await {
            Err(Error::BrokenOff) => {}
            other => panic!("it did not end there: {other:?}"),
        }
    }

    /// Sends until so many transactions are on record as mined, and ends there.
    pub(crate) async fn send_until_mined(&mut self, many: usize) {
        let mut mined = 0;
        self.send_until(|record| {
            mined += usize::from(matches!(record, Record::Mined { .. }));
            mined == many
        })
        .await;
    }

    pub(crate) async fn finish(&mut self) -> Sent {
        let sent = self.send(|_| ControlFlow::Continue(())).await;
        sent.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Makes the mirror what the chain is: the steps whose transactions are in its blocks.
    async fn catch_up(&mut self) {
        let history = Journal::peek(&self.journal_path(), &self.plan).unwrap();
        self.mirror.restore(&self.start);
        for step in &self.plan.steps[self.before..] {
            let Some(entry) = history.entry(&step.id) else { continue };
            let mut there = false;
            for hash in &entry.hashes {
                let receipt = self.anvil.node().provider().get_transaction_receipt(*hash).await;
                there |= receipt.unwrap().is_some();
            }
            if there {
                now(self.mirror.send(&step.transaction().unwrap())).unwrap();
            }
        }
    }

    /// That all is as if nothing had ever gone wrong: the same manifest but for times and hashes, every step sent once,
    /// and each transaction where the manifest has it.
    pub(crate) async fn assert_whole(&self, sent: &Sent, others: u64) {
        let reference = {
            let mut chain = Embedded::from_snapshot(&self.start);
            let applied = now(halo_deploy::apply(&self.plan, &mut chain, |_| {})).unwrap();
            applied.transactions
        };
        assert!(sent.waiting.is_none());
        let steps =
            |all: &[Transaction]| all.iter().map(|one| one.step.clone()).collect::<Vec<_>>();
        let unit = &self.plan.subject.units[0].slug;
        let made = Manifest::new(&self.plan, unit, &sent.applied.transactions).unwrap();
        let wanted = Manifest::new(&self.plan, unit, &reference).unwrap();
        assert!(made.same_deployment(&wanted));
        assert_eq!(steps(&made.transactions), steps(&wanted.transactions));
        let bare = |manifest: &Manifest| {
            let mut bare = manifest.clone();
            for one in &mut bare.transactions {
                (one.hash, one.block, one.timestamp, one.gas) = (B256::ZERO, 0, 0, 0);
            }
            bare.to_json().unwrap()
        };
        assert_eq!(bare(&made), bare(&wanted), "byte for byte");
        let node = self.anvil.node();
        for one in &made.transactions {
            let receipt = node.provider().get_transaction_receipt(one.hash).await.unwrap().unwrap();
            assert_eq!(receipt.block_number, Some(one.block), "{}", one.step);
            assert!(receipt.status(), "{}", one.step);
        }
        let mut used = 0;
        for address in self.keys.addresses() {
            used += node.nonce(address).await.unwrap();
        }
        assert_eq!(used, reference.len() as u64 + others, "every transaction was sent once");
        let failed: Vec<_> =
            halo_deploy::verify(&made, node).await.unwrap().failed().cloned().collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
}

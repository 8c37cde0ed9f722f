//! One plan with all four kinds of signer: the deployer and the beacons are keys, GovOps is a Safe of two owners,
//! Sky's governance runs spells through a spell guard, and the Halo acts through a timelock. Then once more with the other
//! make of each: a Safe 1.3.0, Sky's pause, the Primes' StarGuards, OpenZeppelin's timelock.
//!
//! Safe's own contracts, from npm, check the signatures over the hashes that the hand-off shows.

// Helpers of tests stop the test, as tests do.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use alloy::signers::{SignerSync, local::PrivateKeySigner};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::sol;
use halo_chain::{Chain, Embedded, Tx, now};
use halo_deploy::{
    Manifest, Means, Plan, PrimeLimits, Road, Role,
    handoff::{Batch, Handoff, Next, SafeTx, Spells, batches, next, safe_checksum},
    rehearse::rehearse,
    send::remaining,
    verify,
};
use halo_spec::{Safe, SafeVersion, Signing, SpellMake, SpellRoad, Timelock, TimelockMake};
use halo_templates::{Tree, bindings::HaloSpellGuard, compile::Solc};
use halo_tests::{
    World,
    signers::{DAY, GUARD, PARENT, PAUSE, SAFE, others_ready, owners, ready},
};

sol! {
    function getTransactionHash(
        address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice,
        address gasToken, address refundReceiver, uint256 nonce
    ) external view returns (bytes32);
    function rely(address usr) external;
    function plot(address usr, bytes32 tag) external;
}

struct Stage {
    version: SafeVersion,
    plan: Plan,
    spells: Spells,
    chain: Embedded,
    /// What each kind of signer was asked for.
    asked: Vec<(Means, String)>,
}

fn stage() -> Stage {
    let guard = SpellRoad { pause: Some(GUARD), make: SpellMake::HaloSpellGuard, plotter: None };
    Stage::of(SafeVersion::V1_4_1, TimelockMake::Beam, guard, Signing::Key)
}

/// The other make of each.
fn other_stage() -> Stage {
    let pause = SpellRoad { pause: Some(PAUSE), make: SpellMake::DsPause, plotter: None };
    let own = SpellRoad { pause: None, make: SpellMake::StarGuard, plotter: None };
    Stage::of(SafeVersion::V1_3_0, TimelockMake::Openzeppelin, pause, Signing::Spell(own))
}

impl Stage {
    fn of(version: SafeVersion, make: TimelockMake, sky: SpellRoad, prime: Signing) -> Self {
        let mut world = World::of("tbill");
        let halo = world.spec.admins[0];
        let mut chain = world.genesis().chain;
        match make {
            TimelockMake::Beam => ready(&world.network, &world.spec, &mut chain),
            TimelockMake::Openzeppelin => others_ready(&world.network, &world.spec, &mut chain),
        }
        let signers = &mut world.network.signers;
        signers.govops = Signing::Safe(Safe { address: SAFE, version, threshold: 2 });
        signers.governance = Signing::Spell(sky);
        signers.halo =
            Signing::Timelock(Timelock { address: halo, make, min_delay: DAY, proposer: None });
        signers.prime = prime;
        let limits = PrimeLimits::of_scenario(&world.scenario);
        let plan = Plan::new(&world.spec, &world.network, &limits).unwrap();
        let left: Vec<_> = plan.steps.iter().collect();
        let tree = Tree::find(None).unwrap();
        let solc = Solc::find(&tree, None).unwrap();
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spells");
        let spells = halo_governance::plan_spells(&plan, &left, &tree, &solc, Some(&kept)).unwrap();
        Self { version, plan, spells, chain, asked: Vec::new() }
    }

    /// Does what `halo deploy`, called again and again, does, and what the others do whom it waits for.
    fn play(&mut self) {
        for _ in 0..200 {
            let (plan, spells) = (self.plan.clone(), self.spells.clone());
            let left = now(remaining(&plan, &self.chain)).unwrap();
            if left.is_empty() {
                return;
            }
            for batch in batches(&plan, &left, &spells).unwrap() {
                let handoff = now(next(&plan, &batch, &spells, &self.chain)).unwrap();
                if !self.go_on(&batch, &handoff) {
                    break;
                }
            }
        }
        panic!("it does not come to an end");
    }

    /// Whether the batch is done and the next can be looked at.
    fn go_on(&mut self, batch: &Batch<'_>, handoff: &Handoff) -> bool {
        match &handoff.next {
            Next::Send { purpose, tx } => {
                self.asked.push((handoff.means, (*purpose).to_owned()));
                now(self.chain.send(tx)).unwrap();
                handoff.means == Means::Key
            }
            Next::Wait { until, .. } => {
                assert_eq!(handoff.ready_at(), Some(*until));
                self.asked.push((handoff.means, "wait".to_owned()));
                self.chain.warp_to(*until).unwrap();
                false
            }
            Next::Others(_) => {
                self.asked.push((handoff.means, "others".to_owned()));
                match handoff.means {
                    Means::Safe => self.sign(batch, handoff),
                    Means::Spell => self.plot(batch),
                    other => panic!("a {other} asks others"),
                }
                false
            }
        }
    }

    /// The owners sign what they are shown, and the Safe's own code checks it.
    fn sign(&mut self, batch: &Batch<'_>, handoff: &Handoff) {
        let said = |what: &str| {
            handoff.says.iter().find(|one| one.what == what).map(|one| one.value.clone()).unwrap()
        };
        let nonce: U256 = said("nonce").parse().unwrap();
        let tx = SafeTx::of(&batch.calls().unwrap(), self.version, nonce);
        let shown: B256 = said("Safe transaction hash").parse().unwrap();
        let own = getTransactionHashCall {
            to: tx.to,
            value: tx.value,
            data: tx.data.clone(),
            operation: tx.operation,
            safeTxGas: tx.safeTxGas,
            baseGas: tx.baseGas,
            gasPrice: tx.gasPrice,
            gasToken: tx.gasToken,
            refundReceiver: tx.refundReceiver,
            nonce: tx.nonce,
        };
        assert_eq!(now(self.chain.read(SAFE, &own)).unwrap(), shown);
        let file: serde_json::Value = serde_json::from_str(&handoff.files[0].text).unwrap();
        assert_eq!(file["meta"]["checksum"], safe_checksum(&file).unwrap().to_string());
        assert_eq!(file["transactions"].as_array().unwrap().len(), batch.steps.len());

        let sign =
            |owner: &PrivateKeySigner| owner.sign_hash_sync(&shown).unwrap().as_bytes().to_vec();
        let signatures: Vec<u8> = owners().iter().flat_map(sign).collect();
        let by_anyone = |signatures: &[u8]| {
            let data = tx.clone().execution(signatures.to_vec().into());
            Tx::call(Address::repeat_byte(9), SAFE, data)
        };
        now(self.chain.send(&by_anyone(&signatures[..65]))).expect_err("one owner is not enough");
        now(self.chain.send(&by_anyone(&signatures))).unwrap();
    }

    /// What those who govern do: give the launcher the hat, for which the stand-in has a ward; or plot.
    fn plot(&mut self, batch: &Batch<'_>) {
        let spell = self.spells.of(batch).unwrap();
        let Some(Road::Spell { pause, through, .. }) = batch.road else { panic!("no spell") };
        let (usr, tag) = (spell.address(), spell.code_hash);
        match through {
            SpellMake::DsPause => {
                let mut late = Embedded::from_snapshot(&self.chain.snapshot());
                late.warp_to(late.timestamp() + 31 * u64::from(DAY)).unwrap();
                let error = now(next(&self.plan, batch, &self.spells, &late)).unwrap_err();
                assert!(error.to_string().contains("could be scheduled until"), "{error}");

                let usr = spell.launcher_address().unwrap();
                now(self.chain.write(PARENT, *pause, &relyCall { usr })).unwrap();
            }
            SpellMake::HaloSpellGuard => {
                let call = HaloSpellGuard::plotCall { spell: usr, tag };
                now(self.chain.write(PARENT, *pause, &call)).unwrap();
            }
            SpellMake::StarGuard => {
                let sky = self.plan.steps.iter().find(|step| step.signer.role == Role::Governance);
                let sky = sky.unwrap().signer.address;
                now(self.chain.write(sky, *pause, &plotCall { usr, tag })).unwrap();
            }
        }
    }

    /// Rehearses the whole plan, carries it out, and verifies what it left.
    fn carry_out(&mut self, wanted: &[(Means, &str)]) {
        let kinds: std::collections::HashSet<_> =
            self.plan.steps.iter().map(|step| step.signer.means).collect();
        assert_eq!(kinds.len(), 4, "{kinds:?}");

        let mut fork = Embedded::from_snapshot(&self.chain.snapshot());
        let left: Vec<_> = self.plan.steps.iter().collect();
        let rehearsal = rehearse(&self.plan, &left, &self.spells, &mut fork).unwrap();
        assert_eq!(rehearsal.changes.unexplained, []);
        let nonce = rehearsal.changes.variables.iter().find(|one| one.address == SAFE);
        assert_eq!(nonce.map(|one| one.variable.as_str()), Some("nonce"));

        self.play();
        for unit in &self.plan.subject.units {
            let manifest = Manifest::new(&self.plan, &unit.slug, &[]).unwrap();
            let report = now(verify(&manifest, &self.chain)).unwrap();
            let failed: Vec<_> = report.failed().collect();
            assert!(failed.is_empty(), "{failed:?}");
        }
        for wanted in wanted {
            let found = self.asked.iter().any(|(means, what)| (*means, what.as_str()) == *wanted);
            assert!(found, "{wanted:?} in {:?}", self.asked);
        }
    }
}

#[test]
fn a_plan_of_four_kinds_of_signer_is_rehearsed_and_carried_out() {
    stage().carry_out(&[
        (Means::Key, "step"),
        (Means::Safe, "others"),
        (Means::Spell, "deploy the spell"),
        (Means::Spell, "others"),
        (Means::Spell, "wait"),
        (Means::Spell, "exec"),
        (Means::Timelock, "schedule"),
        (Means::Timelock, "wait"),
        (Means::Timelock, "execute"),
    ]);
}

#[test]
fn the_other_make_of_each_signer_is_rehearsed_and_carried_out() {
    other_stage().carry_out(&[
        (Means::Key, "step"),
        (Means::Safe, "others"),
        // Sky's pause.
        (Means::Spell, "deploy the launcher"),
        (Means::Spell, "others"),
        (Means::Spell, "schedule"),
        (Means::Spell, "wait"),
        (Means::Spell, "cast"),
        // StarGuards.
        (Means::Spell, "exec"),
        (Means::Timelock, "schedule"),
        (Means::Timelock, "wait"),
        (Means::Timelock, "execute"),
    ]);
}

#[test]
fn a_safe_of_another_threshold_is_named() {
    let mut stage = stage();
    // Slot 4 of a Safe.
    stage.chain.set_storage(SAFE, U256::from(4), U256::from(1)).unwrap();
    let left: Vec<_> =
        stage.plan.steps.iter().filter(|step| step.signer.means == Means::Safe).collect();
    let batch = &batches(&stage.plan, &left, &stage.spells).unwrap()[0];
    let error = now(next(&stage.plan, batch, &stage.spells, &stage.chain)).unwrap_err().to_string();
    assert!(error.contains("1 owners must sign, [signers] says 2"), "{error}");
}

//! One plan with all four kinds of signer: the deployer and the beacons are keys, GovOps is a Safe of two owners,
//! Sky's governance runs spells through a spell guard, and the Halo acts through a timelock.
//!
//! Safe's own contracts, from npm, check the signatures over the hashes that the hand-off shows.

// Helpers of tests stop the test, as tests do.
#![allow(clippy::unwrap_used)]

use alloy::signers::{SignerSync, local::PrivateKeySigner};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::sol;
use halo_chain::{Chain, Embedded, Tx, now};
use halo_deploy::{
    Manifest, Means, Plan, PrimeLimits,
    handoff::{Batch, Handoff, Next, SafeTx, Spells, batches, next, safe_checksum},
    rehearse::rehearse,
    send::remaining,
    verify,
};
use halo_spec::{Safe, SafeVersion, Signing, SpellMake, SpellRoad, Timelock, TimelockMake};
use halo_templates::{Tree, bindings::HaloSpellGuard, compile::Solc};
use halo_tests::{
    World,
    signers::{DAY, GUARD, PARENT, SAFE, owners, ready},
};

sol! {
    function getTransactionHash(
        address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice,
        address gasToken, address refundReceiver, uint256 nonce
    ) external view returns (bytes32);
}

struct Stage {
    plan: Plan,
    spells: Spells,
    chain: Embedded,
    /// What each kind of signer was asked for.
    asked: Vec<(Means, String)>,
}

fn stage() -> Stage {
    let mut world = World::of("tbill");
    let halo = world.spec.admins[0];
    let mut chain = world.genesis().chain;
    ready(&world.network, &world.spec, &mut chain);

    let signers = &mut world.network.signers;
    signers.govops =
        Signing::Safe(Safe { address: SAFE, version: SafeVersion::V1_4_1, threshold: 2 });
    signers.governance = Signing::Spell(SpellRoad {
        pause: Some(GUARD),
        make: SpellMake::HaloSpellGuard,
        plotter: None,
    });
    signers.halo = Signing::Timelock(Timelock {
        address: halo,
        make: TimelockMake::Beam,
        min_delay: DAY,
        proposer: None,
    });
    let limits = PrimeLimits::of_scenario(&world.scenario);
    let plan = Plan::new(&world.spec, &world.network, &limits).unwrap();
    let left: Vec<_> = plan.steps.iter().collect();
    let tree = Tree::find(None).unwrap();
    let solc = Solc::find(&tree, None).unwrap();
    let spells = halo_governance::plan_spells(&plan, &left, &tree, &solc).unwrap();
    Stage { plan, spells, chain, asked: Vec::new() }
}

impl Stage {
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
        let tx = SafeTx::of(&batch.calls().unwrap(), SafeVersion::V1_4_1, nonce);
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

    fn plot(&mut self, batch: &Batch<'_>) {
        let spell = self.spells.of(batch).unwrap();
        let call = HaloSpellGuard::plotCall { spell: spell.address(), tag: spell.code_hash };
        now(self.chain.write(PARENT, GUARD, &call)).unwrap();
    }
}

#[test]
fn a_plan_of_four_kinds_of_signer_is_rehearsed_and_carried_out() {
    let mut stage = stage();
    let kinds: std::collections::HashSet<_> =
        stage.plan.steps.iter().map(|step| step.signer.means).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");

    let mut fork = Embedded::from_snapshot(&stage.chain.snapshot());
    let left: Vec<_> = stage.plan.steps.iter().collect();
    let rehearsal = rehearse(&stage.plan, &left, &stage.spells, &mut fork).unwrap();
    assert_eq!(rehearsal.changes.unexplained, []);
    let nonce = rehearsal.changes.variables.iter().find(|one| one.address == SAFE);
    assert_eq!(nonce.map(|one| one.variable.as_str()), Some("nonce"));

    stage.play();
    for unit in &stage.plan.subject.units {
        let manifest = Manifest::new(&stage.plan, &unit.slug, &[]).unwrap();
        let report = now(verify(&manifest, &stage.chain)).unwrap();
        let failed: Vec<_> = report.failed().collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
    for wanted in [
        (Means::Key, "step"),
        (Means::Safe, "others"),
        (Means::Spell, "deploy the spell"),
        (Means::Spell, "others"),
        (Means::Spell, "wait"),
        (Means::Spell, "exec"),
        (Means::Timelock, "schedule"),
        (Means::Timelock, "wait"),
        (Means::Timelock, "execute"),
    ] {
        let found = stage.asked.iter().any(|(means, what)| (*means, what.as_str()) == wanted);
        assert!(found, "{wanted:?} in {:?}", stage.asked);
    }
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

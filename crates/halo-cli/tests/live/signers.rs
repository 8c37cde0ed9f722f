//! A whole launch with all four kinds of signer: deployer, Primes and beacons are keys, GovOps is a Safe of two owners,
//! Sky's governance runs spells through a spell guard, and the Halo acts through a timelock.

use std::{collections::BTreeSet, path::Path};

use alloy::{
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::SolCall,
};
use alloy_primitives::{Address, B256};
use halo_deploy::handoff::{Made, SafeTx};
use halo_spec::{ClassSpec, Network, SafeVersion};
use halo_templates::bindings::HaloSpellGuard;
use halo_tests::signers::{GUARD, PARENT, SAFE, owners, ready};
use serde_json::Value;

use crate::{
    place::run,
    stage::{Live, MANIFEST},
};

fn live() -> Live {
    let embedded = Network::embedded().unwrap();
    let class = ClassSpec::load(&crate::place::spec("tbill.toml"), &embedded).unwrap().value;
    let halo = class.admins[0];
    let signers = format!(
        "\n[signers.govops]\nmeans = \"safe\"\naddress = \"{SAFE}\"\nversion = \"1.4.1\"\nthreshold = 2\n\
         \n[signers.governance]\nmeans = \"spell\"\nthrough = \"halo-spell-guard\"\npause = \"{GUARD}\"\n\
         \n[signers.halo]\nmeans = \"timelock\"\naddress = \"{halo}\"\nmake = \"beam\"\nmin_delay = \"1 days\"\n"
    );
    Live::edited(|who| !matches!(who, "GOVERNANCE" | "HALO"), &signers, ready)
}

/// The owners sign what they are shown, as the transaction builder would make it of the file.
fn sign(live: &Live, waiting: &Value) {
    let file = waiting["files"][0].as_str().unwrap();
    let file: Value = serde_json::from_str(&live.place.read(Path::new(file))).unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let call = |one: &Value| Made {
        to: word(&one["to"]).parse().unwrap(),
        value: word(&one["value"]).parse().unwrap(),
        data: word(&one["data"]).parse().unwrap(),
    };
    let calls: Vec<Made> = file["transactions"].as_array().unwrap().iter().map(call).collect();
    let said = |what: &str| word(&waiting["says"][what]);
    let tx = SafeTx::of(&calls, SafeVersion::V1_4_1, said("nonce").parse().unwrap());
    let shown: B256 = said("Safe transaction hash").parse().unwrap();
    let one = |owner: PrivateKeySigner| owner.sign_hash_sync(&shown).unwrap().as_bytes();
    let signatures: Vec<u8> = owners().into_iter().flat_map(one).collect();
    live.send_as(Address::repeat_byte(9), SAFE, &tx.execution(signatures.into()));
}

fn plot(live: &Live, waiting: &Value) {
    let said = |what: &str| waiting["says"][what].as_str().unwrap();
    let (spell, tag) = (said("spell").parse().unwrap(), said("code hash").parse().unwrap());
    live.send_as(PARENT, GUARD, &HaloSpellGuard::plotCall { spell, tag }.abi_encode());
}

#[test]
fn keys_a_safe_spells_and_a_timelock_launch_a_unit_together() {
    let live = live();
    let mut seen = BTreeSet::new();
    for round in 0.. {
        assert!(round < 60, "it does not come to an end: {seen:?}");
        let said = run(&mut live.deploy("--broadcast --json --quiet")).expect(0).json();
        let waiting = &said["waiting"];
        let means = waiting["means"].as_str().unwrap_or("key").to_owned();
        let until = waiting["until"].as_u64();
        seen.insert((means.clone(), until.is_some()));
        match (&*means, until) {
            ("key", _) => break,
            (_, Some(second)) => live.travel_to(second),
            ("safe", None) => sign(&live, waiting),
            ("spell", None) => plot(&live, waiting),
            _ => panic!("{waiting}"),
        }
    }
    let seen: Vec<_> = seen.iter().map(|(means, waits)| (means.as_str(), *waits)).collect();
    let wanted =
        [("key", false), ("safe", false), ("spell", false), ("spell", true), ("timelock", true)];
    assert_eq!(seen, wanted);
    let verified = live.halo(&format!("verify {MANIFEST} --rpc-url URL")).expect(0);
    assert!(verified.stdout.contains("embedded/tbill/bills: all "), "{}", verified.stdout);
    live.halo(&format!("drift {MANIFEST} --spec SPEC --network NETWORK --rpc-url URL")).expect(0);
    let again = live.halo("plan SPEC --network NETWORK --rpc-url URL").expect(0);
    assert!(again.stdout.contains(" 0 create, 0 change, "), "{}", again.stdout);
}

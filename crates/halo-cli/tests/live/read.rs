//! What reads a chain through nodes: plan, verify, drift, evidence; `--rpc-url` means the same to all of them.

use alloy_primitives::{B256, hex};
use halo_chain::{Alloc, Genesis, GenesisTerms};
use halo_fork::{Header, Witness};
use halo_spec::{ClassSpec, Network, Scenario};
use serde_json::{Value, json};

use crate::{
    place::{Place, run, spec},
    stage::{Live, MANIFEST},
};

/// How many steps of a survey have which mark.
fn marks(survey: &Value) -> [usize; 4] {
    let steps = survey["steps"].as_array().unwrap();
    ["create", "change", "unchanged", "cannot"]
        .map(|mark| steps.iter().filter(|step| step["mark"] == mark).count())
}

/// The calldata of a step, with another word at that place.
fn call(plan: &Value, step: &str, word: usize, other: u8) -> Vec<u8> {
    let mut steps = plan["steps"].as_array().unwrap().iter();
    let step = steps.find(|one| one["id"] == step).unwrap();
    let mut data = hex::decode(step["action"]["data"].as_str().unwrap()).unwrap();
    data[4 + 32 * word..][..32].fill(0);
    data[4 + 32 * word + 31] = other;
    data
}

fn address(value: &Value) -> alloy_primitives::Address {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_live_chain_is_compared_verified_and_mended() {
    let (live, other) = (Live::with_keys(), Live::with_keys());
    let plan = live.plan();
    let all = plan["steps"].as_array().unwrap().len();
    let survey = "plan SPEC --network NETWORK --json --rpc-url";
    let two = format!("{},{}", live.anvil.url(), other.anvil.url());

    // Before: nothing is there. What was read is kept, and says the same with no node.
    let before = live.halo(&format!("{survey} URL --record before.fork")).expect(0).json();
    let [create, change, unchanged, cannot] = marks(&before);
    assert_eq!((create + change + unchanged, cannot), (all, 0));
    assert!(create > all / 2 && unchanged == 0, "{create} {change} {unchanged}");
    let kept = "plan SPEC --network NETWORK --json --fork-state before.fork";
    assert_eq!(live.halo(kept).expect(0).json(), before);
    live.halo(&format!("{kept} --rpc-url URL")).expect(2).says(&["cannot be used with"]);
    // Two nodes of the same mind.
    assert_eq!(live.halo(&format!("{survey} {two}")).expect(0).json(), before);

    // Somebody changes a limit of a Prime after all is there.
    run(&mut live.deploy("--broadcast --quiet")).expect(0);
    let after = live.halo(&format!("{survey} URL")).expect(0).json();
    assert_eq!(marks(&after), [0, 0, all, 0]);
    let id = "unit/bills/prime/pattern/erc7540-deposit";
    let step = plan["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap();
    let (from, to) = (address(&step["signer"]["address"]), address(&step["action"]["to"]));
    // The last amount, third word, may not be more than the maximum, first word after the key.
    let mut data = call(&plan, id, 1, 7);
    data[4 + 32 * 2..][..64].fill(0);
    live.send_as(from, to, &data);

    let words = live.halo("plan SPEC --network NETWORK --rpc-url URL").expect(0).stdout;
    assert!(words.contains(&format!("change    {id}: ")), "{words}");
    assert!(words.contains("0 create, 1 change, "), "{words}");
    let reads = [
        format!("verify {MANIFEST}"),
        "verify --spec SPEC --network NETWORK".to_owned(),
        format!("drift {MANIFEST} --spec SPEC --network NETWORK"),
        format!("evidence {MANIFEST} --spec SPEC --network NETWORK --no-sources --out evidence"),
    ];
    for read in &reads {
        let found = live.halo(&format!("{read} --rpc-url URL")).expect(1).stdout;
        assert!(found.contains("prime/pattern"), "{read}: {found}");
    }
    // A node that says of the block that both have what the other does not.
    let created = plan["steps"].as_array().unwrap().iter();
    for one in created.flat_map(|step| step["creates"].as_array().unwrap()) {
        other.raw("anvil_setCode", json!([one["address"], "0x00"]));
    }
    // Deploying again does that step and no other.
    let mended = run(&mut live.deploy("--broadcast --json --quiet")).expect(0).json();
    assert_eq!(mended["unchanged"], all - 1);
    for read in &reads {
        live.halo(&format!("{read} --rpc-url URL")).expect(0);
        // Nodes that do not agree are not believed.
        live.halo(&format!("{read} --rpc-url {two}")).expect(3).says(&["disagree on code"]);
    }
    live.halo("evidence check evidence --rpc-url URL").expect(0);
}

#[test]
fn a_plan_is_compared_with_what_a_witness_proves() {
    let network = Network::embedded().unwrap();
    let class = ClassSpec::load(&spec("tbill.toml"), &network).unwrap().value;
    let scenario = Scenario::day1(&network, &class.asset).unwrap().value;
    let chain = Genesis::build(&GenesisTerms::of_scenario(&network, &scenario)).unwrap().chain;
    let header = Header { number: 7, timestamp: scenario.start, ..Header::default() };
    let Witness { state, codes, keys, headers, .. } =
        Witness::of_state(&Alloc::of(&chain).unwrap(), header);
    let file = json!({ "state": state, "codes": codes, "keys": keys, "headers": headers });
    let place = Place::new();
    place.write("witness.json", file.to_string());
    let plan = |options: &[&str]| {
        let mut command = place.command(["plan", "--json", "--witness", "witness.json"]);
        run(command.arg(spec("tbill.toml")).args(options))
    };
    let survey = plan(&[]).expect(0).json();
    assert_eq!((survey["block"].as_u64(), marks(&survey)[3]), (Some(7), 0));
    assert!(marks(&survey)[0] > 100);
    let wrong = B256::repeat_byte(1).to_string();
    plan(&["--trusted-hash", &wrong]).expect(1).says(&["witness.json"]);
}

#[test]
fn a_plan_stands_on_a_node_at_block_0_whose_url_is_in_the_environment() {
    let live = Live::at_block_0();
    let plan = |words: &[&str]| {
        let mut command = live.place.command(["plan"]);
        run(command.args(words).env("HALO_RPC_URL", live.anvil.url())).expect(0)
    };
    let spec = live.spec.display().to_string();
    let said = plan(&[&spec, "--out", "plan.json"]).stdout;
    assert!(said.contains(" steps after block 0 of chain 1337: "), "{said}");
    assert!(said.contains(" 0 unchanged, 0 cannot"), "{said}");
    // What is of files is not of a chain.
    plan(&["show", "plan.json"]);
    let dry = run(&mut live.deploy("")).expect(0).stdout;
    assert!(dry.contains("rehearsed after block 0: "), "{dry}");
}

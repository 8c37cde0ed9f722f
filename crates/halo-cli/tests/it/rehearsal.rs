//! The commands on state from outside, each from a node, from a snapshot and from a witness: the same is said of each.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, U256, keccak256};
use halo_chain::{Alloc, Chain, Genesis, GenesisTerms, Store, now};
use halo_spec::{ClassSpec, Network, Scenario};
use halo_templates::{bindings::Controller, template};
use serde_json::{Value, json};

use crate::{
    fork::{keep, made_up, served, wait, witness},
    place::{Place, Run, root, run, spec},
};

/// A command on the example, with more words.
fn halo(place: &Place, command: &[&str], words: &[&str]) -> Run {
    run(place.command(command).arg(spec("tbill.toml")).args(words))
}

/// A result without the block that it stood on, which differs from source to source.
fn bare(mut result: Value) -> Value {
    let result_fields = result.as_object_mut().unwrap();
    for key in ["block", "block_hash", "manifests"] {
        result_fields.remove(key);
    }
    if let Some(Value::Object(ground)) = result_fields.get_mut("ground") {
        for key in ["block", "hash", "origin"] {
            ground.remove(key);
        }
    }
    if let Some(words) = result_fields.get_mut("words").and_then(Value::as_array_mut) {
        words.retain(|words| !words.as_str().unwrap().starts_with("This ran on the state"));
    }
    if let Some(transactions) = result_fields.get_mut("transactions").and_then(Value::as_array_mut)
    {
        for one in transactions {
            for key in ["block", "hash", "timestamp"] {
                one.as_object_mut().unwrap().remove(key);
            }
        }
    }
    result
}

/// Two results are the same, or here is where they are not.
#[track_caller]
fn same(one: &Value, other: &Value) {
    if let Some((place, one, other)) = differs(one, other) {
        panic!("{place}: {one} against {other}");
    }
}

fn differs<'a>(one: &'a Value, other: &'a Value) -> Option<(String, &'a Value, &'a Value)> {
    let below = |key: String, one: &'a Value, other: &'a Value| {
        differs(one, other).map(|(place, one, other)| (format!("{key}/{place}"), one, other))
    };
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().zip(b.values()).find_map(|((key, a), b)| below(key.clone(), a, b))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| below(at.to_string(), a, b))
        }
        _ => (one != other).then(|| (String::new(), one, other)),
    }
}

/// A whole deployment on what a node has, then on what that run read of it, then on what a witness proves: nothing is sent.
#[test]
fn a_deployment_is_rehearsed_on_a_state_from_outside() {
    let (_, genesis, scenario) = made_up();
    let anvil = served(&genesis.alloc().unwrap(), scenario.start);
    let blocks = || wait(anvil.node().block()).unwrap().number;
    let (place, url, before) = (Place::new(), anvil.url(), blocks());
    let deploy = |words: &[&str]| halo(&place, &["deploy", "--json"], words);
    let of_node =
        deploy(&["--fork", &url, "--fork-cache", "kept", "--record", "run.fork"]).expect(0).json();
    assert_eq!(blocks(), before, "something was sent");
    assert_eq!(of_node["ground"]["origin"], "node");
    let deployed = of_node["transactions"].as_array().unwrap().len() as u64;
    assert!(deployed > 100);
    let impersonated = of_node["ground"]["impersonated"].as_array().unwrap();
    let sent: u64 = impersonated.iter().map(|row| row["transactions"].as_u64().unwrap()).sum();
    assert_eq!(sent, deployed);
    assert!(impersonated.iter().any(|row| row["name"] == "Sky pause proxy"), "{impersonated:#?}");
    let manifest = of_node["manifests"][0].as_str().unwrap();
    assert!(manifest.starts_with(".halo/rehearsal/"), "{manifest}");
    place.read(manifest);
    assert!(!place.path().join("deployments").exists(), "a rehearsal is no deployment");
    assert!(!place.path().join(".halo/state.bin").exists(), "nor a chain of one's own");

    let of_snapshot = deploy(&["--fork-state", "run.fork"]).expect(0).json();
    witness(&place);
    let of_witness = deploy(&["--witness", "witness.json"]).expect(0).json();
    let of_node = bare(of_node);
    same(&bare(of_snapshot), &of_node);
    same(&bare(of_witness), &of_node);

    let said = halo(&place, &["deploy"], &["--fork-state", "run.fork"]).expect(0).stdout;
    assert!(said.contains("nothing was sent") && said.contains("impersonated, with"), "{said}");
    for option in ["--broadcast", "--dev-impersonate"] {
        deploy(&["--fork", &url, option]).expect(2).says(&["cannot be used with"]);
    }
    deploy(&["--fork", &url, "--rpc-url", &url]).expect(2).says(&["cannot be used with"]);
    assert_eq!(blocks(), before);
}

/// What a plan would change, on each of the three.
#[test]
fn a_plan_is_compared_with_a_state_from_outside() {
    let (_, genesis, scenario) = made_up();
    let anvil = served(&genesis.alloc().unwrap(), scenario.start);
    let (place, url) = (Place::new(), anvil.url());
    let plan = |words: &[&str]| halo(&place, &["plan", "--json", "--rehearse"], words);
    let of_node =
        plan(&["--fork", &url, "--fork-cache", "kept", "--record", "run.fork"]).expect(0).json();
    assert!(!of_node["steps"].as_array().unwrap().is_empty());
    same(&plan(&["--fork-state", "run.fork"]).expect(0).json(), &of_node);
    // At the second of the node's block, which some contracts write down.
    keep(&place, &genesis.alloc().unwrap(), scenario.start - 3_000);
    same(&bare(plan(&["--witness", "witness.json"]).expect(0).json()), &bare(of_node));
}

/// A deployment that a node has is verified there, and on the snapshot of what that read.
#[test]
fn a_deployment_is_verified_on_a_node_and_on_its_snapshot() {
    let place = Place::new();
    let launched = halo(&place, &["launch", "--json"], &[]).expect(0).json();
    let manifest = launched["manifests"][0].as_str().unwrap().to_owned();
    let chain = Store::open(place.path().join(".halo")).unwrap().load().unwrap().unwrap();
    let mut alloc = Alloc::of(&chain).unwrap();
    let anvil = served(&alloc, chain.timestamp());
    let verify = |words: &[&str]| run(place.command(["verify", &manifest]).args(words));
    let url = anvil.url();
    let of_node = ["--fork", &url, "--fork-cache", "kept", "--record", "run.fork"];
    let said = verify(&of_node).expect(0).stdout;
    assert!(said.contains("checks hold") && said.contains("nothing was sent"), "{said}");
    assert!(place.path().join("kept/1337").exists(), "what was fetched is kept");
    drop(anvil);
    let again = verify(&["--fork-state", "run.fork"]).expect(0).stdout;
    assert!(again.contains("as recorded in a snapshot"), "{again}");

    // The snapshot of another state: the Unit has no code there.
    let unit: Address = launched["day1"]["units"][0]["address"].as_str().unwrap().parse().unwrap();
    alloc.0.remove(&unit);
    keep(&place, &alloc, chain.timestamp());
    verify(&["--witness", "witness.json", "--record", "other.fork"]).expect(1);
    verify(&["--fork-state", "other.fork"]).expect(1);
}

/// A simulation on a node, on a snapshot and on a witness; its summary, document and page say who was impersonated.
#[test]
fn a_simulation_says_in_whose_name_it_sent() {
    let (_, genesis, scenario) = made_up();
    let anvil = served(&genesis.alloc().unwrap(), scenario.start);
    let (place, url) = (Place::new(), anvil.url());
    let file = spec("tbill.toml").parent().unwrap().join("../scenarios/oversubscribed.toml");
    let simulate = |words: &[&str]| {
        let mut command = place.command(["simulate", "--until", "2"]);
        run(command.arg(&file).args(words))
    };
    let node = ["--fork", &url, "--fork-cache", "kept", "--record", "run.fork", "--json"];
    let of_node = simulate(&node).json();
    let pause_proxy = Network::embedded().unwrap().governance.pause_proxy;
    let rows = of_node["ground"]["impersonated"].as_array().unwrap();
    let is_sky =
        |row: &&Value| row["account"].as_str().is_some_and(|at| at.parse() == Ok(pause_proxy));
    assert!(rows.iter().find(is_sky).unwrap()["transactions"].as_u64().unwrap() > 0, "{rows:#?}");
    let page = ["--fork-state", "run.fork", "--report", "page.html"];
    let said = simulate(&page).stdout;
    assert_eq!(said.matches("impersonated, with the transactions of each: ").count(), 1, "{said}");
    let page = place.read("page.html");
    assert!(page.contains("impersonated, with the transactions of each: "));
    assert!(page.contains("Sky pause proxy ("));
    let words = of_node["words"].as_array().unwrap();
    assert!(words.iter().any(|one| one.as_str().unwrap().contains("Sky pause proxy (")));

    let of_snapshot = simulate(&["--fork-state", "run.fork", "--json"]).json();
    witness(&place);
    let of_witness = simulate(&["--witness", "witness.json", "--json"]).json();
    let of_node = bare(of_node);
    same(&bare(of_snapshot), &of_node);
    same(&bare(of_witness), &of_node);
    // On the chain inside the program everybody is made up, and nothing is said of it.
    let plain = simulate(&["--json"]).json();
    assert!(!plain["words"].to_string().contains("impersonated"));
}

/// What is about a state from outside is refused where there is none, and a snapshot has the hash of its block.
#[test]
fn options_that_would_do_nothing_are_refused() {
    let place = Place::new();
    let hash = witness(&place);
    let launch = |words: &[&str]| halo(&place, &["launch", "-q"], words);
    launch(&["--record", "run.fork"]).expect(2).says(&["--record is about a state from outside"]);
    launch(&["--trusted-hash", &hash]).expect(2).says(&["--trusted-hash is about a state"]);
    let rpc = ["verify", "--spec"];
    halo(&place, &rpc, &["--rpc-url", "http://127.0.0.1:1", "--record", "run.fork"])
        .expect(2)
        .says(&["--record is about a state from outside"]);
    launch(&["--witness", "witness.json", "--record", "run.fork"]).expect(0);
    launch(&["--fork-state", "run.fork", "--trusted-hash", &hash]).expect(0);
    let other = format!("0x{}", "7".repeat(64));
    launch(&["--fork-state", "run.fork", "--trusted-hash", &other]).expect(1).says(&[
        "run.fork",
        &other,
        "is trusted",
    ]);

    // Cut, and with one byte changed.
    let file = fs::read(place.path().join("run.fork")).unwrap();
    place.write("cut.fork", &file[..file.len() - 1]);
    let mut changed = file;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    place.write("changed.fork", changed);
    for name in ["cut.fork", "changed.fork"] {
        launch(&["--fork-state", name]).expect(2).says(&[name, "changed or cut short"]);
    }
    let json: Value = serde_json::from_str(&place.read("witness.json")).unwrap();
    let text = json.to_string();
    place.write("cut.json", &text[..text.len() - 10]);
    launch(&["--witness", "cut.json"]).expect(2).says(&["cut.json"]);
    let mut bare = json;
    bare["headers"] = json!([]);
    place.write("bare.json", bare.to_string());
    launch(&["--witness", "bare.json"]).expect(1).says(&["has no header"]);
}

/// The witness of mainnet's block 24,628,607, which is no part of this repository.
fn mainnet() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/mainnet_24628607_witness.bin");
    if !file.exists() {
        eprintln!("not run: the witness of mainnet block 24,628,607 is not there");
        return None;
    }
    Some(file)
}

/// On the real block's state, with what the file of assumptions declares: the deployment alone, and the whole road with a
/// second Controller for a Prime.
#[test]
fn a_deployment_is_rehearsed_on_the_real_block() {
    let Some(file) = mainnet() else { return };
    let place = Place::new();
    let network = fs::read_to_string(root().join("deployments/networks/embedded.toml")).unwrap();
    place.write("network.toml", network.replace("chain_id = 1337", "chain_id = 1"));
    let (given, solidity) =
        (root().join("deployments/assumptions/mainnet_24628606.toml"), root().join("solidity"));
    let stand = |command: &'static str| {
        let mut command = place.command([command, "--json", "-q", "--network", "network.toml"]);
        command.arg(spec("tbill.toml")).arg("--witness").arg(&file).arg("--assume").arg(&given);
        command
    };
    let deployed = run(&mut stand("deploy")).expect(0).json();
    assert_eq!(deployed["ground"]["block"], 24_628_606);
    assert!(!deployed["ground"]["assumed"].as_array().unwrap().is_empty());
    let manifest = |json: &Value| place.read(json["manifests"][0].as_str().unwrap());
    let of_deploy = manifest(&deployed);
    let launched = run(&mut stand("launch")).expect(0).json();
    assert_eq!(manifest(&launched), of_deploy, "the same deployment, with a Day 1 after it");
    let mut second = stand("launch");
    let second = run(second.args(["--second-controller", "spark", "--root"]).arg(solidity));
    let second = second.expect(0).json();
    assert_eq!(second["secondControllers"][0]["prime"], "spark");
    assert_eq!(second["day1"]["totals"], launched["day1"]["totals"]);
}

/// The witness of mainnet's block says of which chain it is.
#[test]
fn a_witness_of_another_chain_is_refused() {
    let Some(file) = mainnet() else { return };
    let place = Place::new();
    let file = file.to_str().unwrap();
    halo(&place, &["launch", "-q"], &["--witness", file])
        .expect(2)
        .says(&["is of chain 1, but the network embedded is chain 1337"]);
}

/// The made-up mainnet of an example, where Spark runs a Controller that draws and swaps and knows no Units, and its
/// SubProxy is a contract that runs spells at Sky's word.
fn older(name: &str) -> (Alloc, u64) {
    let network = Network::embedded().unwrap();
    let class = ClassSpec::load(&spec(name), &network).unwrap().value;
    let scenario = Scenario::day1(&network, &class.asset).unwrap().value;
    let terms = GenesisTerms::of_scenario(&network, &scenario);
    let mut chain = Genesis::build(&terms).unwrap().chain;
    let spark = network.prime("spark").unwrap();
    let controller = spark.controller.unwrap();
    let wired = now(chain.read(controller, &Controller::integrationsCall {})).unwrap();
    let knows_units = |id: &B256| id.starts_with(b"ERC7540") || id.starts_with(b"LCTS");
    let ids: Vec<B256> = wired.into_iter().map(|one| one.id).filter(knows_units).collect();
    assert_eq!(ids.len(), 2);
    let remove = Controller::removeIntegrationsCall { ids };
    now(chain.write(spark.sub_proxy, controller, &remove)).unwrap();
    chain.set_code(spark.sub_proxy, template::HaloSubProxy.runtime_code().clone()).unwrap();
    // Its wards are its mapping number 0.
    let ward = [network.governance.pause_proxy.into_word().0, B256::ZERO.0].concat();
    chain.set_storage(spark.sub_proxy, keccak256(ward).into(), U256::ONE).unwrap();
    (Alloc::of(&chain).unwrap(), scenario.start - 3_600)
}

/// A Prime whose Controller knows no Units takes no part in Day 1; with a second one that a rehearsed spell lets in it does,
/// on money that came by the first.
#[test]
fn a_prime_enters_by_a_second_controller() {
    let solidity = root().join("solidity");
    let second = ["--second-controller", "spark", "--root", solidity.to_str().unwrap()];
    for name in ["tbill.toml", "mmf.toml", "clo.toml"] {
        let place = Place::new();
        let (alloc, timestamp) = older(name);
        keep(&place, &alloc, timestamp);
        let launch = |words: &[&str]| {
            run(place.command(["launch", "--json", "-q"]).arg(spec(name)).args(words))
        };
        let without = launch(&["--witness", "witness.json"]);
        assert_ne!(without.code, Some(0), "{name}: {}", without.stdout);
        let words = [&["--witness", "witness.json", "--record", "run.fork"], &second[..]].concat();
        let with = launch(&words).expect(0).json();
        let brought = &with["secondControllers"][0];
        assert_eq!(brought["prime"], "spark");
        let impersonated = with["ground"]["impersonated"].to_string();
        assert!(impersonated.contains("Sky pause proxy"), "{impersonated}");
        let is_spark = |row: &&Value| row["prime"] == "spark";
        let rows = with["day1"]["primes"].as_array().unwrap();
        let row = rows.iter().find(is_spark).unwrap_or_else(|| panic!("{rows:#?}"));
        assert!(row["queued"].as_str().unwrap().parse::<u128>().unwrap() > 0, "{row:#?}");
        // Each run compiles a spell: the rest is one example's.
        if name != "tbill.toml" {
            continue;
        }
        let mut again =
            launch(&[&["--fork-state", "run.fork"], &second[..]].concat()).expect(0).json();
        again["ground"]["origin"] = with["ground"]["origin"].clone();
        same(&again, &with);

        let plan =
            |words: &[&str]| run(place.command(["plan", "--json"]).arg(spec(name)).args(words));
        let words_of_plan = [&["--witness", "witness.json"], &second[..]].concat();
        let survey = plan(&words_of_plan).expect(0).json();
        let registered = survey["plan"].to_string().to_lowercase();
        assert!(
            registered.contains(brought["controller"].as_str().unwrap()),
            "the second is meant"
        );
        // Where nobody runs spells, none is run.
        let (_, genesis, _) = made_up();
        keep(&place, &genesis.alloc().unwrap(), timestamp);
        launch(&words).expect(1).says(&["SubProxy of spark", "has no code"]);
    }
    let place = Place::new();
    halo(&place, &["launch", "-q"], &["--second-controller", "sprak", "--root", second[3]])
        .expect(2)
        .says(&["has no Prime `sprak`"]);
    halo(&place, &["deploy", "-q"], &second).expect(2).says(&["is for a rehearsal"]);
    // On the chain inside the program.
    halo(&place, &["launch", "-q"], &second).expect(0);
}

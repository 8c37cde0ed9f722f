//! `halo launch` on state from outside, and `halo fork`.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use alloy_primitives::{Address, B256, U256, address, bytes};
use halo_chain::{
    Alloc, Chain, Genesis, GenesisTerms, Node, TimeTravel,
    node::{Anvil, anvil_program},
};
use halo_fork::{Header, Witness};
use halo_spec::{ClassSpec, Network, Scenario, keys};
use halo_templates::bindings::{Chainlog, HaloUnit, RateLimits};
use serde_json::{Value, json};

use crate::place::{Place, run, spec};

/// The made-up mainnet of the embedded network as a state that a witness proves; `debug_executionWitness` JSON.
pub(crate) fn witness(place: &Place) -> String {
    let (_, genesis, scenario) = made_up();
    keep(place, &genesis.alloc().unwrap(), scenario.start - 3_600)
}

/// Writes a state as a witness of block 7; the block's hash.
pub(crate) fn keep(place: &Place, alloc: &Alloc, timestamp: u64) -> String {
    let header = Header { number: 7, timestamp, ..Header::default() };
    let Witness { state, codes, keys, headers, .. } = Witness::of_state(alloc, header);
    let json = json!({ "state": state, "codes": codes, "keys": keys, "headers": headers });
    place.write("witness.json", json.to_string());
    let hash = Witness::from_json(json.to_string().as_bytes()).unwrap().prove(None).unwrap().hash();
    hash.to_string()
}

pub(crate) fn made_up() -> (Network, Genesis, Scenario) {
    let network = Network::embedded().unwrap();
    let class = ClassSpec::load(&spec("tbill.toml"), &network).unwrap().value;
    let scenario = Scenario::day1(&network, &class.asset).unwrap().value;
    let genesis = Genesis::build(&GenesisTerms::of_scenario(&network, &scenario)).unwrap();
    (network, genesis, scenario)
}

/// A node that serves a state from an hour before `start`.
pub(crate) fn served(alloc: &Alloc, start: u64) -> Anvil {
    wait(async {
        let anvil = Anvil::start(alloc, 1337, start - 3_600).await.unwrap();
        // Anvil's genesis block does not have the root of its own state; its first block has.
        anvil.node().clone().travel_to(start - 3_000).await.unwrap();
        anvil
    })
}

/// The result of a launch on the state that the words name, and the manifests that it left.
fn launch(place: &Place, words: &[&str]) -> (Value, String) {
    let mut command = place.command(["launch", "--json"]);
    let json = run(command.arg(spec("tbill.toml")).args(words)).expect(0).json();
    let manifests = json["manifests"].as_array().unwrap().clone();
    assert!(!manifests.is_empty());
    let manifests = manifests.iter().map(|path| {
        let path = path.as_str().unwrap();
        assert!(path.starts_with(".halo/rehearsal/"), "{path}");
        place.read(path)
    });
    let manifests = manifests.collect();
    assert!(!place.path().join("deployments").exists(), "a rehearsal is no deployment");
    assert!(!place.path().join(".halo/state.bin").exists(), "nor a chain of one's own");
    (json, manifests)
}

#[test]
fn a_witness_and_the_snapshot_of_its_run_give_the_same() {
    let place = Place::new();
    let hash = witness(&place);
    let words = ["--witness", "witness.json", "--trusted-hash", &hash, "--record", "run.fork"];
    let (mut of_witness, manifests) = launch(&place, &words);
    fs::remove_file(place.path().join("witness.json")).unwrap();
    let (mut of_snapshot, again) = launch(&place, &["--fork-state", "run.fork"]);

    assert_eq!(of_witness["ground"]["origin"], "trusted-witness");
    assert_eq!(of_snapshot["ground"]["origin"], "snapshot");
    assert_eq!(of_witness["ground"]["hash"], Value::from(hash));
    assert_eq!(of_witness["ground"]["assumed"], json!([]));
    for one in [&mut of_witness, &mut of_snapshot] {
        one["ground"].as_object_mut().unwrap().remove("origin");
    }
    assert_eq!(of_witness, of_snapshot);
    assert_eq!(manifests, again);
    assert_eq!(of_witness["day1"]["conservation"]["holds"], true);

    let said =
        place.command(["launch", "--fork-state", "run.fork"]).arg(spec("tbill.toml")).output();
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    assert!(said.contains("nothing was sent") && said.contains("recorded: "), "{said}");
}

/// A rehearsal says in whose name it sent: governance among them, and none of them signed.
#[test]
fn who_was_impersonated_is_said() {
    let place = Place::new();
    witness(&place);
    let (json, _) = launch(&place, &["--witness", "witness.json"]);
    let rows = json["ground"]["impersonated"].as_array().unwrap();
    let sky = Network::embedded().unwrap().governance.pause_proxy.to_string();
    let sky =
        rows.iter().find(|row| row["account"] == sky.to_lowercase() || row["account"] == *sky);
    let sky = sky.unwrap_or_else(|| panic!("{rows:#?}"));
    assert_eq!(sky["name"], "Sky pause proxy");
    assert!(sky["transactions"].as_u64().unwrap() > 3);
    let deployed = json["transactions"].as_u64().unwrap();
    let sent: u64 = rows.iter().map(|row| row["transactions"].as_u64().unwrap()).sum();
    assert!(sent > deployed, "{sent} with those of Day 1, {deployed} without");
    let said = run(place.command(["launch", "--witness", "witness.json"]).arg(spec("tbill.toml")));
    let said = said.expect(0).stdout;
    assert!(said.contains("impersonated, with the transactions of each: "), "{said}");
    assert!(said.contains("Spark SubProxy ("), "{said}");
}

/// A simulation runs on the state of a witness, and on the snapshot of that run to the same numbers.
#[test]
fn a_simulation_stands_on_a_state_from_outside() {
    let place = Place::new();
    witness(&place);
    let scenario = spec("tbill.toml").parent().unwrap().join("../scenarios/oversubscribed.toml");
    let simulate = |words: &[&str]| {
        let mut command = place.command(["simulate", "--json", "--until", "2"]);
        run(command.arg(&scenario).args(words))
    };
    let mut of_witness = simulate(&["--witness", "witness.json", "--record", "run.fork"]).json();
    let mut of_snapshot = simulate(&["--fork-state", "run.fork"]).json();
    assert_eq!(of_witness["ground"]["origin"], "witness");
    assert_eq!(of_snapshot["ground"]["origin"], "snapshot");
    assert!(of_witness["ground"]["accounts"].as_u64().unwrap() > 50);
    for one in [&mut of_witness, &mut of_snapshot] {
        one["ground"].as_object_mut().unwrap().remove("origin");
    }
    assert_eq!(of_witness, of_snapshot);
    assert!(!of_witness["settlements"].as_array().unwrap().is_empty());
    simulate(&["--witness", "witness.json", "--seeds", "1..2"])
        .expect(2)
        .says(&["a fork is about one"]);
    simulate(&["--witness", "witness.json", "--minimise"])
        .expect(2)
        .says(&["a fork is for one run"]);
}

/// A deployment is verified on the state that a witness proves.
#[test]
fn a_deployment_is_verified_on_a_state_from_outside() {
    let place = Place::new();
    let launched =
        run(place.command(["launch", "--json"]).arg(spec("tbill.toml"))).expect(0).json();
    let manifest = launched["manifests"][0].as_str().unwrap().to_owned();
    let chain = halo_chain::Store::open(place.path().join(".halo")).unwrap().load().unwrap();
    let chain = chain.unwrap();
    let (alloc, at) = (Alloc::of(&chain).unwrap(), chain.timestamp());
    keep(&place, &alloc, at);
    let of_witness = ["verify", &manifest, "--witness", "witness.json", "--json"];
    let of_witness = run(&mut place.command(of_witness)).expect(0).json();

    // Another code at one address: the proof is as good as before, and the deployment is not.
    let mut changed = alloc;
    let unit: Address = launched["day1"]["units"][0]["address"].as_str().unwrap().parse().unwrap();
    changed.0.get_mut(&unit).unwrap().code = bytes!("00");
    keep(&place, &changed, at);
    let changed = ["verify", &manifest, "--witness", "witness.json", "--json"];
    let changed = run(&mut place.command(changed)).expect(1).json();
    assert_ne!(changed, of_witness);
}

#[test]
fn what_is_not_the_state_is_refused() {
    let place = Place::new();
    witness(&place);
    let launch =
        |words: &[&str]| run(place.command(["launch", "-q"]).arg(spec("tbill.toml")).args(words));
    let other = format!("0x{}", "7".repeat(64));
    launch(&["--witness", "witness.json", "--trusted-hash", &other])
        .expect(1)
        .says(&["is trusted"]);
    launch(&["--witness", "witness.json", "--network", "mainnet"]).expect(2);
    launch(&["--fork-state", "witness.json"]).expect(2).says(&["not a snapshot"]);
    launch(&["--witness", "nowhere"]).expect(3).says(&["cannot read nowhere"]);

    // One flipped bit in a proved node.
    let mut json: Value = serde_json::from_str(&place.read("witness.json")).unwrap();
    let node = json["state"][0].as_str().unwrap().to_owned();
    let flipped = if node.ends_with('0') { "1" } else { "0" };
    json["state"][0] = json!(format!("{}{flipped}", &node[..node.len() - 1]));
    place.write("flipped.json", json.to_string());
    launch(&["--witness", "flipped.json"]).expect(1).says(&["0x"]);

    // Larger than anything that is one: refused whole, not read in part.
    let large = fs::File::create(place.path().join("large")).unwrap();
    large.set_len(halo_fork::MAX_BYTES + 1).unwrap();
    for kind in ["--witness", "--fork-state"] {
        launch(&[kind, "large"]).expect(2).says(&["is larger than"]);
    }
}

#[test]
fn only_what_is_declared_is_assumed() {
    let place = Place::new();
    witness(&place);
    let launch = |file: &str| {
        let words = ["launch", "--json", "--witness", "witness.json", "--assume", file];
        run(place.command(words).arg(spec("tbill.toml")))
    };
    // All is proved here, so that nothing declared is used.
    let head = "format = \"halo-assumptions/1\"\n";
    let absent = "[[absent]]\naccounts = [\"created\", \"USDS\"]\nbecause = \"new\"\n";
    place.write("all.toml", format!("{head}{absent}"));
    let ground = launch("all.toml").expect(0).json()["ground"].clone();
    assert_eq!(ground["assumed"], json!([]));
    place.write("wrong.toml", format!("{head}{}", absent.replace("USDS", "USTS")));
    launch("wrong.toml").expect(2).says(&["USTS"]);
    place.write("other.toml", "format = \"halo-class/1\"\n");
    launch("other.toml").expect(2);
}

/// Waits for what a node does.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

#[test]
fn anvil_serves_what_a_run_left() {
    let place = Place::new();
    witness(&place);
    let words = ["--witness", "witness.json", "--export-anvil", "state.json"];
    let (json, manifests) = launch(&place, &words);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let anvil = Command::new(anvil_program())
        .args(["--port", &port.to_string(), "--chain-id", "1337", "--silent", "--load-state"])
        .arg(place.path().join("state.json"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _ends = Ends(anvil);
    let listens = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(100));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(listens, "anvil does not answer");
    let unit = &json["day1"]["units"][0];
    let at = unit["address"].as_str().unwrap().parse().unwrap();
    let url = format!("http://127.0.0.1:{port}");
    let (code, supply) = wait(async {
        let node = Node::connect(&url).unwrap();
        let supply = node.read(at, &HaloUnit::totalSupplyCall {}).await.unwrap();
        (node.code(at).await.unwrap(), supply)
    });
    let hash = alloy_primitives::keccak256(code).to_string();
    assert!(manifests.contains(&hash), "the code of the Unit is not the manifest's: {hash}");
    assert_eq!(Value::from(supply.to_string()), unit["shares"]);
    assert!(!supply.is_zero());
}

/// Ends a program when it is dropped.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From a node: the same as from the witness of its state, and what was fetched is listed and removed.
#[test]
fn a_node_is_forked_and_what_was_fetched_is_kept() {
    let (_, genesis, scenario) = made_up();
    let anvil = served(&genesis.alloc().unwrap(), scenario.start);
    let place = Place::new();
    let url = anvil.url();
    let words = ["--fork", &url, "--prove", "--fork-cache", "kept"];
    let (of_node, _) = launch(&place, &words);
    assert_eq!(of_node["ground"]["origin"], "proving-node");
    witness(&place);
    let (of_witness, _) = launch(&place, &["--witness", "witness.json"]);
    assert_eq!(of_node["day1"], of_witness["day1"]);

    let listed = place.halo("fork cache --fork-cache kept --json").expect(0).json();
    assert_eq!(listed["kept"][0]["chainId"], 1337);
    assert_eq!(listed["kept"][0]["block"], 1);
    assert!(listed["kept"][0]["bytes"].as_u64().unwrap() > 10_000);
    place.halo("fork cache --fork-cache kept --prune").expect(2);
    let kept = place.halo("fork cache --fork-cache kept --prune --older-than 1").expect(0);
    assert!(kept.stdout.contains("removed: 0 blocks"), "{}", kept.stdout);
    let pruned =
        place.halo("fork cache --fork-cache kept --prune --keep 0 --json").expect(0).json();
    assert_eq!(
        (pruned["kept"].clone(), pruned["removed"][0]["block"].clone()),
        (json!([]), json!(1))
    );
}

/// Ceilings and limits are read from a chain, addresses by its own chainlog, and the scenario is one that runs.
#[test]
fn the_primes_real_limits_become_a_scenario() {
    let (network, Genesis { mut chain, .. }, scenario) = made_up();
    // A stand-in for the module that raises ceilings: it answers with the three slots that begin at the ilk.
    let module = address!("C7Bdd1F2B16447dcf3dE045C4a039A60EC2f0ba3");
    let code = bytes!("600435805460005280600101546020526002015460405260a06000f3");
    chain.set_code(module, code).unwrap();
    let rad = U256::from(10).pow(U256::from(45));
    for (at, prime) in network.primes.iter().enumerate() {
        let ilk = U256::from_be_bytes(B256::right_padding_from(prime.ilk.as_bytes()).0);
        let line = U256::from(1_000_000 * (at as u64 + 1)) * rad;
        for (slot, word) in [line, U256::from(250_000) * rad, U256::from(43_200)].iter().enumerate()
        {
            chain.set_storage(module, ilk + U256::from(slot), *word).unwrap();
        }
    }
    let moved = Address::repeat_byte(0x5d);
    for (name, addr) in [("MCD_IAM_AUTO_LINE", module), ("SUSDS", moved)] {
        let key = B256::right_padding_from(name.as_bytes());
        let call = Chainlog::setAddressCall { key, addr };
        let by = network.governance.pause_proxy;
        halo_chain::now(chain.write(by, network.sky.chainlog, &call)).unwrap();
    }
    let spark = &network.primes[0];
    let call = RateLimits::setUnlimitedRateLimitDataCall { key: keys::usds_to_usdc() };
    halo_chain::now(chain.write(spark.sub_proxy, spark.rate_limits.unwrap(), &call)).unwrap();
    let anvil = served(&Alloc::of(&chain).unwrap(), scenario.start);
    let place = Place::new();
    let words = ["scenario", "from-chain", "--out", "real.toml", "--fork-cache", "kept", "--json"];
    let from = ["--fork", &anvil.url()];
    let read = run(place.command(words).args(from)).expect(0).json();
    let shown = run(place.command(&words[..words.len() - 1]).args(from)).expect(0).stdout;
    let row = shown.lines().find(|line| line.contains("Spark")).unwrap();
    assert!(row.contains("1_000_000 USDS") && row.contains("unlimited"), "{shown}");
    let spark = &read["primes"][0];
    assert_eq!(spark["prime"]["slug"], "spark");
    assert_eq!(spark["ceiling"]["line"], format!("1{}", "0".repeat(24)));
    assert_eq!(spark["ceiling"]["ttl"], 43_200);
    assert_eq!(spark["mint"]["max"], format!("500{}", "0".repeat(24)), "as the genesis set it");
    assert_eq!(read["unread"], json!([]));
    let said = read["moved"][0].as_str().unwrap();
    assert!(said.contains("SUSDS") && said.contains(&moved.to_string()), "{said}");

    let text = place.read("real.toml");
    assert!(
        text.contains("line = \"2_000_000 USDS\", gap = \"250_000 USDS\", ttl = \"12 h\""),
        "{text}"
    );
    place.halo("check real.toml").expect(0);
    let launched =
        run(place.command(["launch", "--json", "--scenario", "real.toml"]).arg(spec("tbill.toml")))
            .expect(0)
            .json();
    assert_eq!(launched["day1"]["conservation"]["holds"], true);
    // 250 k of headroom each: the ceilings of the chain bind, not those of the file inside the program.
    let settled: u128 = launched["day1"]["totals"]["settled"].as_str().unwrap().parse().unwrap();
    assert!(settled < 10_u128.pow(25), "{settled}");
    run(&mut place.command(["scenario", "from-chain", "--out", "none.toml"])).expect(2);
}

//! Nothing is sent without leave, nor twice; what was tampered with is refused.

use std::{
    fs,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    place::{Place, root, run, spec},
    stage::{KEY, Live, MANIFEST, bare, signers, traces},
    terminal::named,
};

fn lines(live: &Live) -> usize {
    fs::read(live.journal()).map_or(0, |text| text.iter().filter(|byte| **byte == b'\n').count())
}

#[test]
fn killed_again_and_again_it_ends_in_the_manifest_of_one_that_was_not() {
    let live = Live::new();
    let plan = live.plan();
    let (steps, signers) = (plan["steps"].as_array().unwrap().len(), signers(&plan));
    let send = "--broadcast --dev-impersonate --quiet";
    let before = live.nonces(&signers);
    let sent = || live.nonces(&signers) - before;

    for line in [1, 2, 40, 170, 303, 426, 550, 690] {
        let mut child =
            live.deploy(send).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while lines(&live) < line && child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < Duration::from_secs(120), "line {line} does not come");
            sleep(Duration::from_micros(200));
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was to be killed at line {line}");
    }
    let ended = run(&mut live.deploy(&format!("{send} --json --resume"))).expect(0);
    let said = ended.json();
    assert_eq!(said["transactions"].as_array().unwrap().len(), steps);
    assert_eq!(sent(), steps as u64, "every transaction was sent once");
    let path = MANIFEST;
    let left = live.place.read(path);
    // The chain read again through the node, by what the spec promises, the manifest, and the evidence.
    let place = |command: String| {
        let mut command = live.place.command(command.split_whitespace());
        run(command.args(["--rpc-url", &live.anvil.url()]).env_remove("HALO_RPC_URL")).expect(0)
    };
    let file = spec("tbill.toml").display().to_string();
    place(format!("verify --spec {file}"));
    place(format!("drift {path} --spec {file}"));
    let made = place(format!("evidence {path} --spec {file} --no-sources --out evidence --json"));
    assert!(made.json()["block"].as_u64().unwrap() >= steps as u64);

    let inside = Place::new();
    run(inside.command(["deploy", "--quiet"]).arg(spec("tbill.toml"))).expect(0);
    assert_eq!(bare(&left), bare(&inside.read(path)), "byte for byte");

    // The key is nowhere: neither said, nor in the journal, nor in the manifest.
    let loud = run(&mut live.deploy("--broadcast --dev-impersonate")).expect(0);
    assert!(loud.stdout.contains(&format!("{steps} steps unchanged")), "{}", loud.stdout);
    assert!(!traces(&live.place, &loud).contains(KEY));
    assert_eq!(live.place.read(path), left);
    assert_eq!(sent(), steps as u64);

    // A figure of the journal changed is refused with its place.
    let text = fs::read_to_string(live.journal()).unwrap();
    fs::write(live.journal(), text.replacen("\"nonce\":1", "\"nonce\":2", 1)).unwrap();
    run(&mut live.deploy(send)).expect(2).says(&["journal.jsonl:", "checksum"]);
    fs::write(live.journal(), text).unwrap();

    // A changed step that was executed is refused by its name.
    let other =
        live.place.edited("tbill", "cap = \"1_000_000_000 USDS\"", "cap = \"2_000_000_000 USDS\"");
    let refused = run(&mut live.deploy_spec(&live.place.path().join(other), send)).expect(2);
    refused.says(&["was executed", "is another in the plan now", "--journal"]);
}

#[test]
fn nothing_is_sent_without_leave() {
    let live = Live::new();
    let signers = signers(&live.plan());
    let before = live.nonces(&signers);

    // Without --broadcast it rehearses, and writes nothing.
    let dry = run(&mut live.deploy("")).expect(0);
    assert!(dry.stdout.contains("Nothing was sent or written"), "{}", dry.stdout);
    assert_eq!(fs::read_dir(live.place.path()).unwrap().count(), 0, "it wrote something");

    // Not without the keys of all who sign.
    let run_of = |options: &str| run(&mut live.deploy(options));
    run_of("--broadcast").expect(2).says(&["there is no key for:", "governance 0x", "HALO_KEY"]);
    run_of("--broadcast --resume").expect(2).says(&["there is no journal"]);
    run_of("--rpc-url ftp://127.0.0.1").expect(2).says(&["starts with http://", "--rpc-url takes"]);
    run_of("--broadcast --dev-impersonate --max-fee 35").expect(2).says(&["a price has its unit"]);
    let mut wrong = live.deploy("--broadcast --dev-impersonate");
    let secret = format!("{}zz", &KEY[..62]);
    let said = run(wrong.env("HALO_KEY", &secret)).expect(2).says(&["HALO_KEY does not hold"]);
    assert!(!traces(&live.place, &said).contains(&secret));

    // Not with a keystore whose password is wrong, or that was changed.
    live.place.write("key.json", "{}");
    live.place.write("password", "hunter22hunter22\n");
    let said = run_of("--broadcast --dev-impersonate --keystore key.json --password-file password");
    let said = said.expect(2).says(&["key.json"]);
    assert!(!said.stderr.contains("hunter22"), "{}", said.stderr);

    // Not to another chain: the outside failed, and the way on is said.
    let network = fs::read_to_string(root().join("deployments/networks/embedded.toml")).unwrap();
    live.place.write("other.toml", network.replace("chain_id = 1337", "chain_id = 7"));
    run_of("--broadcast --network other.toml").expect(3).says(&["chain 1337", "chain 7"]);

    // Not on a production chain without its digest.
    live.place.write("real.toml", network.replace("production = false", "production = true"));
    let file = live.place.path().join(named(&live.place));
    let real = |options: &str| {
        let options = format!("--broadcast --dev-impersonate --network real.toml {options}");
        run(&mut live.deploy_spec(&file, &options))
    };
    real("").expect(2).says(&["production network", "give the digest", "nothing was sent"]);
    real("--confirm 0x12345678").expect(2).says(&["names another plan"]);
    real("--confirm 0x").expect(2).says(&["names another plan"]);
    assert_eq!(live.nonces(&signers), before);
}

#[test]
fn a_node_that_is_not_there_ends_it_with_the_command_that_goes_on() {
    let place = Place::new();
    let mut command = place.command(["deploy"]);
    command.arg(spec("tbill.toml")).args([
        "--rpc-url",
        "http://127.0.0.1:9/secret-key",
        "--rpc-timeout",
        "1",
    ]);
    let said = run(command.env_remove("HALO_RPC_URL")).expect(3);
    let said = said.says(&["nothing was sent", "halo deploy", "--rpc-url \"$HALO_RPC_URL\""]);
    assert!(!said.stderr.contains("secret-key"), "{}", said.stderr);
}

//! What is asked at a terminal: the digest of a plan, and the password of a keystore. util-linux `script` gives one.

use std::{
    fs,
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use alloy_primitives::{Address, keccak256};

use crate::{
    place::{Place, root},
    stage::{Live, signers},
};

/// A keystore of the Web3 Secret Storage Definition's own example.
const KEYSTORE: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
"kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256",
"salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const PASSWORD: &str = "testpassword";

/// Runs a command in a terminal of its own and types `answer` once it has asked; its exit code and all that was shown.
fn at_terminal(command: &Command, question: &str, answer: &str) -> (i32, String) {
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap());
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let line: Vec<_> = words.into_iter().map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
    script.current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut piece, mut asked) = (String::new(), [0; 4_096], false);
    while let Ok(many @ 1..) = screen.read(&mut piece) {
        shown.push_str(&String::from_utf8_lossy(&piece[..many]));
        // Typing goes on while nobody reads; an echo that is turned off must be off by then.
        if !asked && shown.contains(question) {
            asked = true;
            std::thread::sleep(std::time::Duration::from_millis(200));
            writeln!(keyboard, "{answer}").unwrap();
        }
    }
    assert!(asked, "it did not ask {question:?}: {shown}");
    (child.wait().unwrap().code().unwrap(), shown)
}

/// The example without placeholders, on a network that is marked as production.
fn production(live: &Live) -> (Vec<Address>, Command) {
    let network = fs::read_to_string(root().join("deployments/networks/embedded.toml")).unwrap();
    live.place.write("real.toml", network.replace("production = false", "production = true"));
    let file = named(&live.place);
    let options = "--broadcast --quiet --dev-impersonate --confirmations 1 --network real.toml";
    let command = live.deploy_spec(&live.place.path().join(file), options);
    (signers(&live.plan()).into_iter().collect(), command)
}

/// The example with an address of somebody for each placeholder, which a production network does not take.
pub(crate) fn named(place: &Place) -> &'static str {
    let file = place.edited("tbill", "format", "format");
    let mut text = place.read(file);
    let words: Vec<String> = text.split('"').map(str::to_owned).collect();
    for word in words {
        if word.len() == 42 && word.parse::<Address>().is_ok() && word.contains(&"0".repeat(20)) {
            let somebody = Address::from_slice(&keccak256(&word)[12..]);
            text = text.replace(&word, &somebody.to_string());
        }
    }
    place.write(file, text);
    file
}

#[test]
fn on_a_production_chain_the_digest_is_typed() {
    let live = Live::new();
    let (senders, command) = production(&live);
    let before = live.nonces(&senders);
    let question = "Type the plan's digest, or its first 8 digits, to send:";
    let (code, shown) = at_terminal(&command, question, "0x1234567");
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("that is another digest"), "{shown}");
    assert_eq!(live.nonces(&senders), before, "nothing was sent");

    let mut plan = live.place.command(["plan", "edited.toml", "--network", "real.toml", "--json"]);
    let plan = crate::place::run(&mut plan).expect(0).json();
    let digest = plan["digest"].as_str().unwrap();
    let (code, shown) = at_terminal(&command, question, &digest[2..10]);
    assert_eq!(code, 0, "{shown}");
    let steps = plan["steps"].as_array().unwrap().len();
    assert!(shown.contains(&format!("{steps} transactions")), "{shown}");
    assert!(live.nonces(&senders) > before);
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    let live = Live::new();
    live.place.write("key.json", KEYSTORE);
    let mut command = live.deploy("--dev-impersonate --keystore key.json");
    for (name, _) in &live.keys {
        command.env_remove(name);
    }
    let question = "Password of key.json: ";
    let (code, shown) = at_terminal(&command, question, PASSWORD);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Nothing was sent or written"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    let (code, shown) = at_terminal(&command, question, "another password");
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("password is wrong") && !shown.contains("another password"), "{shown}");
}

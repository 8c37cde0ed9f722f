//! Source verification against a stand-in of an explorer's HTTP interface: it answers as Etherscan and Blockscout do,
//! and compares what it is sent with what is locked. No explorer can be reached from here.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use halo_deploy::Manifest;
use halo_evidence::{
    Error,
    sources::{Explorer, Patience, State},
};
use halo_templates::{Template, Tree};

use support::{Example, tree};

const KEY: &str = "K3Y0FNOBODY";

/// What the stand-in has heard and has verified.
#[derive(Default)]
struct Heard {
    urls: Vec<String>,
    /// Addresses by ticket.
    tickets: BTreeMap<String, String>,
    verified: Vec<String>,
    questions: usize,
    /// Forms of the submissions.
    forms: Vec<BTreeMap<String, String>>,
}

struct StandIn {
    url: String,
    heard: Arc<Mutex<Heard>>,
}

/// Starts an explorer that wants this key, if any.
fn explorer(key: Option<&'static str>) -> StandIn {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v2/api", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Heard::default()));
    let own = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let heard = Arc::clone(&own);
            std::thread::spawn(move || while serve(&stream, &heard, key).is_some() {});
        }
    });
    StandIn { url, heard }
}

/// One request on a connection; nothing when it is closed.
fn serve(stream: &TcpStream, heard: &Mutex<Heard>, key: Option<&str>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let target = line.split_whitespace().nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let form: BTreeMap<String, String> = String::from_utf8(body)
        .ok()?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    let (status, result) = answer(&mut heard.lock().unwrap(), &target, form, key);
    let text = format!(r#"{{"status":"{status}","message":"OK","result":"{result}"}}"#);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    )
    .ok()
}

fn answer(
    heard: &mut Heard,
    target: &str,
    form: BTreeMap<String, String>,
    key: Option<&str>,
) -> (u8, String) {
    heard.urls.push(target.to_owned());
    heard.questions += 1;
    if form.get("apikey").map(String::as_str) != key {
        return (0, "Missing/Invalid API Key".to_owned());
    }
    // Every seventh question comes at a bad time.
    if heard.questions.is_multiple_of(7) {
        return (0, "Max rate limit reached".to_owned());
    }
    match form["action"].as_str() {
        "verifysourcecode" => {
            let address = form["contractaddress"].clone();
            if heard.verified.contains(&address) {
                return (0, "Contract source code already verified".to_owned());
            }
            let ticket = format!("ticket{}", heard.tickets.len());
            heard.tickets.insert(ticket.clone(), address);
            heard.forms.push(form);
            (1, ticket)
        }
        "checkverifystatus" if heard.questions.is_multiple_of(3) => {
            (0, "Pending in queue".to_owned())
        }
        "checkverifystatus" => {
            let address = heard.tickets[&form["guid"]].clone();
            heard.verified.push(address);
            (1, "Pass - Verified".to_owned())
        }
        other => (0, format!("no action {other}")),
    }
}

fn decoded(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                out.push(u8::from_str_radix(digits, 16).unwrap());
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap()
}

fn manifest() -> Manifest {
    Example::new().manifest
}

fn patience() -> Patience {
    Patience { pause: Duration::from_millis(1), tries: 20 }
}

fn publish(
    stand_in: &StandIn,
    chain: Option<u64>,
    key: Option<&str>,
) -> Result<Vec<halo_evidence::sources::Published>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let explorer = Explorer::new(&stand_in.url, chain, key.map(str::to_owned), patience()).unwrap();
    runtime.block_on(explorer.publish(&manifest(), &tree(), |_| {}))
}

#[test]
fn sources_are_published_once_with_the_locked_input_and_arguments() {
    let stand_in = explorer(Some(KEY));
    let all = publish(&stand_in, Some(1), Some(KEY)).unwrap();
    assert!(all.len() > 30);
    assert!(all.iter().all(|one| one.state == State::Verified), "{all:?}");
    {
        let heard = stand_in.heard.lock().unwrap();
        assert!(heard.urls.iter().all(|url| url.ends_with("?chainid=1")), "{:?}", heard.urls[0]);
        assert!(heard.urls.iter().all(|url| !url.contains(KEY)), "the key is in no URL");
        let manifest = manifest();
        for form in &heard.forms {
            let at: alloy_primitives::Address = form["contractaddress"].parse().unwrap();
            let one = manifest.contracts.iter().find(|one| one.address == at).unwrap();
            let template = Template::get(&one.template).unwrap();
            let hash = alloy_primitives::keccak256(&form["sourceCode"]);
            assert_eq!(hash, template.locked().input, "{}", one.name);
            let arguments = form.get("constructorArguements").cloned().unwrap_or_default();
            assert_eq!(arguments, one.arguments.to_string().trim_start_matches("0x"));
            assert_eq!(form["compilerversion"], "v0.8.34+commit.80d5c536");
            assert_eq!(form["contractname"], format!("{}:{}", template.source(), template.name()));
        }
    }
    let again = publish(&stand_in, Some(1), Some(KEY)).unwrap();
    assert!(again.iter().all(|one| one.state == State::Already), "{again:?}");
}

#[test]
fn blockscout_needs_neither_chain_nor_key() {
    let stand_in = explorer(None);
    let all = publish(&stand_in, None, None).unwrap();
    assert!(all.iter().all(|one| one.state == State::Verified));
    assert!(stand_in.heard.lock().unwrap().urls.iter().all(|url| url == "/v2/api"));
}

#[test]
fn a_wrong_key_and_a_silent_explorer_are_told_without_the_key() {
    let stand_in = explorer(Some(KEY));
    let error = publish(&stand_in, Some(1), Some("WR0NG")).unwrap_err();
    assert!(
        error.to_string().contains("API key") && !error.to_string().contains("WR0NG"),
        "{error}"
    );

    let nobody = StandIn { url: "http://127.0.0.1:9/api".to_owned(), heard: Arc::default() };
    let error = publish(&nobody, Some(1), Some(KEY)).unwrap_err();
    assert!(matches!(error, Error::Explorer { .. }), "{error:?}");
    assert!(
        !error.to_string().contains(KEY) && !error.to_string().contains("127.0.0.1"),
        "{error}"
    );
}

#[test]
fn another_source_than_the_locked_one_is_not_sent() {
    let stand_in = explorer(None);
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("artifacts/inputs");
    std::fs::create_dir_all(&inputs).unwrap();
    for file in ["foundry.toml", "artifacts/templates.lock"] {
        std::fs::copy(tree().root().join(file), folder.path().join(file)).unwrap();
    }
    for entry in std::fs::read_dir(tree().root().join("artifacts/inputs")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap() + " ";
        std::fs::write(inputs.join(path.file_name().unwrap()), text).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let explorer = Explorer::new(&stand_in.url, None, None, patience()).unwrap();
    let tree = Tree::at(folder.path()).unwrap();
    let error = runtime.block_on(explorer.publish(&manifest(), &tree, |_| {})).unwrap_err();
    assert!(error.to_string().contains("not the input that the lock names"), "{error}");
    assert_eq!(stand_in.heard.lock().unwrap().questions, 0);
}

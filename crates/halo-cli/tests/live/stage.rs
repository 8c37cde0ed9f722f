//! Anvil with the embedded chain's genesis, and a folder to call the program in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use alloy::providers::Provider;
use alloy_primitives::{Address, U256, hex, keccak256};
use halo_chain::{Alloc, Anvil, Chain, Embedded, Genesis, GenesisTerms, TimeTravel, node::Keys};
use halo_spec::{ClassSpec, Network, Scenario};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::place::{Place, Run, root, run, spec};

/// The key of the first account of every development node: the embedded network's deployer.
pub(crate) const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// Where the only Unit's manifest is written.
pub(crate) const MANIFEST: &str = "deployments/embedded/tbill/bills.json";

pub(crate) struct Live {
    pub(crate) place: Place,
    pub(crate) anvil: Anvil,
    /// The Class spec and the network file.
    pub(crate) spec: PathBuf,
    pub(crate) network: PathBuf,
    /// Names and values of `HALO_KEY_…`.
    pub(crate) keys: Vec<(String, String)>,
    runtime: Runtime,
}

impl Live {
    /// The example as it is: there is a key for the deployer alone.
    pub(crate) fn new() -> Self {
        Self::at_block_0().begun()
    }

    /// The same, before the node has made a block.
    pub(crate) fn at_block_0() -> Self {
        let network = root().join("deployments/networks/embedded.toml");
        let keys = vec![("HALO_KEY".to_owned(), KEY.to_owned())];
        Self::of(Place::new(), spec("tbill.toml"), network, keys, |_, _, _| {})
    }

    /// The example with a key for everybody who signs.
    pub(crate) fn with_keys() -> Self {
        Self::edited(|_| true, "", |_, _, _| {})
    }

    /// The example with a key for each signer of these names, other text after the network file's own, and a state that
    /// is made ready for that.
    pub(crate) fn edited(
        has_key: impl Fn(&str) -> bool,
        signers: &str,
        ready: impl FnOnce(&Network, &ClassSpec, &mut Embedded),
    ) -> Self {
        let place = Place::new();
        let embedded = Network::embedded().unwrap();
        let class = ClassSpec::load(&spec("tbill.toml"), &embedded).unwrap().value;
        let mut all = vec![
            ("DEPLOYER".to_owned(), embedded.deployer.unwrap()),
            ("GOVERNANCE".to_owned(), embedded.governance.pause_proxy),
            ("HALO".to_owned(), class.admins[0]),
            ("SETTLER".to_owned(), class.settler),
            ("RELAYER".to_owned(), class.relayer),
        ];
        let primes = embedded.primes.iter();
        all.extend(primes.map(|prime| (prime.slug.to_uppercase(), prime.sub_proxy)));
        let network = fs::read_to_string(root().join("deployments/networks/embedded.toml"));
        let mut texts = [network.unwrap(), place.read(place.edited("tbill", "format", "format"))];
        let mut keys = Vec::new();
        for (who, signer) in all.into_iter().filter(|(who, _)| has_key(who)) {
            let secret = hex::encode(keccak256(format!("nobody's money: {who}")));
            let address = Keys::default().add_secret(&secret, &who).unwrap().to_string();
            texts = texts.map(|text| text.replace(&signer.to_string(), &address));
            keys.push((format!("HALO_KEY_{who}"), secret));
        }
        let [network, class] = texts;
        place.write("network.toml", network + signers);
        place.write("edited.toml", class);
        let [class, network] = ["edited.toml", "network.toml"].map(|name| place.path().join(name));
        Self::of(place, class, network, keys, ready).begun()
    }

    /// Anvil's genesis block does not have the root of its own state; its first block has.
    fn begun(self) -> Self {
        self.raw("evm_mine", json!([]));
        self
    }

    fn of(
        place: Place,
        spec: PathBuf,
        network: PathBuf,
        keys: Vec<(String, String)>,
        ready: impl FnOnce(&Network, &ClassSpec, &mut Embedded),
    ) -> Self {
        let named = Network::load(&network).unwrap().value;
        let class = ClassSpec::load(&spec, &named).unwrap().value;
        let scenario = Scenario::day1(&named, &class.asset).unwrap().value;
        let terms = GenesisTerms::of_scenario(&named, &scenario);
        let mut chain = Genesis::build(&terms).unwrap().chain;
        ready(&named, &class, &mut chain);
        let mut alloc = Alloc::of(&chain).unwrap();
        for (name, secret) in &keys {
            let payer = Keys::default().add_secret(secret, name).unwrap();
            alloc.0.entry(payer).or_default().balance = U256::from(10).pow(U256::from(20));
        }
        let runtime = Runtime::new().unwrap();
        let anvil = runtime.block_on(Anvil::start(&alloc, named.chain_id, scenario.start));
        let anvil = anvil.unwrap_or_else(|error| panic!("{error}"));
        Self { place, anvil, spec, network, keys, runtime }
    }

    /// Another command of the program, on the spec and its network where `words` name `SPEC` and `NETWORK`.
    pub(crate) fn halo(&self, words: &str) -> Run {
        let named = |word: &str| match word {
            "SPEC" => self.spec.display().to_string(),
            "NETWORK" => self.network.display().to_string(),
            "URL" => self.anvil.url(),
            word => word.to_owned(),
        };
        let words = words.split_whitespace().map(named);
        run(self.place.command(words).env_remove("HALO_RPC_URL"))
    }

    /// A transaction that the node sends as anyone.
    pub(crate) fn send_as(&self, from: Address, to: Address, data: &[u8]) {
        let data = hex::encode_prefixed(data);
        let tx =
            json!([{"from": from, "to": to, "data": data, "gas": "0x1c9c380", "gasPrice": "0x0"}]);
        let hash = self.raw("eth_sendTransaction", tx);
        // A block is made as soon as it came, which is not before the answer.
        let receipt = (0..250).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let found = self.raw("eth_getTransactionReceipt", json!([hash]));
            (!found.is_null()).then_some(found)
        });
        let receipt = receipt.expect("it is in no block");
        assert_eq!(receipt["status"], "0x1", "{receipt}");
    }

    /// Moves the chain's clock.
    pub(crate) fn travel_to(&self, second: u64) {
        let mut node = self.anvil.node().clone();
        self.runtime.block_on(node.travel_to(second)).unwrap();
    }

    pub(crate) fn raw(&self, method: &'static str, params: Value) -> Value {
        let provider = self.anvil.node().provider();
        let asked = self.runtime.block_on(provider.raw_request(method.into(), params));
        asked.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// `halo deploy` through the node, with the keys.
    pub(crate) fn deploy(&self, options: &str) -> Command {
        self.deploy_spec(&self.spec, options)
    }

    pub(crate) fn deploy_spec(&self, file: &Path, options: &str) -> Command {
        let mut command = self.place.command(["deploy"]);
        command.arg(file).args(options.split_whitespace());
        if !options.contains("--rpc-url") {
            command.args(["--rpc-url", &self.anvil.url()]);
        }
        if !options.contains("--network") {
            command.arg("--network").arg(&self.network);
        }
        command.envs(self.keys.iter().cloned()).env_remove("HALO_RPC_URL");
        command.env_remove("HALO_KEYSTORE_PASSWORD");
        command
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.place.path().join("deployments/embedded/tbill/journal.jsonl")
    }

    /// Transactions that these accounts have in blocks.
    pub(crate) fn nonces<'a>(&self, of: impl IntoIterator<Item = &'a Address>) -> u64 {
        let node = self.anvil.node();
        let count = |at: &Address| self.runtime.block_on(node.nonce(*at)).unwrap();
        of.into_iter().map(count).sum()
    }

    /// The plan, as `halo plan` writes it.
    pub(crate) fn plan(&self) -> Value {
        let mut command = self.place.command(["plan", "--json"]);
        run(command.arg(&self.spec).arg("--network").arg(&self.network)).expect(0).json()
    }
}

/// Who signs the steps of a plan.
pub(crate) fn signers(plan: &Value) -> std::collections::BTreeSet<Address> {
    let steps = plan["steps"].as_array().unwrap().iter();
    steps.map(|step| step["signer"]["address"].as_str().unwrap().parse().unwrap()).collect()
}

/// A manifest without what differs from run to run.
pub(crate) fn bare(text: &str) -> String {
    let mut manifest: Value = serde_json::from_str(text).unwrap();
    for one in manifest["transactions"].as_array_mut().unwrap() {
        for key in ["hash", "block", "timestamp", "gas"] {
            one[key] = Value::Null;
        }
    }
    manifest.to_string()
}

/// Everything that a run left: what it said, and every file under the folder.
pub(crate) fn traces(place: &Place, run: &Run) -> String {
    let mut all = format!("{}{}", run.stdout, run.stderr);
    let mut folders = vec![place.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => all.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap())),
            }
        }
    }
    all.to_lowercase()
}

//! Primes whose Controller knows no Units: a second one on the custody that each has, let in by a spell in a rehearsal.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, sol};
use halo_chain::{Chain, Embedded, Tx, now};
use halo_governance::{Scene, SecondController, SpellKind, Terms, generate};
use halo_spec::Network;
use halo_templates::{Tree, bindings::ALMProxy, compile::Solc, template};
use miette::miette;
use serde::Serialize;

use crate::{
    args::TemplateSourceArgs,
    exit::Failure,
    load::Inputs,
    output::{Printer, prose},
    road,
};

sol! {
    function exec(address target, bytes data) external returns (bytes memory result);
    function execute() external;
}

/// A Prime's second Controller, and the spell that lets it in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Second {
    prime: String,
    controller: Address,
    access_controls: Address,
    /// Where the spell stands in the rehearsal, and the hash of its code.
    spell: Address,
    code_hash: B256,
    #[serde(skip)]
    contracts: SecondController,
    #[serde(skip)]
    creation: Vec<u8>,
    #[serde(skip)]
    sub_proxy: Address,
    #[serde(skip)]
    alm_proxy: Address,
}

/// For each Prime named by its slug, the second Controller with its spell, written and compiled.
pub(crate) fn of(
    slugs: &[String],
    inputs: &Inputs,
    source: &TemplateSourceArgs,
    printer: Printer,
) -> Result<Vec<Second>, Failure> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let tree = Tree::find(source.root.as_deref())?;
    let solc = Solc::find(&tree, source.solc.as_deref())?;
    printer.progress(format!("writing spells with {}", solc.path().display()));
    slugs.iter().map(|slug| one(slug, inputs, &tree, &solc)).collect()
}

/// The inputs of a plan: the network knows each of these Primes by its second Controller. The scenario goes on to know
/// it by its first, which draws and swaps.
pub(crate) fn known(seconds: &[Second], inputs: &Inputs) -> Inputs {
    let mut inputs = inputs.clone();
    for prime in &mut inputs.network.primes {
        if let Some(second) = seconds.iter().find(|second| second.prime == prime.slug) {
            prime.controller = Some(second.controller);
            prime.access_controls = Some(second.access_controls);
        }
    }
    inputs
}

/// A fresh made-up mainnet. There SubProxies are accounts: each of these Primes gets the contract that runs spells at
/// Sky's word.
pub(crate) fn genesis(seconds: &[Second], inputs: &Inputs) -> Result<Embedded, Failure> {
    let mut chain = road::genesis(inputs)?;
    for second in seconds {
        chain.set_code(second.sub_proxy, template::HaloSubProxy.runtime_code().clone())?;
        // Its wards are its mapping number 0.
        let ward = [inputs.network.governance.pause_proxy.into_word().0, B256::ZERO.0].concat();
        chain.set_storage(second.sub_proxy, keccak256(ward).into(), U256::ONE)?;
    }
    Ok(chain)
}

fn one(slug: &str, inputs: &Inputs, tree: &Tree, solc: &Solc) -> Result<Second, Failure> {
    let Inputs { network, class, scenario } = inputs;
    let prime = network.prime(slug).ok_or_else(|| {
        Failure::input(miette!(
            help = "name one of the network's Primes by its slug",
            "the network {} has no Prime `{slug}`",
            network.name
        ))
    })?;
    let kind = SpellKind::SecondController;
    let terms = Terms { prime: Some(slug.to_owned()), ..Terms::default() };
    let scene = Scene::rehearse(kind, &terms, class, network, scenario)?;
    let folder = std::env::current_dir().unwrap_or_default();
    let spell = generate(kind, &terms, &scene, tree, solc, &folder)?;
    let contracts = SecondController::of(prime, network)?;
    Ok(Second {
        prime: slug.to_owned(),
        controller: contracts.controller,
        access_controls: contracts.access_controls,
        spell: network.create2.create2_from_code(B256::ZERO, &spell.creation_code),
        code_hash: spell.code_hash,
        contracts,
        creation: [&B256::ZERO[..], &spell.creation_code].concat(),
        sub_proxy: prime.sub_proxy,
        alm_proxy: prime.alm_proxy,
    })
}

impl Second {
    /// Creates both contracts and the spell, as anybody may, and has Sky run the spell through the Prime's SubProxy.
    pub(crate) fn let_in(&self, network: &Network, chain: &mut Embedded) -> Result<(), Failure> {
        if chain.code_at(self.sub_proxy)?.is_empty() {
            return Err(Failure::refused(miette!(
                help = "a spell is run by a contract: stand on a state where the SubProxy is one",
                "the SubProxy of {} at {} has no code",
                self.prime,
                self.sub_proxy
            )));
        }
        now(self.contracts.deploy(chain, Address::ZERO))?;
        if chain.code_at(self.spell)?.is_empty() {
            let create = Tx::call(Address::ZERO, network.create2, self.creation.clone().into());
            now(chain.send(&create))?;
        }
        let found = now(chain.code_hash(self.spell))?;
        let data = executeCall {}.abi_encode().into();
        let exec = execCall { target: self.spell, data };
        now(chain.write(network.governance.pause_proxy, self.sub_proxy, &exec))?;
        let may = ALMProxy::hasRoleCall { role: keccak256("CONTROLLER"), account: self.controller };
        if found != self.code_hash || !now(chain.read(self.alm_proxy, &may))? {
            return Err(Failure::refused(miette!(
                help = "compare the spell with what `halo generate spell second-controller` writes",
                "the spell of {} at {} ran, and its second Controller {} may not move its custody",
                self.prime,
                self.spell,
                self.controller
            )));
        }
        Ok(())
    }

    /// What was done, in words.
    pub(crate) fn print(&self, printer: Printer) -> Result<(), Failure> {
        let Self { prime, controller, spell, code_hash, .. } = self;
        printer.result(prose(&format!(
            "{prime} enters Units by a second Controller {controller}: the spell {spell} lets it in, with the code hash \
             {code_hash}, run by the SubProxy at the word of Sky's pause proxy"
        )))
    }
}

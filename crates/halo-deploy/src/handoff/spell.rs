//! A spell's road: deployed by a key, plotted by those who govern, run by anyone once its time has come.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, sol};
use halo_chain::{Chain, Tx};
use halo_templates::bindings::HaloSpellGuard;

use super::{Batch, File, Handoff, Next, Said};
use crate::{
    error::Result,
    means::{Road, SpellMake},
};

sol! {
    /// What a spell's launcher, which gets Sky's votes, answers.
    interface LauncherLike {
        function eta() external view returns (uint256);
        function expiration() external view returns (uint256);
        function done() external view returns (bool);
        function schedule() external;
        function cast() external;
    }
    /// Sky's pause.
    interface PauseLike {
        function delay() external view returns (uint256);
        function proxy() external view returns (address);
    }
    /// The account that it runs spells as.
    interface ProxyLike {
        function exec(address usr, bytes fax) external returns (bytes out);
    }
    /// A Prime's StarGuard.
    interface StarGuardLike {
        function subProxy() external view returns (address);
        function spellData() external view returns (address addr, bytes32 tag, uint256 deadline);
        function plot(address addr, bytes32 tag) external;
        function exec() external returns (address addr);
    }
    function execute() external;
}

/// A spell that was written for steps of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The ids of the steps that it takes the place of, in their order.
    pub steps: Vec<String>,
    /// The contract's name.
    pub name: String,
    /// Its Solidity text, and that of its launcher.
    pub source: String,
    /// Its creation code.
    pub creation_code: Bytes,
    /// keccak-256 of its runtime code: the tag under which it is plotted.
    pub code_hash: B256,
    /// keccak-256 of its calls.
    pub actions_hash: B256,
    /// The deterministic deployment proxy that creates it.
    pub create2: Address,
    /// What gets the votes, for Sky's pause.
    pub launcher: Option<Launcher>,
}

/// The contract that Sky votes for: it schedules a spell in the pause and has it run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// Its creation code.
    pub creation_code: Bytes,
    /// keccak-256 of its runtime code.
    pub code_hash: B256,
}

impl Spell {
    /// Where it is deployed.
    #[must_use]
    pub fn address(&self) -> Address {
        self.create2.create2_from_code(B256::ZERO, &self.creation_code)
    }

    /// Where its launcher is deployed.
    #[must_use]
    pub fn launcher_address(&self) -> Option<Address> {
        let launcher = self.launcher.as_ref()?;
        Some(self.create2.create2_from_code(B256::ZERO, &launcher.creation_code))
    }

    fn deploy(&self, from: Address, code: &Bytes) -> Tx {
        let data = [B256::ZERO.as_slice(), code].concat();
        Tx::call(from, self.create2, data.into())
    }
}

/// The spells of a plan's steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spells(pub Vec<Spell>);

impl Spells {
    /// The spell whose launcher stands at `at`.
    pub(crate) fn launched_by(&self, at: Address) -> Option<&Spell> {
        self.0.iter().find(|spell| spell.launcher_address() == Some(at))
    }

    /// The spell that a batch's first step is in.
    ///
    /// # Errors
    /// [`Error::Handoff`](crate::Error::Handoff) when none was written.
    pub fn of(&self, batch: &Batch<'_>) -> Result<&Spell> {
        let first = batch.steps.first().map(|step| step.id.as_str()).unwrap_or_default();
        let found = self.0.iter().find(|spell| spell.steps.first().is_some_and(|id| id == first));
        found.ok_or_else(|| batch.fault("no spell was written that begins with it".to_owned()))
    }
}

pub(super) async fn next<C: Chain>(
    batch: &Batch<'_>,
    road: &Road,
    spells: &Spells,
    chain: &C,
    handoff: &mut Handoff,
) -> Result<()> {
    let Road::Spell { pause, through, plotter, sender } = road else { return Ok(()) };
    let spell = spells.of(batch)?;
    if chain.code(*pause).await?.is_empty() {
        return Err(batch.fault(format!("there is no contract at {pause}, where it is plotted")));
    }
    let at = spell.address();
    handoff.says = vec![
        Said::new("spell", at),
        Said::new("code hash", spell.code_hash),
        Said::new("actions hash", spell.actions_hash),
    ];
    handoff.files = vec![File { name: format!("{}.sol", spell.name), text: spell.source.clone() }];
    if !stands(batch, at, spell.code_hash, chain).await? {
        let tx = spell.deploy(*sender, &spell.creation_code);
        handoff.next = Next::Send { purpose: "deploy the spell", tx };
        return Ok(());
    }
    if let (Some(launcher), Some(at)) = (&spell.launcher, spell.launcher_address()) {
        handoff.says.push(Said::new("launcher, which gets the votes", at));
        if !stands(batch, at, launcher.code_hash, chain).await? {
            let tx = spell.deploy(*sender, &launcher.creation_code);
            handoff.next = Next::Send { purpose: "deploy the launcher", tx };
            return Ok(());
        }
        handoff.next = launched(batch, at, *sender, chain).await?;
        return Ok(());
    }
    handoff.next = match through {
        SpellMake::HaloSpellGuard => {
            guarded(batch, spell, *pause, *plotter, *sender, chain).await?
        }
        SpellMake::StarGuard => starred(spell, *pause, *plotter, *sender, chain).await?,
        SpellMake::DsPause => return Err(batch.fault("its spell has no launcher".to_owned())),
    };
    Ok(())
}

/// Whether the code of this hash is deployed; other code in its place is a fault.
async fn stands<C: Chain>(
    batch: &Batch<'_>,
    at: Address,
    code_hash: B256,
    chain: &C,
) -> Result<bool> {
    let found = chain.code_hash(at).await?;
    if !found.is_zero() && found != code_hash {
        return Err(batch.fault(format!("at {at} stands code of the hash {found}")));
    }
    Ok(!found.is_zero())
}

/// By Sky's pause: the launcher knows when.
async fn launched<C: Chain>(
    batch: &Batch<'_>,
    launcher: Address,
    sender: Address,
    chain: &C,
) -> Result<Next> {
    if chain.read(launcher, &LauncherLike::doneCall {}).await? {
        return Err(batch.fault("it was run, but what it should leave does not hold".to_owned()));
    }
    let eta: u64 = chain.read(launcher, &LauncherLike::etaCall {}).await?.saturating_to();
    if eta > 0 {
        return Ok(match chain.block().await?.timestamp < eta {
            true => Next::Wait { until: eta, why: format!("{launcher} waits in Sky's pause") },
            false => Next::Send {
                purpose: "cast",
                tx: Tx::typed(sender, launcher, &LauncherLike::castCall {}),
            },
        });
    }
    let until = chain.read(launcher, &LauncherLike::expirationCall {}).await?;
    if U256::from(chain.block().await?.timestamp) > until {
        return Err(batch.fault(format!(
            "its launcher {launcher} could be scheduled until UTC second {until}, and was not: a step of it must change, \
             so that another is written"
        )));
    }
    // It goes through from the moment that the launcher has the hat.
    let tx = Tx::typed(sender, launcher, &LauncherLike::scheduleCall {});
    match chain.call(&tx).await {
        Ok(_) => Ok(Next::Send { purpose: "schedule", tx }),
        Err(error) if error.exit_class() == halo_chain::ErrorClass::Outside => Err(error.into()),
        Err(_) => Ok(Next::Others(format!("Sky's voters give {launcher} the hat"))),
    }
}

/// By a HaloSpellGuard.
async fn guarded<C: Chain>(
    batch: &Batch<'_>,
    spell: &Spell,
    guard: Address,
    plotter: Option<Address>,
    sender: Address,
    chain: &C,
) -> Result<Next> {
    let at = spell.address();
    let plotted = chain.read(guard, &HaloSpellGuard::plottedCall {}).await?;
    if plotted.spell != at || plotted.tag != spell.code_hash {
        let call = HaloSpellGuard::plotCall { spell: at, tag: spell.code_hash };
        if let Some(from) = plotter {
            return Ok(Next::Send { purpose: "plot", tx: Tx::typed(from, guard, &call) });
        }
        let words = match plotted.spell.is_zero() {
            true => "its parent plots",
            false => "another spell waits; when it is gone, its parent plots",
        };
        return Ok(Next::Others(format!(
            "at the spell guard {guard} {words} {at} under the tag {}",
            spell.code_hash
        )));
    }
    let now = chain.block().await?.timestamp;
    if now < plotted.eta {
        let why = format!("{at} waits in the spell guard {guard}");
        return Ok(Next::Wait { until: plotted.eta, why });
    }
    if now > plotted.deadline {
        return Err(batch.fault(format!(
            "it was plotted at {guard}, and its time ran out: it must be plotted anew"
        )));
    }
    if !chain.read(guard, &HaloSpellGuard::isReadyCall {}).await? {
        return Ok(Next::Others(format!(
            "the spell guard {guard} does not let {at} run yet: the hat's approval is missing, or it is frozen"
        )));
    }
    Ok(Next::Send { purpose: "exec", tx: Tx::typed(sender, guard, &HaloSpellGuard::execCall {}) })
}

/// By a Prime's StarGuard.
async fn starred<C: Chain>(
    spell: &Spell,
    guard: Address,
    plotter: Option<Address>,
    sender: Address,
    chain: &C,
) -> Result<Next> {
    let at = spell.address();
    let plotted = chain.read(guard, &StarGuardLike::spellDataCall {}).await?;
    let now = U256::from(chain.block().await?.timestamp);
    if plotted.addr == at && plotted.tag == spell.code_hash && now <= plotted.deadline {
        let tx = Tx::typed(sender, guard, &StarGuardLike::execCall {});
        return Ok(Next::Send { purpose: "exec", tx });
    }
    let call = StarGuardLike::plotCall { addr: at, tag: spell.code_hash };
    Ok(match plotter {
        Some(from) => Next::Send { purpose: "plot", tx: Tx::typed(from, guard, &call) },
        None => Next::Others(format!(
            "Sky plots {at} under the tag {} at the StarGuard {guard}",
            spell.code_hash
        )),
    })
}

/// What a rehearsal does in place of those who govern: how long they would have the spell wait, and then the call by
/// which the pause or guard itself runs it.
pub(crate) async fn impersonation<C: Chain>(
    batch: &Batch<'_>,
    road: &Road,
    spells: &Spells,
    chain: &C,
) -> Result<(u64, Tx)> {
    let Road::Spell { pause, through, .. } = road else {
        return Err(batch.fault("it runs no spells".to_owned()));
    };
    let (delay, proxy) = match through {
        SpellMake::DsPause => (
            chain.read(*pause, &PauseLike::delayCall {}).await?.saturating_to(),
            chain.read(*pause, &PauseLike::proxyCall {}).await?,
        ),
        SpellMake::HaloSpellGuard => (
            chain.read(*pause, &HaloSpellGuard::delayCall {}).await?.into(),
            chain.read(*pause, &HaloSpellGuard::subProxyCall {}).await?,
        ),
        SpellMake::StarGuard => (0, chain.read(*pause, &StarGuardLike::subProxyCall {}).await?),
    };
    if proxy != batch.signer.address {
        return Err(batch.fault(format!("what is plotted at {pause} runs as {proxy}")));
    }
    let fax = executeCall {}.abi_encode().into();
    let call = ProxyLike::execCall { usr: spells.of(batch)?.address(), fax };
    Ok((delay, Tx::typed(*pause, proxy, &call)))
}

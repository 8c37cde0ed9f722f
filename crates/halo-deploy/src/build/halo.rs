//! The governance of a Halo that has none yet, as the HaloFactory makes it.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;
use halo_spec::{HaloGovernance, SpellMake, SpellRoad};
use halo_templates::bindings::{
    HaloFactory::{self, HaloParams, TokenTerms},
    HaloSpellGuard, HaloSubProxy, HaloToken, TokenHat,
};

use super::{Context, core::Core, draft::Draft, governance::Subject, predict};
use crate::{
    error::{Error, Result},
    fact::Fact,
};

/// What a spec's `[halo.governance]` comes to: parameters, and where everything will be.
pub(crate) struct Planned {
    params: HaloParams,
    made: predict::Halo,
}

impl Planned {
    /// `None` when the spec asks for no governance.
    ///
    /// # Errors
    /// When the spec does not name the SubProxy that will be made as its first admin; the error says which address it is.
    pub(crate) fn of(context: &Context<'_>, core: &Core) -> Result<Option<Self>> {
        let Some(governance) = &context.spec.halo.governance else { return Ok(None) };
        let params = params(context, governance);
        let site = predict::Site {
            core,
            factory: core.halo_factory.address,
            chain_id: context.network.chain_id,
            subject: context.spec.halo.id,
            salt: governance.salt,
        };
        let made = site.halo(governance.token.is_some())?;
        let hand = made.sub_proxy.at.address;
        if context.spec.admins.first() == Some(&hand) {
            return Ok(Some(Self { params, made }));
        }
        Err(Error::Unplannable {
            what: format!(
                "[halo.governance] will make the Halo's SubProxy at {hand}, which is not the first of `roles.admins`"
            ),
            remedy: format!("write admins = [\"{hand}\"], and whoever else is an admin behind it"),
        })
    }

    /// What the Halo artifact approves.
    pub(crate) fn params_hash(&self) -> B256 {
        keccak256(self.params.abi_encode())
    }

    /// The guard that spells of the Halo wait in.
    pub(crate) fn guard(&self) -> Address {
        self.made.guard.at.address
    }

    /// Adds the step that makes everything.
    pub(crate) fn plan(&self, context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
        draft.deploy(
            "halo/deploy",
            format!("Make the governance of the Halo {}", context.spec.halo.name),
            // Anybody may: the artifact says all.
            &context.deployer,
            &core.halo_factory,
            &HaloFactory::deployHaloCall { p: self.params.clone() },
            self.made.contracts(),
            self.facts(context, core)?,
        )
    }

    fn facts(&self, context: &Context<'_>, core: &Core) -> Result<Vec<Fact>> {
        let predict::Halo { sub_proxy, guard, token } = &self.made;
        let (hand, guard) = (&sub_proxy.at, &guard.at);
        let HaloParams { parent, cancellers, delay, maxDelay, token: terms, .. } = &self.params;
        let wards = |usr| HaloSubProxy::wardsCall { usr };
        let hat = token.as_ref().map_or(Address::ZERO, |[_, hat]| hat.at.address);
        let mut facts = vec![
            hand.returns(&wards(guard.address), &U256::ONE)?,
            hand.returns(&wards(core.halo_factory.address), &U256::ZERO)?,
            guard.returns(&HaloSpellGuard::subProxyCall {}, &hand.address)?,
            guard.returns(&HaloSpellGuard::parentCall {}, parent)?,
            guard.returns(&HaloSpellGuard::skyCall {}, &context.governance.address)?,
            guard.returns(&HaloSpellGuard::hatCall {}, &hat)?,
            guard.returns(&HaloSpellGuard::delayCall {}, delay)?,
            guard.returns(&HaloSpellGuard::maxDelayCall {}, maxDelay)?,
        ];
        for account in cancellers {
            let call = HaloSpellGuard::isCancellerCall { account: *account };
            facts.push(guard.returns(&call, &true)?);
        }
        if let Some([token, hat]) = token {
            let (token, hat) = (&token.at, &hat.at);
            facts.extend([
                token.returns(&HaloToken::nameCall {}, &terms.name)?,
                token.returns(&HaloToken::symbolCall {}, &terms.symbol)?,
                token.returns(&HaloToken::totalSupplyCall {}, &terms.supply)?,
                hat.returns(&TokenHat::guardCall {}, &guard.address)?,
                hat.returns(&TokenHat::tokenCall {}, &token.address)?,
                hat.returns(&TokenHat::quorumCall {}, &terms.quorum)?,
            ]);
        }
        Ok(facts)
    }
}

/// That spells of the Halo wait where the plan puts its guard; `guard` is `None` when it makes none.
///
/// # Errors
/// When the network's file says otherwise, or nothing.
pub(crate) fn agree(road: &SpellRoad, guard: Option<Address>) -> Result<()> {
    let (what, remedy) = match (road.pause, guard) {
        (Some(_), None) => return Ok(()),
        (None, Some(_)) if road.make == SpellMake::HaloSpellGuard => return Ok(()),
        (Some(pause), Some(guard)) if (pause, road.make) == (guard, SpellMake::HaloSpellGuard) => {
            return Ok(());
        }
        (None, None) => (
            "[signers.halo] does not say where spells of the Halo are plotted".to_owned(),
            "give `pause`, or let [halo.governance] in the spec make a guard".to_owned(),
        ),
        (_, Some(guard)) => (
            format!(
                "spells of the Halo will wait in the guard at {guard}, and [signers.halo] says otherwise"
            ),
            "set through = \"halo-spell-guard\" there and leave `pause` out".to_owned(),
        ),
    };
    Err(Error::Unplannable { what, remedy })
}

fn params(context: &Context<'_>, governance: &HaloGovernance) -> HaloParams {
    let halo = &context.spec.halo;
    let token = governance.token.as_ref();
    HaloParams {
        slug: halo.slug.clone(),
        parent: context.parent.sub_proxy,
        cancellers: governance.cancellers.clone(),
        delay: governance.delay,
        maxDelay: governance.max_delay,
        // A supply of nothing is how the factory is told that there is no token.
        token: TokenTerms {
            name: token.map(|token| token.name.clone()).unwrap_or_default(),
            symbol: token.map(|token| token.symbol.clone()).unwrap_or_default(),
            supply: token.map(|token| token.supply).unwrap_or_default(),
            holder: token.map(|token| token.holder).unwrap_or_default(),
            quorum: token.map(|token| token.quorum).unwrap_or_default(),
        },
        artifactId: Subject::halo(halo).artifact_id(),
        salt: governance.salt,
    }
}

//! I23, only who may: somebody without any role knocks at every door that the access policy closes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use alloy_primitives::{Address, Bytes, Selector};
use halo_chain::{Chain, PrimePau, Tx, now};
use halo_deploy::{Form, Plan};
use halo_templates::Template;

use super::{Checks, spot};
use crate::{
    run::SettlementRow,
    world::{World, outside},
};

/// PAUs of Primes at whose doors is knocked after one settlement; the next ones have their turn after the next.
const PAUS: usize = 2;
/// Zeros behind a selector: enough for the arguments of any function, and an offset of zero is read as an empty list.
const ZEROS: usize = 1_024;

/// Whether the policy's callers of a function are some and not everybody.
fn is_closed(callers: &str) -> bool {
    callers.split(' ').all(|caller| caller != "anyone")
}

/// The functions of a template that are not for anyone, by selector.
fn closed(template: &Template) -> Vec<(Selector, String)> {
    let functions = template.abi().functions().filter_map(|function| {
        let signature = function.signature();
        let callers = template.callers(&function.name, &signature)?;
        let door = || (function.selector(), format!("{} {signature}", template.name()));
        is_closed(callers).then(door)
    });
    functions.collect()
}

/// The closed functions of every template by its name; those of facets, as a Controller offers them, by `facets`.
static CLOSED: LazyLock<BTreeMap<&'static str, Vec<(Selector, String)>>> = LazyLock::new(|| {
    let mut all: BTreeMap<&'static str, Vec<_>> =
        Template::all().iter().map(|template| (template.name(), closed(template))).collect();
    let surface = Template::get("ControllerSurface").ok().map(|surface| surface.abi());
    let mut facets = Vec::new();
    for function in surface.into_iter().flat_map(|abi| abi.functions()) {
        // `usds_mint` is `mint` of the facet whose functions have the prefix `usds_`.
        let Some((prefix, name)) = function.name.split_once('_') else { continue };
        let signature = function.signature();
        let own = signature.get(prefix.len() + 1..).unwrap_or_default();
        let is_one = Template::all().iter().any(|facet| {
            facet.callers("prefix", "").is_some_and(|its| its.trim_end_matches('_') == prefix)
                && facet.callers(name, own).is_some_and(is_closed)
        });
        if is_one {
            facets.push((function.selector(), signature));
        }
    }
    all.insert("facets", facets);
    all
});

/// The templates of a PAU and where its contracts stand.
fn pau(pau: &PrimePau) -> [(&'static str, Address); 6] {
    [
        ("ALMProxy", pau.proxy),
        ("RateLimits", pau.rate_limits),
        ("AccessControls", pau.acl),
        ("FreezerModule", pau.freezer_module),
        ("Controller", pau.controller),
        ("facets", pau.controller),
    ]
}

/// Contracts of the plans, and whose they are: a Class's, by its place, or everybody's.
#[derive(Debug, Default, Clone)]
pub(crate) struct Doors(BTreeSet<(Option<usize>, &'static str, Address)>);

impl Doors {
    /// Adds the contracts that the plan of the Class at `class` makes.
    pub(crate) fn add(&mut self, class: usize, plan: &Plan) {
        for contract in plan.contracts().filter(|contract| contract.form != Form::Blob) {
            let Ok(template) = Template::get(&contract.template) else { continue };
            let whose = (!contract.name.starts_with("core/")).then_some(class);
            self.0.insert((whose, template.name(), contract.address));
            if template.name().ends_with("Controller") {
                self.0.insert((whose, "facets", contract.address));
            }
        }
    }
}

impl Checks {
    /// Knocks at all doors of the core, of the Unit's Class, and of the PAUs whose turn it is.
    pub(super) fn every_door(&mut self, world: &World<'_>, row: &SettlementRow) {
        let Some(venue) = world.venues.get(row.unit) else { return };
        let first = (self.invariants.settlements as usize).saturating_mul(PAUS);
        let paus = world.paus.iter().cycle().skip(first % world.paus.len().max(1));
        let paus = paus.take(PAUS.min(world.paus.len())).flat_map(pau);
        let planned = self.doors.0.iter().filter_map(|(whose, name, at)| {
            whose.is_none_or(|class| class == venue.class).then_some((*name, *at))
        });
        let all: Vec<_> = planned.chain(paus).collect();
        let nobody = outside("passer-by");
        for (name, at) in all {
            for (selector, said) in CLOSED.get(name).into_iter().flatten() {
                let data = [selector.as_slice(), &[0; ZEROS]].concat();
                let call = Tx::call(nobody, at, Bytes::from(data));
                let refused = now(world.chain.call(&call)).is_err();
                self.hold(spot(row), "I23 only who may", refused, || {
                    format!("{said} at {at} lets anybody in")
                });
            }
        }
    }
}

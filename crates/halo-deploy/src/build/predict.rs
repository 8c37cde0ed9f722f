//! The factory's addresses, derived as LaniakeaFactory derives them.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;
use halo_templates::{Template, template};

use super::{
    core::Core,
    draft::{self, At},
};
use crate::{
    contract::{Contract, Form},
    error::Result,
};

/// A contract that the factory will make, by its address and by everything that the address follows from.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) at: At,
    pub(crate) contract: Contract,
}

/// The contracts of a Class.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) controller: Made,
    pub(crate) alm_proxy: Made,
    pub(crate) rate_limits: Made,
    pub(crate) acl: Made,
    pub(crate) freezer_module: Made,
    pub(crate) book: Made,
    pub(crate) reporter: Made,
}

/// The contracts of a Unit.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) unit: Made,
    pub(crate) subscribe_queue: Made,
    pub(crate) redeem_queue: Made,
}

/// What an address depends on, beside the component.
pub(crate) struct Site<'a> {
    pub(crate) core: &'a Core,
    pub(crate) chain_id: u64,
    /// classId or unitId.
    pub(crate) subject: B256,
    pub(crate) salt: B256,
}

impl Site<'_> {
    /// What `deployClass` makes.
    pub(crate) fn class(&self) -> Result<Class> {
        let core = self.core;
        let own = || core.factory.address.abi_encode();
        let alm_proxy = self.instance("class/alm-proxy", &template::ALMProxy, own())?;
        let rate_limits = self.instance("class/rate-limits", &template::RateLimits, own())?;
        let acl = self.instance("class/acl", &template::AccessControls, own())?;
        let controller =
            self.clone("class/controller", &template::ClassController, "ClassController")?;
        let freezer_module = self.instance(
            "class/freezer-module",
            &template::FreezerModule,
            acl.at.address.abi_encode(),
        )?;
        let book = self.clone("class/book", &template::HaloBook, "HaloBook")?;
        let reporter =
            self.clone("class/reporter", &template::PositionReporter, "PositionReporter")?;
        Ok(Class { controller, alm_proxy, rate_limits, acl, freezer_module, book, reporter })
    }

    /// What `deployUnit` makes.
    pub(crate) fn unit(&self, slug: &str) -> Result<Unit> {
        let queue = |name: &str, component| {
            self.clone(&format!("unit/{slug}/{name}"), &template::LctsQueue, component)
        };
        Ok(Unit {
            unit: self.clone(&format!("unit/{slug}/unit"), &template::HaloUnit, "HaloUnit")?,
            subscribe_queue: queue("subscribe-queue", "SubscribeQueue")?,
            redeem_queue: queue("redeem-queue", "RedeemQueue")?,
        })
    }

    fn instance(
        &self,
        name: &str,
        template: &'static Template,
        arguments: Vec<u8>,
    ) -> Result<Made> {
        self.make(name, template, template.name(), Form::Instance, arguments, None)
    }

    fn clone(&self, name: &str, template: &'static Template, component: &str) -> Result<Made> {
        let implementation = self.core.implementation(template)?;
        self.make(name, template, component, Form::Clone, Vec::new(), Some(implementation))
    }

    fn make(
        &self,
        name: &str,
        template: &'static Template,
        component: &str,
        form: Form,
        arguments: Vec<u8>,
        implementation: Option<Address>,
    ) -> Result<Made> {
        let factory = self.core.factory.address;
        let salt = keccak256(
            (
                U256::from(self.chain_id),
                factory,
                self.subject,
                B256::right_padding_from(component.as_bytes()),
                template.version(),
                self.salt,
            )
                .abi_encode(),
        );
        let contract =
            draft::contract(name, template, form, factory, salt, arguments, implementation)?;
        let at = At { name: name.to_owned(), template, address: contract.address };
        Ok(Made { at, contract })
    }
}

impl Class {
    /// The contracts, in the order in which the factory makes them.
    pub(crate) fn contracts(&self) -> Vec<Contract> {
        let Self { controller, alm_proxy, rate_limits, acl, freezer_module, book, reporter } = self;
        let made = [alm_proxy, rate_limits, acl, controller, freezer_module, book, reporter];
        made.into_iter().map(|one| one.contract.clone()).collect()
    }

    /// The addresses, in the registry's order.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        let Self { controller, alm_proxy, rate_limits, acl, freezer_module, book, reporter } = self;
        let made = [controller, alm_proxy, rate_limits, acl, freezer_module, book, reporter];
        made.into_iter().map(|one| one.at.address).collect()
    }
}

impl Unit {
    /// The contracts, in the order in which the factory makes them.
    pub(crate) fn contracts(&self) -> Vec<Contract> {
        let made = [&self.unit, &self.subscribe_queue, &self.redeem_queue];
        made.into_iter().map(|one| one.contract.clone()).collect()
    }

    /// The addresses, in the registry's order.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        let made = [&self.unit, &self.subscribe_queue, &self.redeem_queue];
        made.into_iter().map(|one| one.at.address).collect()
    }
}

//! The factories' addresses, derived as TemplateDeployer derives them.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;
use halo_spec::Endpoint;
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
    pub(crate) ledger: Made,
    pub(crate) guard: Made,
    /// One per endpoint, in their order.
    pub(crate) buffers: Vec<Made>,
}

/// The contracts of a Unit.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) unit: Made,
    pub(crate) subscribe_queue: Made,
    pub(crate) redeem_queue: Made,
}

/// The contracts of a Halo.
#[derive(Clone, Debug)]
pub(crate) struct Halo {
    pub(crate) sub_proxy: Made,
    pub(crate) guard: Made,
    /// Token and hat, where the Halo has a token.
    pub(crate) token: Option<[Made; 2]>,
}

/// What an address depends on, beside the component.
pub(crate) struct Site<'a> {
    pub(crate) core: &'a Core,
    /// LaniakeaFactory or HaloFactory.
    pub(crate) factory: Address,
    pub(crate) chain_id: u64,
    /// haloId, classId or unitId.
    pub(crate) subject: B256,
    pub(crate) salt: B256,
}

impl Site<'_> {
    /// What `deployHalo` makes.
    pub(crate) fn halo(&self, has_token: bool) -> Result<Halo> {
        let ward = self.factory.abi_encode();
        let token = || -> Result<[Made; 2]> {
            let token = self.part("halo/token", &template::HaloToken)?;
            Ok([token, self.part("halo/hat", &template::TokenHat)?])
        };
        Ok(Halo {
            sub_proxy: self.instance("halo/sub-proxy", &template::HaloSubProxy, ward)?,
            guard: self.part("halo/spell-guard", &template::HaloSpellGuard)?,
            token: has_token.then(token).transpose()?,
        })
    }

    /// What `deployClass` makes.
    pub(crate) fn class(&self, endpoints: &[Endpoint]) -> Result<Class> {
        let acl = self.part("class/acl", &template::ClassAccessControls)?;
        let module = acl.at.address.abi_encode();
        let buffer = |endpoint: &Endpoint| {
            let name = format!("class/buffer/{}", endpoint.name);
            // As Parts.buffer has it: told apart by the endpoint that pays into it.
            let word = B256::right_padding_from(template::EndpointBuffer.name().as_bytes());
            let component = keccak256((word, endpoint.address).abi_encode());
            self.clone(&name, &template::EndpointBuffer, component)
        };
        Ok(Class {
            controller: self.part("class/controller", &template::ClassController)?,
            alm_proxy: self.part("class/alm-proxy", &template::ClassALMProxy)?,
            rate_limits: self.part("class/rate-limits", &template::ClassRateLimits)?,
            acl,
            freezer_module: self.instance(
                "class/freezer-module",
                &template::FreezerModule,
                module,
            )?,
            book: self.part("class/book", &template::HaloBook)?,
            reporter: self.part("class/reporter", &template::PositionReporter)?,
            ledger: self.part("class/ledger", &template::OfframpLedger)?,
            guard: self.part("class/guard", &template::EmergencyGuard)?,
            buffers: endpoints.iter().map(buffer).collect::<Result<_>>()?,
        })
    }

    /// What `deployUnit` makes.
    pub(crate) fn unit(&self, slug: &str) -> Result<Unit> {
        let queue = |name: &str, component: &str| {
            let component = B256::right_padding_from(component.as_bytes());
            self.clone(&format!("unit/{slug}/{name}"), &template::LctsQueue, component)
        };
        Ok(Unit {
            unit: self.part(&format!("unit/{slug}/unit"), &template::HaloUnit)?,
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
        let component = B256::right_padding_from(template.name().as_bytes());
        self.make(name, template, component, Form::Instance, arguments, None)
    }

    /// A clone that is the only one of its template in the Class or Unit.
    fn part(&self, name: &str, template: &'static Template) -> Result<Made> {
        self.clone(name, template, B256::right_padding_from(template.name().as_bytes()))
    }

    fn clone(&self, name: &str, template: &'static Template, component: B256) -> Result<Made> {
        let implementation = self.core.implementation(template)?;
        self.make(name, template, component, Form::Clone, Vec::new(), Some(implementation))
    }

    fn make(
        &self,
        name: &str,
        template: &'static Template,
        component: B256,
        form: Form,
        arguments: Vec<u8>,
        implementation: Option<Address>,
    ) -> Result<Made> {
        let factory = self.factory;
        let salt = keccak256(
            (
                U256::from(self.chain_id),
                factory,
                self.subject,
                component,
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

impl Halo {
    /// The contracts, in the order in which the factory makes them.
    pub(crate) fn contracts(&self) -> Vec<Contract> {
        let made = [&self.sub_proxy, &self.guard].into_iter().chain(self.token.iter().flatten());
        made.map(|one| one.contract.clone()).collect()
    }
}

impl Class {
    /// The contracts, in the order in which the factory makes them.
    pub(crate) fn contracts(&self) -> Vec<Contract> {
        let Self { controller, alm_proxy, rate_limits, acl, freezer_module, .. } = self;
        let Self { book, reporter, ledger, guard, buffers, .. } = self;
        let pau = [alm_proxy, rate_limits, acl, controller, freezer_module];
        let rest = [book, reporter, ledger, guard];
        pau.into_iter().chain(rest).chain(buffers).map(|one| one.contract.clone()).collect()
    }

    /// The addresses, in the registry's order.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        let Self { controller, alm_proxy, rate_limits, acl, freezer_module, .. } = self;
        let Self { book, reporter, ledger, guard, .. } = self;
        let pau = [controller, alm_proxy, rate_limits, acl, freezer_module];
        pau.into_iter().chain([book, reporter, ledger, guard]).map(|one| one.at.address).collect()
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

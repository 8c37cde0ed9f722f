//! A plan while it is being written.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolValue};
use halo_templates::Template;

use crate::{
    abi::{self, Getter},
    contract::{self, Contract, Form},
    error::{Error, Result},
    fact::{Fact, Powerless, Roles, Value},
    means::Indirect,
    plan::{Action, Call, Plan, Signer, Step, Subject},
    roles,
};

/// Steps so far.
pub(crate) struct Draft {
    create2: Address,
    steps: Vec<Step>,
    outcome: Vec<Fact>,
}

/// A contract by its name in the plan, its template and its address.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) name: String,
    pub(crate) template: &'static Template,
    pub(crate) address: Address,
}

impl Draft {
    /// An empty plan; `create2` is the deterministic deployment proxy.
    pub(crate) fn new(create2: Address) -> Self {
        Self { create2, steps: Vec::new(), outcome: Vec::new() }
    }

    /// Adds a step that creates a template's instance through the deterministic deployment proxy.
    pub(crate) fn create(
        &mut self,
        signer: &Signer,
        name: &str,
        template: &'static Template,
        arguments: impl SolValue,
        expects: impl FnOnce(&At) -> Result<Vec<Fact>>,
    ) -> Result<At> {
        let encoded = arguments.abi_encode();
        let salt = contract::core_salt(template);
        let made = contract(name, template, Form::Instance, self.create2, salt, encoded, None)?;
        let at = At { name: name.to_owned(), template, address: made.address };
        let decoded = abi::decode_constructor(template.abi(), &made.arguments)
            .ok_or_else(|| broken(name, "the arguments are not those of its constructor"))?;
        let mut facts = vec![Fact::Code(made.clone())];
        facts.extend(expects(&at)?);
        self.push(Step {
            id: format!("create/{name}"),
            title: format!("Create {}", template.name()),
            signer: signer.clone(),
            action: Action::Create { arguments: decoded },
            creates: vec![made],
            expects: facts,
            digest: B256::ZERO,
        });
        Ok(at)
    }

    /// Adds a step that keeps a template's creation code in the TemplateRegistry.
    pub(crate) fn store(
        &mut self,
        signer: &Signer,
        name: &str,
        template: &'static Template,
        registry: &At,
    ) -> Result<Address> {
        let (form, creator) = (Form::Blob, registry.address);
        let made = contract(name, template, form, creator, B256::ZERO, Vec::new(), None)?;
        let address = made.address;
        self.push(Step {
            id: format!("store/{name}"),
            title: format!("Keep the creation code of {} for the factory", template.name()),
            signer: signer.clone(),
            action: Action::Store { to: registry.address },
            creates: vec![made.clone()],
            expects: vec![Fact::Code(made)],
            digest: B256::ZERO,
        });
        Ok(address)
    }

    /// Adds a step that calls a contract.
    pub(crate) fn call(
        &mut self,
        id: impl Into<String>,
        title: impl Into<String>,
        signer: &Signer,
        at: &At,
        call: &impl SolCall,
        expects: Vec<Fact>,
    ) -> Result<()> {
        self.deploy(id, title, signer, at, call, Vec::new(), expects)
    }

    /// Adds a step that calls a factory, which creates contracts.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn deploy(
        &mut self,
        id: impl Into<String>,
        title: impl Into<String>,
        signer: &Signer,
        at: &At,
        call: &impl SolCall,
        creates: Vec<Contract>,
        expects: Vec<Fact>,
    ) -> Result<()> {
        let data = Bytes::from(call.abi_encode());
        let (function, arguments) = abi::decode_call(at.template.abi(), &data)
            .ok_or_else(|| broken(&at.name, "the call is not one of its functions"))?;
        let code = creates.iter().cloned().map(Fact::Code);
        self.push(Step {
            id: id.into(),
            title: title.into(),
            signer: signer.clone(),
            action: Action::Call(Call {
                contract: at.name.clone(),
                to: at.address,
                function,
                arguments,
                data,
                value: U256::ZERO,
            }),
            expects: code.chain(expects).collect(),
            creates,
            digest: B256::ZERO,
        });
        Ok(())
    }

    /// Adds what must hold at the end.
    pub(crate) fn outcome(&mut self, fact: Fact) {
        self.outcome.push(fact);
    }

    pub(crate) fn seal(self, subject: Subject, indirect: Vec<Indirect>) -> Result<Plan> {
        Plan::seal(subject, indirect, self.steps, self.outcome)
    }

    fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}

/// A contract that CREATE2 will make.
pub(crate) fn contract(
    name: &str,
    template: &'static Template,
    form: Form,
    creator: Address,
    salt: B256,
    arguments: Vec<u8>,
    implementation: Option<Address>,
) -> Result<Contract> {
    let hashes = contract::hashes(template, form, &arguments, implementation)
        .ok_or_else(|| broken(name, "its code is too large for one data contract"))?;
    Ok(Contract {
        name: name.to_owned(),
        template: template.name().to_owned(),
        form,
        address: creator.create2(salt, hashes.init_code),
        code_hash: hashes.code,
        creator,
        salt,
        init_code_hash: hashes.init_code,
        arguments: arguments.into(),
        implementation,
    })
}

impl At {
    /// That a view function returns this.
    pub(crate) fn returns<C: SolCall>(&self, call: &C, value: &C::Return) -> Result<Fact> {
        let said = |why: String| broken(&self.name, &why);
        let (getter, arguments) = abi::getter_of(self.template.abi(), &call.abi_encode())
            .ok_or_else(|| said(format!("it has no function {}", C::SIGNATURE)))?;
        let value = Getter::parse(&getter, &arguments)
            .and_then(|getter| getter.returned(&C::abi_encode_returns(value)))
            .map_err(said)?;
        let (contract, address) = (self.name.clone(), self.address);
        Ok(Fact::Value(Value { contract, address, getter, arguments, value }))
    }

    /// That a role has exactly these members.
    pub(crate) fn role(&self, role: &str, members: &[Address]) -> Fact {
        let mut members = members.to_vec();
        members.sort_unstable();
        Fact::Roles(Roles {
            contract: self.name.clone(),
            address: self.address,
            role: role.to_owned(),
            id: roles::id(role),
            members,
        })
    }

    /// That `holder` has none of this contract's roles.
    pub(crate) fn powerless(&self, holder: &Self) -> Fact {
        let known = roles::of(self.template.name());
        Fact::Powerless(Powerless {
            holder: holder.name.clone(),
            holder_address: holder.address,
            contract: self.name.clone(),
            address: self.address,
            roles: known.iter().map(|role| (*role).to_owned()).collect(),
        })
    }
}

pub(crate) fn broken(name: &str, why: &str) -> Error {
    Error::Unplannable {
        what: format!("{name} cannot be planned: {why}"),
        remedy: "the templates and this program do not fit each other; freeze and build again"
            .to_owned(),
    }
}

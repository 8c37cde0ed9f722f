//! What Sky governance signs before a Class can be deployed.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;
use halo_templates::{
    Template,
    bindings::{ArtifactRegistry, FacetBeacon, LaniakeaFactory, TemplateRegistry, UnitRegistry},
};

use super::{
    Context, configurator,
    core::Core,
    draft::{At, Draft, broken},
    halo,
};
use crate::{
    error::{Error, Result},
    fact::{
        Artifact, ArtifactStage, Fact, Integration, Offer, Record, RecordKind,
        Template as Approval, TemplateStage,
    },
    number::{artifact, kind, level},
    wiring,
};

pub(crate) fn plan(
    context: &Context<'_>,
    core: &Core,
    planned: Option<&halo::Planned>,
    draft: &mut Draft,
) -> Result<()> {
    councils(context, core, draft)?;
    approvals(context, core, draft)?;
    offers(context, core, draft)?;
    factory(context, core, draft)?;
    configurator::empower(context, core, draft)?;
    primes(context, core, draft)?;
    self::halo(context, core, planned, draft)
}

fn councils(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    let council = context.network.governance.council;
    let beam = [&core.beam.scheduler, &core.beam.registrar];
    let core = [&core.templates, &core.artifacts, &core.beacons, &core.units, &core.factory];
    for at in core.into_iter().chain(beam) {
        // All of them inherit the same two functions.
        let facts = vec![
            at.returns(&TemplateRegistry::adminCall {}, &context.governance.address)?,
            at.returns(&TemplateRegistry::councilCall {}, &council)?,
        ];
        draft.call(
            format!("governance/council/{}", at.name),
            format!("Name the council that may halt what {} holds", at.template.name()),
            &context.governance,
            at,
            &TemplateRegistry::setCouncilCall { council_: council },
            facts,
        )?;
    }
    Ok(())
}

fn approvals(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    for (template, blob) in &core.blobs {
        approve(context, core, draft, template, Address::ZERO, vec![*blob])?;
    }
    for at in core.implementations.iter().chain(core.facets.iter().map(|(at, _)| at)) {
        approve(context, core, draft, at.template, at.address, Vec::new())?;
    }
    Ok(())
}

fn approve(
    context: &Context<'_>,
    core: &Core,
    draft: &mut Draft,
    template: &Template,
    implementation: Address,
    blobs: Vec<Address>,
) -> Result<()> {
    let name = template.name();
    let kind =
        registry_kind(template).ok_or_else(|| broken(name, "the factory does not know it"))?;
    let id = keccak256((U256::from(kind), name.to_owned()).abi_encode_params());
    let fact = |stage| {
        Fact::Template(Approval {
            registry: core.templates.address,
            name: name.to_owned(),
            id,
            version: template.version(),
            runtime_hash: template.runtime_hash(),
            stage,
        })
    };
    let creation_hash = if blobs.is_empty() { B256::ZERO } else { template.creation_hash() };
    let proposal = TemplateRegistry::Proposal {
        kind,
        name: name.to_owned(),
        implementation,
        blobs,
        creationHash: creation_hash,
        runtimeHash: template.runtime_hash(),
        // Zero while nobody has audited it.
        auditHash: template.locked().audit.parse().unwrap_or_default(),
        uri: String::new(),
    };
    draft.call(
        format!("governance/propose/{name}"),
        format!("Propose the template {name}"),
        &context.governance,
        &core.templates,
        &TemplateRegistry::proposeCall { p: proposal },
        vec![fact(TemplateStage::Proposed)],
    )?;
    draft.call(
        format!("governance/approve/{name}"),
        format!("Approve the template {name}"),
        &context.governance,
        &core.templates,
        &TemplateRegistry::approveCall { templateId: id, version: template.version() },
        vec![fact(TemplateStage::Approved)],
    )
}

/// The kind under which the factory looks a template up.
fn registry_kind(template: &Template) -> Option<u8> {
    use halo_templates::Kind;
    Some(match (template.kind(), template.name()) {
        (Kind::Facet, _) => kind::FACET,
        (_, "FreezerModule" | "EmergencyGuard" | "ConserverController" | "MigrationVault") => {
            kind::GUARD
        }
        (_, "ClassALMProxy" | "ClassRateLimits" | "ClassAccessControls" | "ClassController") => {
            kind::CLASS_PAU
        }
        (_, "HaloBook" | "OfframpLedger") => kind::BOOK,
        (_, "EndpointBuffer") => kind::BUFFER,
        (_, "HaloSubProxy" | "HaloSpellGuard" | "TokenHat") => kind::SPELL_GUARD,
        (_, "HaloToken") => kind::TOKEN,
        (_, "PositionReporter") => kind::REPORTER,
        (_, "HaloUnit") => kind::UNIT,
        (_, "LctsQueue") => kind::QUEUE,
        _ => return None,
    })
}

fn offers(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    let at = &core.facet_beacon;
    for (facet, declared) in &core.facets {
        let offer = Fact::Offer(Offer {
            contract: at.name.clone(),
            address: at.address,
            integration: integration(facet, declared)?,
        });
        let wires = declared.wires.iter().map(|wire| FacetBeacon::Wire {
            callSelector: wire.callSelector,
            delegateSelector: wire.delegateSelector,
        });
        let call = FacetBeacon::setIntegrationCall {
            id: declared.id_word,
            facet: facet.address,
            wires: wires.collect(),
        };
        let id = &declared.id;
        draft.call(
            format!("governance/offer/{id}"),
            format!("Offer {id} to Controllers"),
            &context.governance,
            at,
            &call,
            vec![offer],
        )?;
    }
    Ok(())
}

/// A facet with its wires in words.
pub(crate) fn integration(facet: &At, declared: &wiring::Declared) -> Result<Integration> {
    Ok(Integration {
        id: declared.id.clone(),
        facet: facet.address,
        code_hash: facet.template.runtime_hash(),
        wires: wiring::in_words(facet.template, &declared.wires)?,
    })
}

fn factory(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    draft.call(
        "governance/set-factory",
        "Let the factory register what it makes",
        &context.governance,
        &core.units,
        &UnitRegistry::setFactoryCall { factory_: core.factory.address },
        vec![core.units.returns(&UnitRegistry::factoryCall {}, &core.factory.address)?],
    )?;
    let account = context.govops.address;
    let is_deployer = LaniakeaFactory::isDeployerCall { account };
    draft.call(
        "governance/add-deployer",
        "Let GovOps deploy what artifacts approve",
        &context.governance,
        &core.factory,
        &LaniakeaFactory::addDeployerCall { account },
        vec![core.factory.returns(&is_deployer, &true)?],
    )
}

fn primes(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    let entrants: Vec<_> =
        context.spec.units.iter().flat_map(|unit| &unit.entrant_primes).collect();
    let taking_part = |prime: &&halo_spec::Prime| {
        prime.slug == context.parent.slug || entrants.contains(&&prime.slug)
    };
    for prime in context.network.primes.iter().filter(taking_part) {
        let missing = |what: &str| Error::Unplannable {
            what: format!(
                "the Prime {} has no {what} on the network {}",
                prime.slug, context.network.name
            ),
            remedy: "give it in the network's file, or take the Prime out of `entrants`".to_owned(),
        };
        let rate_limits = prime.rate_limits.ok_or_else(|| missing("rate limits"))?;
        let controller = prime.controller.ok_or_else(|| missing("controller"))?;
        let record = Record {
            registry: core.units.address,
            subject: format!("prime/{}", prime.slug),
            of: RecordKind::Prime,
            id: prime.id,
            parent: B256::ZERO,
            params_hash: B256::ZERO,
            at: vec![prime.alm_proxy, rate_limits, controller],
            shared: None,
        };
        let call = UnitRegistry::registerPrimeCall {
            slug: prime.slug.clone(),
            proxy: prime.alm_proxy,
            rateLimits: rate_limits,
            controller,
        };
        draft.call(
            format!("governance/prime/{}", prime.slug),
            format!("Register the Prime {}", prime.name),
            &context.governance,
            &core.units,
            &call,
            vec![Fact::Record(record)],
        )?;
        configurator::prime(context, core, prime, [rate_limits, controller], draft)?;
    }
    Ok(())
}

fn halo(
    context: &Context<'_>,
    core: &Core,
    planned: Option<&halo::Planned>,
    draft: &mut Draft,
) -> Result<()> {
    let Context { spec, governance, parent, .. } = context;
    let halo = &spec.halo;
    let proxy = context.halo.address;
    let record = Record {
        registry: core.units.address,
        subject: "halo".to_owned(),
        of: RecordKind::Halo,
        id: halo.id,
        parent: parent.id,
        params_hash: B256::ZERO,
        at: vec![proxy],
        shared: None,
    };
    draft.call(
        "governance/halo",
        format!("Register the Halo {}", halo.name),
        governance,
        &core.units,
        &UnitRegistry::registerHaloCall { slug: halo.slug.clone(), primeId: parent.id, proxy },
        vec![Fact::Record(record)],
    )?;
    let subject = Subject::halo(halo);
    open_artifact(core, draft, governance, &subject, &halo.slug)?;
    for (who, account, level) in [
        ("halo", proxy, level::HALO),
        ("prime", parent.sub_proxy, level::PRIME),
        ("conserver", spec.conserver, level::CONSERVER),
    ] {
        let call = ArtifactRegistry::levelOfCall { haloId: halo.id, account };
        draft.call(
            format!("governance/level/{who}"),
            format!("Give the {who} its say over the artifacts of {}", halo.name),
            governance,
            &core.artifacts,
            &ArtifactRegistry::setLevelCall { haloId: halo.id, account, level },
            vec![core.artifacts.returns(&call, &level)?],
        )?;
    }
    // The artifact approves what is to be made, so it cannot wait for the Halo's own hand, which is among that.
    let (editor, params) = match planned {
        Some(planned) => (governance, planned.params_hash()),
        None => (&context.halo, B256::ZERO),
    };
    edit_artifact(core, draft, editor, &subject, &halo.artifact, params)
}

/// Whose artifact it is.
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: u8,
    pub(crate) id: B256,
    pub(crate) parent: B256,
}

impl Subject<'_> {
    /// A Halo.
    pub(crate) fn halo(halo: &halo_spec::Halo) -> Self {
        Self { name: "halo", kind: artifact::HALO, id: halo.id, parent: B256::ZERO }
    }

    /// The id of the subject's artifact.
    pub(crate) fn artifact_id(&self) -> B256 {
        keccak256((U256::from(self.kind), self.id).abi_encode())
    }

    fn fact(
        &self,
        core: &Core,
        content: B256,
        params: B256,
        uri: &str,
        stage: ArtifactStage,
    ) -> Fact {
        Fact::Artifact(Artifact {
            registry: core.artifacts.address,
            subject: self.name.to_owned(),
            id: self.artifact_id(),
            content_hash: content,
            params_hash: params,
            uri: uri.to_owned(),
            stage,
        })
    }
}

/// Adds the step that makes a place for an artifact.
pub(crate) fn open_artifact(
    core: &Core,
    draft: &mut Draft,
    signer: &crate::plan::Signer,
    subject: &Subject<'_>,
    slug: &str,
) -> Result<()> {
    let open = subject.fact(core, B256::ZERO, B256::ZERO, "", ArtifactStage::Open);
    draft.call(
        format!("{}/artifact/create", subject.name),
        format!("Make a place for the artifact of {slug}"),
        signer,
        &core.artifacts,
        &ArtifactRegistry::createCall {
            kind: subject.kind,
            parent: subject.parent,
            slug: slug.to_owned(),
        },
        vec![open],
    )
}

/// Adds the step that puts an artifact's first version in force.
pub(crate) fn edit_artifact(
    core: &Core,
    draft: &mut Draft,
    signer: &crate::plan::Signer,
    subject: &Subject<'_>,
    document: &halo_spec::Document,
    params_hash: B256,
) -> Result<()> {
    let (hash, uri) = (document.hash, &document.uri);
    draft.call(
        format!("{}/artifact/edit", subject.name),
        format!("Put the artifact of {} in force", subject.name),
        signer,
        &core.artifacts,
        &ArtifactRegistry::editCall {
            id: subject.artifact_id(),
            prevHash: B256::ZERO,
            contentHash: hash,
            paramsHash: params_hash,
            uri: uri.clone(),
            effectiveAt: 0,
        },
        vec![subject.fact(core, hash, params_hash, uri, ArtifactStage::Active)],
    )
}

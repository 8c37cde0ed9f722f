//! Changes of what stands: caps, templates, the fee at the LitePSM.

use alloy_primitives::{B256, U256};
use halo_chain::{Chain, genesis::FACET_BEACON, now};
use halo_spec::Facet;
use halo_templates::{
    bindings::{FacetBeacon, HaloUnit, TemplateRegistry},
    template as templates,
};
use serde_json::{Value, json};

use super::{Draft, by_halo, by_sky, edit};
use crate::{
    Error, Result, Scene, SecondController, Terms, sanity,
    scene::prime_of,
    tables::Tables,
    words::{Amount, address, word},
};

pub(super) fn psm_kiss(scene: &Scene) -> Result<Draft> {
    let (executor, executor_at) = by_sky(scene);
    let sky = &scene.network.sky;
    Ok(Draft {
        title: format!("PsmKiss: the Class {} trades at the LitePSM without a fee", scene.manifest.class.slug),
        notice: vec!["The Class's custody may buy and sell USDC at the LitePSM's own price, whatever its fee is.".to_owned()],
        executor,
        executor_at,
        values: json!({
            "chainlog": address(sky.chainlog),
            "lite_psm": address(sky.lite_psm),
            "alm_proxy": address(scene.contract("class/alm-proxy")?),
        }),
        tables: Tables::of(scene)?,
    })
}

pub(super) fn caps(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let at = scene.unit()?;
    let before = [
        scene.read(at, &HaloUnit::capCall {})?,
        scene.read(at, &HaloUnit::epochSubscribeCapCall {})?,
        scene.read(at, &HaloUnit::epochRedeemCapCall {})?,
    ];
    let caps = &terms.caps;
    let wanted = [caps.cap, caps.epoch_subscribe, caps.epoch_redeem];
    let mut after = before;
    for (slot, wanted) in after.iter_mut().zip(wanted) {
        *slot = wanted.unwrap_or(*slot);
    }
    if after == before {
        return Err(Error::Terms {
            what: "the caps are what they would be set to".to_owned(),
            remedy: "give a new --cap, --epoch-subscribe or --epoch-redeem".to_owned(),
        });
    }
    let asset = scene.asset()?;
    for (label, cap) in ["cap", "cap of what an epoch takes in", "cap of what an epoch pays out"]
        .into_iter()
        .zip(after)
    {
        // What an epoch moves may be unlimited: the cap itself is not.
        if label == "cap" || cap != U256::MAX {
            sanity::cap(label, cap, asset.decimals)?;
        }
    }
    let (executor, executor_at) = by_halo(scene);
    let slug = &scene.manifest.unit.slug;
    let mut tables = Tables::of(scene)?;
    let edit = edit(terms, scene, &mut tables, &format!("unit/{slug}"), None)?;
    let amounts = |caps: [U256; 3]| -> Value {
        let [cap, subscribe, redeem] = caps.map(|cap| Amount::new(cap, asset));
        json!({ "cap": cap, "epoch_subscribe_cap": subscribe, "epoch_redeem_cap": redeem })
    };
    Ok(Draft {
        title: format!("CapChange: the Unit {slug} of the Class {}", scene.manifest.class.slug),
        notice: vec![
            "Sets how large the Unit may be and how much an epoch takes in and pays out, and puts the text that says so in force.".to_owned(),
        ],
        executor,
        executor_at,
        values: json!({
            "unit": { "slug": slug, "at": address(at) },
            "before": amounts(before),
            "after": amounts(after),
            "edit": edit,
        }),
        tables,
    })
}

pub(super) fn template(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let name = terms.template_name()?;
    let missing = |what: String| Error::Terms {
        what,
        remedy: "have it proposed to the TemplateRegistry first".to_owned(),
    };
    let id = *scene
        .templates
        .get(name)
        .ok_or_else(|| missing(format!("no template {name} is known here")))?;
    let at = scene.contract("core/template-registry")?;
    let version = scene.read(at, &TemplateRegistry::versionCountCall { templateId: id })?;
    let proposed = scene.read(at, &TemplateRegistry::templateCall { templateId: id, version })?;
    const PROPOSED: u8 = 1;
    if proposed.status != PROPOSED {
        return Err(missing(format!("no version of the template {name} waits for approval")));
    }
    let current = scene.read(at, &TemplateRegistry::currentCall { templateId: id })?;
    let (executor, executor_at) = by_sky(scene);
    Ok(Draft {
        title: format!("TemplateApproval: {name}, version {version}"),
        notice: vec!["New instances are made from this version; the one before is deprecated, and its instances stay in good standing.".to_owned()],
        executor,
        executor_at,
        values: json!({
            "templates": address(at),
            "template": {
                "name": name,
                "kind": kind_name(proposed.kind),
                "id": word(id),
                "version": version,
                "current": current,
                "creation_hash": word(proposed.creationHash),
                "runtime_hash": word(proposed.runtimeHash),
            },
        }),
        tables: Tables::of(scene)?,
    })
}

pub(super) fn second(terms: &Terms, scene: &Scene) -> Result<Draft> {
    let prime = prime_of(terms, &scene.network, &scene.prime)?;
    let missing = |what: String, remedy: &str| Error::Terms { what, remedy: remedy.to_owned() };
    let lacks = |field: &str| {
        let what = format!(
            "the network {} does not know the {field} of {}",
            scene.network.name, prime.name
        );
        missing(what, &format!("give `{field}` in the network's file"))
    };
    let second = SecondController::of(&prime, &scene.network)?;
    let rate_limits = prime.rate_limits.ok_or_else(|| lacks("rate_limits"))?;
    let relayer = prime.relayer.ok_or_else(|| lacks("relayer"))?;
    for (at, template) in [
        (second.access_controls, &templates::AccessControls),
        (second.controller, &templates::Controller),
    ] {
        let hash: B256 = now(scene.chain.code_hash(at))?;
        if hash != template.runtime_hash() {
            let what = format!("the {} of {} does not stand at {at}", template.name(), prime.name);
            return Err(missing(what, "have it created by the deployment proxy first"));
        }
    }
    let facet =
        scene.read(FACET_BEACON, &FacetBeacon::getConfigCall { id: Facet::Erc7540.id() })?.facet;
    if facet.is_zero() {
        let what = format!("the facet beacon {FACET_BEACON} does not offer ERC7540_FACET");
        return Err(missing(what, "it is what a Prime enters Units by; Sky offers it first"));
    }
    Ok(Draft {
        title: format!("SecondController: {} enters Units from the custody that it has", prime.name),
        notice: vec![
            "A Controller of the PAU's template may move the Prime's custody within the Prime's own limits, beside the one that runs.".to_owned(),
            "It has one facet, by which Units are entered and left, and one relayer.".to_owned(),
        ],
        executor: format!("the SubProxy of {}", prime.name),
        executor_at: prime.sub_proxy,
        values: json!({
            "sub_proxy": address(prime.sub_proxy),
            "alm_proxy": address(prime.alm_proxy),
            "rate_limits": address(rate_limits),
            "relayer": address(relayer),
            "acl": address(second.access_controls),
            "controller": address(second.controller),
            "controller_hash": word(templates::Controller.runtime_hash()),
            "acl_hash": word(templates::AccessControls.runtime_hash()),
            "beacon": address(FACET_BEACON),
            "facet": address(facet),
        }),
        tables: Tables::of(scene)?,
    })
}

/// A template's kind as TemplateRegistry counts them.
fn kind_name(kind: u8) -> &'static str {
    const NAMES: [&str; 10] = [
        "Class PAU",
        "book",
        "reporter",
        "guard",
        "Unit",
        "queue",
        "buffer",
        "facet",
        "spell guard",
        "token",
    ];
    NAMES.get(usize::from(kind)).copied().unwrap_or("template")
}

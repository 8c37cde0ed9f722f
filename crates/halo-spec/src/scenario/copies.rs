//! Copies of a Prime or a Class: the same terms under a name and addresses of their own.

use alloy_primitives::{Address, B256, keccak256};

use crate::{class::ClassSpec, network::slug_id, prime::Prime};

/// The most copies of one.
pub(super) const MAX_COPIES: u32 = 100_000;

/// The `number`-th copy; the first is the original.
pub(super) fn prime(original: &Prime, number: u32) -> Prime {
    if number < 2 {
        return original.clone();
    }
    let slug = format!("{}-{number}", original.slug);
    let made = |what: &str| Address::from_word(keccak256(format!("halo scenario/{slug}/{what}")));
    Prime {
        id: slug_id(&slug),
        name: format!("{} {number}", original.name),
        // An ilk has at most 32 bytes together with what the chainlog puts behind it.
        ilk: format!("COPY-{:x}-A", keccak256(&slug)).chars().take(20).collect(),
        sub_proxy: made("SubProxy"),
        star_guard: None,
        alm_proxy: made("ALMProxy"),
        rate_limits: Some(made("RateLimits")),
        controller: Some(made("Controller")),
        access_controls: Some(made("AccessControls")),
        vault: made("vault"),
        buffer: made("buffer"),
        relayer: original.relayer.map(|_| made("relayer")),
        freezer: original.freezer.map(|_| made("freezer")),
        slug,
    }
}

/// The `number`-th copy.
pub(super) fn class(original: &ClassSpec, number: u32) -> ClassSpec {
    let mut class = original.clone();
    if number < 2 {
        return class;
    }
    class.slug = format!("{}-{number}", original.slug);
    class.id = child(class.halo.id, &class.slug);
    class.beacon.name = format!("{}-{number}", original.beacon.name);
    class.beacon.id = keccak256(&class.beacon.name);
    for unit in &mut class.units {
        unit.id = child(class.id, &unit.slug);
    }
    class
}

/// `keccak256(abi.encode(parent, keccak256(slug)))`
fn child(parent: B256, slug: &str) -> B256 {
    keccak256([parent.as_slice(), slug_id(slug).as_slice()].concat())
}

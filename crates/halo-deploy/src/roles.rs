//! The roles that the templates know.

use alloy_primitives::{B256, keccak256};

/// Every right on an access-controlled contract, and the right to hand out the others.
pub const DEFAULT_ADMIN: &str = "DEFAULT_ADMIN_ROLE";
/// May make a PAU move value.
pub const ALLOCATOR: &str = "ALLOCATOR_ROLE";
/// May lock and settle epochs.
pub const SETTLER: &str = "SETTLER_ROLE";
/// May pause and freeze, and remove allocators and settlers.
pub const FREEZER: &str = "FREEZER_ROLE";
/// May intervene in a Class that its operators have left.
pub const CONSERVER: &str = "CONSERVER_ROLE";
/// May revoke the roles that it is the revoker of.
pub const REVOKER: &str = "REVOKER_ROLE";
/// May set a Class's parameters, and name relayers and wardens.
pub const PARAM_ADMIN: &str = "PARAM_ADMIN_ROLE";
/// May set rate limits without refilling them.
pub const LIMIT_SETTER: &str = "LIMIT_SETTER";
/// May schedule batches in the Configurator's timelock.
pub const PROPOSER: &str = "PROPOSER_ROLE";
/// May strike them out.
pub const CANCELLER: &str = "CANCELLER_ROLE";
/// May pause the timelock.
pub const PAUSER: &str = "PAUSER_ROLE";
/// May add to the Configurator's state: the timelock.
pub const DELAYED: &str = "DELAYED";
/// May take from the Configurator's state, at once.
pub const IMMEDIATE: &str = "IMMEDIATE";
/// May use up what the state allows: the Configurator.
pub const CONFIGURATOR: &str = "CONFIGURATOR";
/// May move what an ALMProxy holds, and draw on rate limits.
pub const CONTROLLER: &str = "CONTROLLER";
/// May make an ALMProxy run foreign code; held by nobody.
pub const DELEGATE_CONTROLLER: &str = "DELEGATE_CONTROLLER";

/// All of them.
pub const ALL: &[&str] = &[
    DEFAULT_ADMIN,
    ALLOCATOR,
    SETTLER,
    FREEZER,
    CONSERVER,
    REVOKER,
    PARAM_ADMIN,
    LIMIT_SETTER,
    PROPOSER,
    CANCELLER,
    PAUSER,
    DELAYED,
    IMMEDIATE,
    CONFIGURATOR,
    CONTROLLER,
    DELEGATE_CONTROLLER,
];

/// The id of a role: keccak-256 of its name, and zero for [`DEFAULT_ADMIN`].
#[must_use]
pub fn id(role: &str) -> B256 {
    if role == DEFAULT_ADMIN { B256::ZERO } else { keccak256(role) }
}

/// The roles that contracts of a template know; empty when it keeps none of its own.
#[must_use]
pub fn of(template: &str) -> &'static [&'static str] {
    match template {
        "AccessControls" | "ClassAccessControls" => {
            &[DEFAULT_ADMIN, ALLOCATOR, SETTLER, FREEZER, CONSERVER, REVOKER, PARAM_ADMIN]
        }
        "ALMProxy" | "ClassALMProxy" => &[DEFAULT_ADMIN, CONTROLLER, DELEGATE_CONTROLLER],
        "RateLimits" | "ClassRateLimits" => &[DEFAULT_ADMIN, CONTROLLER, LIMIT_SETTER],
        "BeamTimelock" => &[DEFAULT_ADMIN, PROPOSER, CANCELLER, PAUSER],
        "BeamState" => &[DEFAULT_ADMIN, DELAYED, IMMEDIATE, CONFIGURATOR],
        "FacetBeacon" => &[DEFAULT_ADMIN],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;

    #[test]
    fn ids_are_those_of_the_production_pau() {
        assert_eq!(id(DEFAULT_ADMIN), B256::ZERO);
        assert_eq!(id(ALLOCATOR)[..4], hex!("68bf109b"));
        assert_eq!(id(CONTROLLER)[..4], hex!("70546d1c"));
    }
}

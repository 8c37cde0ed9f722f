//! Plans and manifests in words and human units, as rows that a program can put into tables.

use alloy_primitives::{Address, U256};
use halo_spec::amount::format_number;

use crate::{
    fact::{Limit, Roles},
    plan::{Action, Step},
};

const DAY: U256 = U256::from_limbs([86_400, 0, 0, 0]);

/// A rate limit in human units, exactly: `50_000_000 USDS, 999_999.9… USDS / day`.
pub(crate) fn limit(max: U256, slope: U256, decimals: u8, symbol: &str) -> String {
    if max.is_zero() {
        return "no limit set".to_owned();
    }
    format!("{}, {}", maximum(max, decimals, symbol), per_day(slope, decimals, symbol))
}

fn maximum(max: U256, decimals: u8, symbol: &str) -> String {
    if max == U256::MAX {
        return "unlimited".to_owned();
    }
    format!("{} {symbol}", format_number(max, decimals))
}

fn per_day(slope: U256, decimals: u8, symbol: &str) -> String {
    match slope.checked_mul(DAY) {
        Some(day) => format!("{} {symbol} / day", format_number(day, decimals)),
        None => format!("{slope} base units of {symbol} / s"),
    }
}

/// Members of a role, `nobody` when there is none.
pub(crate) fn members(all: &[Address]) -> String {
    if all.is_empty() {
        return "nobody".to_owned();
    }
    all.iter().map(Address::to_string).collect::<Vec<_>>().join(", ")
}

/// A row of the role table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRow<'a> {
    /// The contract's name in the plan.
    pub contract: &'a str,
    /// The role.
    pub role: &'a str,
    /// Its members, or `nobody`.
    pub members: String,
}

/// Who holds which role.
pub fn role_rows(roles: &[Roles]) -> impl Iterator<Item = RoleRow<'_>> {
    roles.iter().map(|one| RoleRow {
        contract: &one.contract,
        role: &one.role,
        members: members(&one.members),
    })
}

/// A row of the limit table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRow<'a> {
    /// The name of the RateLimits contract in the plan.
    pub contract: &'a str,
    /// What is limited.
    pub label: &'a str,
    /// The maximum, such as `50_000_000 USDS`.
    pub max: String,
    /// What comes back in a day, after the truncation to units per second.
    pub per_day: String,
}

/// The rate limits.
pub fn limit_rows(limits: &[Limit]) -> impl Iterator<Item = LimitRow<'_>> {
    limits.iter().map(|one| LimitRow {
        contract: &one.contract,
        label: &one.label,
        max: maximum(one.max, one.decimals, &one.symbol),
        per_day: per_day(one.slope, one.decimals, &one.symbol),
    })
}

impl Step {
    /// What is sent, in one line: `LaniakeaFactory.deployClass` or `create ALMProxy`.
    #[must_use]
    pub fn action_words(&self) -> String {
        match &self.action {
            Action::Create { .. } => format!("create {}", self.created_templates()),
            Action::Store { .. } => {
                format!("TemplateRegistry.store {}", self.created_templates())
            }
            Action::Call(call) => {
                let name = call.function.split('(').next().unwrap_or_default();
                format!("{}.{name}", call.contract)
            }
        }
    }

    fn created_templates(&self) -> String {
        let templates: Vec<_> = self.creates.iter().map(|one| one.template.as_str()).collect();
        templates.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_differ_in_words_when_they_differ_by_one() {
        let max = U256::from(50_000_000_000_000_u64);
        let words = |slope: u64| limit(max, U256::from(slope), 6, "USDC");
        assert_eq!(words(11_574_074), "50_000_000 USDC, 999_999.9936 USDC / day");
        assert_ne!(words(11_574_074), words(11_574_075));
        assert_eq!(limit(U256::MAX, U256::ZERO, 18, "USDS"), "unlimited, 0 USDS / day");
        assert_eq!(limit(U256::ZERO, U256::ZERO, 18, "USDS"), "no limit set");
    }
}

//! Who may be who: one address must not hold two powers that check each other.

use std::ops::Range;

use alloy_primitives::Address;

use super::{file::ClassFile, spec::ClassSpec};
use crate::{network::Network, review::Review, text::Text};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Admin,
    Conserver,
    Freezer,
    Relayer,
    Settler,
    Attestor,
    GovOps,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Conserver => "conserver",
            Self::Freezer => "freezer",
            Self::Relayer => "relayer",
            Self::Settler => "settler",
            Self::Attestor => "attestor",
            Self::GovOps => "GovOps",
        }
    }
}

/// Pairs that must differ, and why.
const CONFLICTS: [(Role, Role, &str); 18] = [
    (Role::Settler, Role::Attestor, "who settles must not attest the value that is settled at"),
    (Role::Relayer, Role::Attestor, "who moves the assets must not attest them"),
    (Role::Freezer, Role::Relayer, "a freezer exists to stop the relayer"),
    (Role::Freezer, Role::Settler, "a freezer exists to stop the settler"),
    (Role::Relayer, Role::Settler, "one stolen key must not both move assets and settle"),
    (Role::Conserver, Role::Relayer, "the conserver takes over from the relayer"),
    (Role::Conserver, Role::Settler, "the conserver takes over from the settler"),
    (Role::Conserver, Role::Attestor, "the conserver rules on what attestors report"),
    (Role::Conserver, Role::Freezer, "who freezes must not be able to take over"),
    (Role::Conserver, Role::Admin, "the conserver steps in when governance does not"),
    (Role::Admin, Role::Relayer, "an operator must not be able to raise its own limits"),
    (Role::Admin, Role::Settler, "an operator must not be able to change the Unit's terms"),
    (Role::Admin, Role::Freezer, "who freezes must not be able to unfreeze"),
    (Role::Admin, Role::Attestor, "who attests must not choose the attestors"),
    (Role::Freezer, Role::GovOps, "who freezes must not be able to raise limits"),
    (Role::Attestor, Role::GovOps, "who raises limits must not attest what they let out"),
    (Role::Conserver, Role::GovOps, "the conserver takes over from those who ran the Class"),
    (Role::Settler, Role::GovOps, "one stolen key must not both raise limits and settle"),
];

/// A role of a Class has at most 16 members, so that a takeover can suspend them all; the guard and, until it is done,
/// the factory are admins too.
const MAX_FREEZERS: usize = 16;
const MAX_ADMINS: usize = MAX_FREEZERS - 2;

struct Seat {
    role: Role,
    address: Address,
    span: Range<usize>,
}

pub(super) fn check(file: &ClassFile, spec: &ClassSpec, network: &Network, review: &mut Review) {
    let seats = seats(file, spec);
    for (i, seat) in seats.iter().enumerate() {
        for earlier in seats.iter().take(i).filter(|s| s.address == seat.address) {
            conflict(earlier, seat, review);
        }
        place(seat, spec, network, review);
    }
    for (what, list, most) in [
        ("admin", &file.roles.admins, Some(MAX_ADMINS)),
        ("freezer", &file.roles.freezers, Some(MAX_FREEZERS)),
        ("attestor", &file.reporters.attestors, None),
    ] {
        if let Some(most) = most.filter(|most| list.get_ref().len() > *most) {
            review.error(
                list.span(),
                "too-many",
                format!(
                    "the Class has {} {what}s, and at most {most} can be",
                    list.get_ref().len()
                ),
                "a takeover suspends them one by one: name a multisig instead of its members",
            );
        }
        let is_made = what == "admin" && spec.halo.governance.is_some();
        if list.get_ref().is_empty() && is_made {
            review.note(
                list.span(),
                "unnamed-admin",
                "the Halo's SubProxy belongs here: `halo plan` tells its address",
            );
        } else if list.get_ref().is_empty() {
            review.error(
                list.span(),
                "missing-role",
                format!("the Class has no {what}"),
                format!("name at least one {what}"),
            );
        }
    }
}

fn seats(file: &ClassFile, spec: &ClassSpec) -> Vec<Seat> {
    let mut seats = Vec::new();
    let mut seat = |role, text: &dyn Text, address| {
        seats.push(Seat { role, address, span: text.span() });
    };
    let gov_ops = match (&file.configurator, &spec.configurator) {
        (Some(table), Some(rules)) => (table.gov_ops.get_ref().as_slice(), &rules.gov_ops[..]),
        _ => (&[][..], &[][..]),
    };
    for (text, address) in gov_ops.0.iter().zip(gov_ops.1) {
        seat(Role::GovOps, text, *address);
    }
    let lists = [
        (Role::Admin, file.roles.admins.get_ref(), &spec.admins),
        (Role::Freezer, file.roles.freezers.get_ref(), &spec.freezers),
        (Role::Attestor, file.reporters.attestors.get_ref(), &spec.attestors),
    ];
    for (role, texts, addresses) in lists {
        for (text, address) in texts.iter().zip(addresses) {
            seat(role, text, *address);
        }
    }
    seat(Role::Conserver, &file.roles.conserver, spec.conserver);
    seat(Role::Relayer, &file.roles.relayer, spec.relayer);
    seat(Role::Settler, &file.roles.settler, spec.settler);
    seats
}

fn conflict(a: &Seat, b: &Seat, review: &mut Review) {
    if a.role == b.role {
        review.error(
            b.span.clone(),
            "duplicate",
            format!("this {} is here twice", b.role.word()),
            "keep one of them",
        );
        return;
    }
    let pair = CONFLICTS
        .iter()
        .find(|(x, y, _)| (*x, *y) == (a.role, b.role) || (*y, *x) == (a.role, b.role));
    if let Some((_, _, why)) = pair {
        review.error(
            b.span.clone(),
            "conflicting-roles",
            format!("one address is {} and {}: {why}", a.role.word(), b.role.word()),
            "give one of the two to another address",
        );
    }
}

/// What an address that holds a role must not be besides.
fn place(seat: &Seat, spec: &ClassSpec, network: &Network, review: &mut Review) {
    let word = seat.role.word();
    if spec.units.iter().any(|u| u.entrants.contains(&seat.address)) {
        review.error(
            seat.span.clone(),
            "self-deal",
            format!("the {word} of the Class is also an entrant of one of its Units"),
            "a Class must not deal with itself: use another address",
        );
    }
    if spec.endpoints.iter().any(|e| e.address == seat.address) {
        review.error(
            seat.span.clone(),
            "conflicting-roles",
            format!("the {word} is also an endpoint that assets are sent to"),
            "use another address",
        );
    }
    if let Some(token) = network.tokens.iter().find(|t| t.address == seat.address) {
        review.error(
            seat.span.clone(),
            "token-as-role",
            format!(
                "the {word} is the contract of the token {}, which can do nothing",
                token.symbol
            ),
            "give the address that is to hold this",
        );
    }
    if network.deployer == Some(seat.address) {
        review.warn(
            seat.span.clone(),
            "deployer-holds-role",
            format!("the {word} is the network's deployer, which should hold nothing afterwards"),
            "use another address",
        );
    }
    if network.production && is_placeholder(seat.address) {
        review.error(
            seat.span.clone(),
            "placeholder",
            format!("the {word} is a placeholder, and {} is a production network", network.name),
            "give the address that is really to hold this",
        );
    }
}

/// Ten zero bytes do not happen to a real address; the examples' addresses have them.
pub(super) fn is_placeholder(address: Address) -> bool {
    address.iter().filter(|b| **b == 0).count() >= 10
}

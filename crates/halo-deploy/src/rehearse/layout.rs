//! What lies where in a contract's storage: from a slot to the variables in it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use alloy_primitives::{B256, Bytes, U256, keccak256};
use halo_templates::StorageVariable;
use serde::Deserialize;

/// Structs and namespaces of the frozen sources, which their layouts only name. `tests/layouts.rs` makes the table.
static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("structs.json")).unwrap_or_default());

/// The first slot of each namespace, its id, and the struct in it.
static NAMESPACES: LazyLock<Vec<(U256, String, Type)>> = LazyLock::new(|| {
    let all = TABLE.namespaces.iter();
    all.map(|(id, name)| (namespace(id), id.clone(), Type::Struct(name.clone()))).collect()
});

/// The farthest that an item of an array lies from its beginning, slots.
const FARTHEST: u64 = 1 << 32;
/// The deepest that mappings, arrays and structs lie in each other.
const DEEPEST: u8 = 12;

#[derive(Debug, Default, Deserialize)]
struct Table {
    /// The struct that stands in each ERC-7201 namespace.
    namespaces: BTreeMap<String, String>,
    structs: HashMap<String, Struct>,
}

#[derive(Debug, Deserialize)]
struct Struct {
    slots: u64,
    members: Vec<StorageVariable>,
}

/// A Solidity type, as far as storage goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Uint(u8),
    Int(u8),
    Bool,
    Address,
    Enum(String),
    /// So many bytes, left-aligned.
    Fixed(u8),
    Text,
    Data,
    Array(Box<Type>, Option<u64>),
    Mapping(Box<Type>, Box<Type>),
    Struct(String),
    /// The `n`th word of a long text or data.
    Word(u64),
}

impl Type {
    /// Reads a type as the compiler writes it in a storage layout.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::parse_at(text.trim(), 0)
    }

    fn parse_at(text: &str, depth: u8) -> Option<Self> {
        if depth > DEEPEST {
            return None;
        }
        let inner = |text: &str| Self::parse_at(text, depth + 1).map(Box::new);
        if let Some(rest) = text.strip_prefix("mapping(").and_then(|it| it.strip_suffix(')')) {
            let (key, value) = rest.split_once(" => ")?;
            return Some(Self::Mapping(inner(key)?, inner(value)?));
        }
        if let Some((item, length)) = text.strip_suffix(']').and_then(|it| it.rsplit_once('[')) {
            let length = if length.is_empty() { None } else { Some(length.parse().ok()?) };
            return Some(Self::Array(inner(item)?, length));
        }
        if let Some((word, name)) = text.split_once(' ') {
            return match word {
                "struct" => Some(Self::Struct(name.to_owned())),
                "enum" => Some(Self::Enum(name.to_owned())),
                "contract" => Some(Self::Address),
                "address" => Some(Self::Address),
                _ => None,
            };
        }
        let bits = |text: &str| Some(u8::try_from(text.parse::<u16>().ok()? / 8).unwrap_or(32));
        Some(match text {
            "bool" => Self::Bool,
            "address" => Self::Address,
            "string" => Self::Text,
            "bytes" => Self::Data,
            _ => match (
                text.strip_prefix("uint"),
                text.strip_prefix("int"),
                text.strip_prefix("bytes"),
            ) {
                (Some(size), ..) => Self::Uint(bits(size)?),
                (_, Some(size), _) => Self::Int(bits(size)?),
                (.., Some(size)) => Self::Fixed(size.parse().ok().filter(|it| *it <= 32)?),
                _ => return None,
            },
        })
    }

    /// Bytes of a value that shares its slot; `None` for what begins a slot of its own.
    pub(super) fn bytes(&self) -> Option<u8> {
        Some(match self {
            Self::Uint(size) | Self::Int(size) | Self::Fixed(size) => *size,
            Self::Bool | Self::Enum(_) => 1,
            Self::Address => 20,
            _ => return None,
        })
    }

    fn slots(&self) -> u64 {
        match self {
            Self::Struct(name) => TABLE.structs.get(name).map_or(1, |it| it.slots),
            Self::Array(item, Some(length)) => match item.per_slot() {
                Some(many) => length.div_ceil(many),
                None => length.saturating_mul(item.slots()),
            },
            _ => 1,
        }
    }

    /// How many share a slot, if any do.
    fn per_slot(&self) -> Option<u64> {
        self.bytes().map(|bytes| u64::from(32 / bytes.max(1)))
    }
}

/// A variable, or a part of one, in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// From the contract to the value, such as `_limits[0x…].maxAmount`.
    pub(super) path: Vec<Part>,
    pub(super) ty: Type,
    /// Bytes from the low end of the slot.
    pub(super) offset: u8,
}

impl Leaf {
    /// The bits of its slot that are its own.
    pub(super) fn mask(&self) -> U256 {
        match self.ty.bytes() {
            Some(bytes) if bytes < 32 => {
                let ones = (U256::ONE << (usize::from(bytes) * 8)) - U256::ONE;
                ones << (usize::from(self.offset) * 8)
            }
            _ => U256::MAX,
        }
    }

    /// Its own bits of the slot's word, moved to the low end.
    pub(super) fn of_word(&self, word: U256) -> U256 {
        (word & self.mask()) >> (usize::from(self.offset) * 8)
    }

    /// The last name in its path: what the value is called where it is declared.
    pub(super) fn name(&self) -> &str {
        let mut names = self.path.iter().rev().filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            _ => None,
        });
        names.next().unwrap_or_default()
    }
}

/// A part of a variable's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A variable or a member.
    Name(String),
    /// A key of a mapping, with its type.
    Key(Bytes, Type),
    /// A place in an array.
    Index(u64),
}

/// Where the variables of a contract lie.
#[derive(Clone, Debug)]
pub(super) struct Layout<'a> {
    variables: Vec<(u64, u8, String, Type)>,
    preimages: &'a BTreeMap<B256, Bytes>,
    /// Hashes of slots that the compiler knows, which are computed at no run.
    fixed: BTreeMap<B256, Bytes>,
}

impl<'a> Layout<'a> {
    /// The layout of a contract, with what was hashed while it ran.
    pub(super) fn new(variables: &[StorageVariable], preimages: &'a BTreeMap<B256, Bytes>) -> Self {
        let read = |one: &StorageVariable| {
            Some((one.slot.parse().ok()?, one.offset, one.label.clone(), Type::parse(&one.ty)?))
        };
        let variables: Vec<_> = variables.iter().filter_map(read).collect();
        let mut fixed = BTreeMap::new();
        for (slot, _, _, ty) in &variables {
            heads(ty, U256::from(*slot), 0, &mut fixed);
        }
        Self { variables, preimages, fixed }
    }

    /// The variables in a slot; empty when nothing explains it.
    pub(super) fn at(&self, slot: U256) -> Vec<Leaf> {
        self.at_depth(slot, 0)
    }

    fn at_depth(&self, slot: U256, depth: u8) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        if depth > DEEPEST {
            return leaves;
        }
        if let Ok(slot) = u64::try_from(slot) {
            for (from, offset, label, ty) in &self.variables {
                let path = vec![Part::Name(label.clone())];
                within(ty, path, *offset, slot.checked_sub(*from), &mut leaves);
            }
        }
        for (base, id, ty) in NAMESPACES.iter() {
            let path = vec![Part::Name(id.clone())];
            within(ty, path, 0, near(*base, slot), &mut leaves);
        }
        if leaves.is_empty() {
            self.hashed(slot, depth, &mut leaves);
        }
        leaves
    }

    /// What lies behind a hash: a mapping's value, an array's items, a long text.
    fn hashed(&self, slot: U256, depth: u8, leaves: &mut Vec<Leaf>) {
        let word = B256::from(slot);
        let before = |map: &'a BTreeMap<B256, Bytes>| map.range(..=word).next_back();
        let (noted, fixed) = (before(self.preimages), self.fixed.range(..=word).next_back());
        let Some((base, text)) = noted.into_iter().chain(fixed).max_by_key(|(base, _)| **base)
        else {
            return;
        };
        let Some(inside) = near((*base).into(), slot) else { return };
        let Some((key, parent)) = text.len().checked_sub(32).map(|at| text.split_at(at)) else {
            return;
        };
        for head in self.at_depth(U256::from_be_slice(parent), depth + 1) {
            let mut path = head.path;
            match head.ty {
                Type::Mapping(kind, value) if !key.is_empty() => {
                    path.push(Part::Key(Bytes::copy_from_slice(key), *kind));
                    within(&value, path, 0, Some(inside), leaves);
                }
                Type::Array(item, None) if key.is_empty() => {
                    items(&item, &path, inside, None, leaves);
                }
                Type::Text | Type::Data if key.is_empty() => {
                    leaves.push(Leaf { path, ty: Type::Word(inside), offset: 0 });
                }
                _ => {}
            }
        }
    }
}

/// The members of a struct, each with its first slot in it and its type.
fn members(of: &str) -> impl Iterator<Item = (u64, &'static StorageVariable, Type)> {
    let members = TABLE.structs.get(of).into_iter().flat_map(|it| &it.members);
    members.filter_map(|one| Some((one.slot.parse().ok()?, one, Type::parse(&one.ty)?)))
}

/// Notes what lies behind the arrays and texts that begin at a slot known beforehand.
fn heads(ty: &Type, slot: U256, depth: u8, fixed: &mut BTreeMap<B256, Bytes>) {
    match ty {
        Type::Array(_, None) | Type::Text | Type::Data => {
            let text = slot.to_be_bytes::<32>();
            fixed.insert(keccak256(text), text.to_vec().into());
        }
        Type::Struct(name) if depth <= DEEPEST => {
            for (from, _, ty) in members(name) {
                heads(&ty, slot.saturating_add(U256::from(from)), depth + 1, fixed);
            }
        }
        _ => {}
    }
}

/// How far `slot` lies behind `base`, if it is near.
fn near(base: U256, slot: U256) -> Option<u64> {
    u64::try_from(slot.checked_sub(base)?).ok().filter(|far| *far < FARTHEST)
}

/// The parts of a value of type `ty` that lie in its slot number `slot`.
fn within(ty: &Type, path: Vec<Part>, offset: u8, slot: Option<u64>, leaves: &mut Vec<Leaf>) {
    let Some(slot) = slot.filter(|slot| *slot < ty.slots()) else { return };
    if path.len() > usize::from(DEEPEST) {
        return;
    }
    match ty {
        Type::Struct(name) => {
            for (from, member, ty) in members(name) {
                let path = [&path[..], &[Part::Name(member.label.clone())]].concat();
                within(&ty, path, member.offset, slot.checked_sub(from), leaves);
            }
        }
        Type::Array(item, Some(length)) => items(item, &path, slot, Some(*length), leaves),
        _ => leaves.push(Leaf { path, ty: ty.clone(), offset }),
    }
}

/// The items of an array in its slot number `slot`.
fn items(item: &Type, path: &[Part], slot: u64, length: Option<u64>, leaves: &mut Vec<Leaf>) {
    let mut push = |index: u64, offset: u8, slot: u64| {
        if length.is_none_or(|length| index < length) {
            within(item, [path, &[Part::Index(index)]].concat(), offset, Some(slot), leaves);
        }
    };
    match (item.per_slot(), item.bytes()) {
        (Some(many), Some(bytes)) => {
            for (place, offset) in (0..many).zip((0..=32_u8).step_by(bytes.max(1).into())) {
                push(slot.saturating_mul(many).saturating_add(place), offset, 0);
            }
        }
        _ => push(slot / item.slots().max(1), 0, slot % item.slots().max(1)),
    }
}

/// The first slot of an ERC-7201 namespace.
fn namespace(id: &str) -> U256 {
    let inner = U256::from_be_bytes(keccak256(id).0).wrapping_sub(U256::ONE);
    let outer = U256::from_be_bytes(keccak256(inner.to_be_bytes::<32>()).0);
    outer & !U256::from(0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(slot: u64, offset: u8, label: &str, ty: &str) -> StorageVariable {
        StorageVariable { slot: slot.to_string(), offset, label: label.into(), ty: ty.into() }
    }

    #[test]
    fn a_namespace_begins_where_erc_7201_says() {
        let known = alloy_primitives::uint!(
            0x77adf60bdbfedf206f8b8310f3d364080b7f61dcc0e46caac13c29bb1eb5cc00_U256
        );
        assert_eq!(namespace("sky.pau.storage.SharedController"), known);
        assert!(TABLE.namespaces.contains_key("sky.pau.storage.SharedController"));
    }

    #[test]
    fn packed_variables_and_items_are_told_apart() {
        let none = BTreeMap::new();
        let layout = Layout::new(
            &[
                variable(0, 0, "a", "address"),
                variable(0, 20, "b", "bool"),
                variable(1, 0, "c", "uint64[6]"),
                variable(3, 0, "d", "struct Unknown"),
            ],
            &none,
        );
        let at = |slot: u64| {
            let leaves = layout.at(U256::from(slot));
            leaves.iter().map(|leaf| (leaf.path.len(), leaf.offset)).collect::<Vec<_>>()
        };
        assert_eq!(at(0), [(1, 0), (1, 20)]);
        assert_eq!(at(1), [(2, 0), (2, 8), (2, 16), (2, 24)]);
        assert_eq!(at(2), [(2, 0), (2, 8)]);
        assert_eq!(at(3), []);
        assert_eq!(at(4), []);
    }

    #[test]
    fn hashes_lead_back_to_mappings_arrays_and_long_texts() {
        let mut hashed = BTreeMap::new();
        let mut hash = |text: Vec<u8>| {
            let hash = keccak256(&text);
            hashed.insert(hash, Bytes::from(text));
            U256::from_be_bytes(hash.0)
        };
        let key = [7_u8; 32];
        let outer = hash([&key[..], &U256::from(5).to_be_bytes::<32>()].concat());
        let inner = hash([&key[..], &outer.to_be_bytes::<32>()].concat());
        let list = hash(inner.to_be_bytes::<32>().to_vec());
        let text = hash(U256::from(6).to_be_bytes::<32>().to_vec());
        let layout = Layout::new(
            &[
                variable(5, 0, "m", "mapping(bytes32 => mapping(bytes32 => uint256[]))"),
                variable(6, 0, "t", "string"),
            ],
            &hashed,
        );
        let leaf = &layout.at(list + U256::from(3))[0];
        assert_eq!((leaf.path.len(), &leaf.path[3]), (4, &Part::Index(3)));
        assert_eq!(layout.at(text + U256::ONE)[0].ty, Type::Word(1));
        assert!(layout.at(list - U256::ONE).is_empty());
    }
}

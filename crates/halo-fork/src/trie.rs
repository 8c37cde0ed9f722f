//! Looking up a key in a Merkle–Patricia trie of which only some nodes are there.
//!
//! Nodes are kept by the keccak-256 of their bytes, computed here, and decoded once. A lookup starts from a root that is
//! trusted: what it finds is proved, present or absent. A node that is not there is a fault.

use alloy_primitives::{
    B256, Bytes, keccak256,
    map::{B256Map, B256Set},
};
use alloy_rlp::Decodable;
use alloy_trie::{
    EMPTY_ROOT_HASH, Nibbles,
    nodes::{RlpNode, TrieNode},
};
use std::borrow::Cow;

/// Nodes by hash; or why one is damaged, which is a fault when it is come upon.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes(B256Map<Result<TrieNode, String>>);

/// Why a lookup has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TrieFault {
    #[error("the trie node {0} on its path is not there")]
    Missing(B256),
    #[error("the trie node {0} on its path is damaged: {1}")]
    Malformed(B256, String),
}

/// A node and what it is known by: its own hash, or that of the node which it is written into.
struct Found<'a> {
    within: B256,
    node: Cow<'a, TrieNode>,
}

impl Nodes {
    pub(crate) fn new(nodes: impl IntoIterator<Item = Bytes>) -> Self {
        Self(nodes.into_iter().map(|node| (keccak256(&node), decode(&node))).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains(&self, hash: B256) -> bool {
        self.0.contains_key(&hash)
    }

    pub(crate) fn hashes(&self) -> impl Iterator<Item = &B256> {
        self.0.keys()
    }

    /// The value under `key`, which is hashed already; `None` when it is proved absent.
    pub(crate) fn get(&self, root: B256, key: B256) -> Result<Option<Vec<u8>>, TrieFault> {
        if root == EMPTY_ROOT_HASH {
            return Ok(None);
        }
        let path = Nibbles::unpack(key);
        let mut depth = 0;
        let mut found = self.fetch(root)?;
        loop {
            let rest = path.slice(depth..);
            let child = match &*found.node {
                TrieNode::EmptyRoot => return Ok(None),
                TrieNode::Leaf(leaf) => {
                    return Ok((leaf.key == rest).then(|| leaf.value.clone()));
                }
                TrieNode::Extension(extension) => {
                    if !rest.starts_with(&extension.key) {
                        return Ok(None);
                    }
                    depth += extension.key.len();
                    extension.child.clone()
                }
                TrieNode::Branch(branch) => {
                    let Some(nibble) = rest.first() else {
                        return Err(too_deep(found.within));
                    };
                    let Some(child) = child_at(branch, nibble) else { return Ok(None) };
                    depth += 1;
                    child
                }
            };
            found = self.resolve(&child, found.within)?;
        }
    }

    /// Every leaf that can be reached from `root`, with its key, and the hash of every node on the way. Subtrees that
    /// are not there are counted, not followed.
    pub(crate) fn walk(&self, root: B256) -> Result<Walk, TrieFault> {
        let mut walk = Walk::default();
        if root == EMPTY_ROOT_HASH {
            return Ok(walk);
        }
        walk.reached.insert(root);
        let mut open = vec![(Nibbles::new(), self.fetch(root)?)];
        while let Some((path, found)) = open.pop() {
            let mut children: Vec<(Nibbles, RlpNode)> = Vec::new();
            // A path has 64 nibbles. A node may lie, and `Nibbles` cannot hold more.
            let room = 64 - path.len();
            match &*found.node {
                TrieNode::EmptyRoot => {}
                TrieNode::Leaf(leaf) => {
                    if leaf.key.len() != room {
                        return Err(too_deep(found.within));
                    }
                    let full = path.join(&leaf.key);
                    walk.leaves.push((B256::from_slice(&full.pack()), leaf.value.clone()));
                }
                TrieNode::Extension(extension) => {
                    if extension.key.len() > room {
                        return Err(too_deep(found.within));
                    }
                    children.push((path.join(&extension.key), extension.child.clone()));
                }
                TrieNode::Branch(branch) => {
                    if room == 0 {
                        return Err(too_deep(found.within));
                    }
                    for nibble in 0..16 {
                        if let Some(child) = child_at(branch, nibble) {
                            let mut path = path;
                            path.push(nibble);
                            children.push((path, child));
                        }
                    }
                }
            }
            for (path, child) in children {
                if let Some(hash) = child.as_hash() {
                    if !self.0.contains_key(&hash) {
                        walk.unknown += 1;
                        continue;
                    }
                    // Keys are hashes, so no two subtrees are alike; a few nodes could otherwise claim to be 16^60.
                    if !walk.reached.insert(hash) {
                        let fault = "it hangs in two places".to_owned();
                        return Err(TrieFault::Malformed(hash, fault));
                    }
                }
                open.push((path, self.resolve(&child, found.within)?));
            }
        }
        Ok(walk)
    }

    fn resolve(&self, child: &RlpNode, within: B256) -> Result<Found<'_>, TrieFault> {
        if let Some(hash) = child.as_hash() {
            return self.fetch(hash);
        }
        let node = decode(child).map_err(|fault| TrieFault::Malformed(within, fault))?;
        Ok(Found { within, node: Cow::Owned(node) })
    }

    fn fetch(&self, hash: B256) -> Result<Found<'_>, TrieFault> {
        match self.0.get(&hash).ok_or(TrieFault::Missing(hash))? {
            Ok(node) => Ok(Found { within: hash, node: Cow::Borrowed(node) }),
            Err(fault) => Err(TrieFault::Malformed(hash, fault.clone())),
        }
    }
}

/// What [`Nodes::walk`] found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) leaves: Vec<(B256, Vec<u8>)>,
    pub(crate) reached: B256Set,
    pub(crate) unknown: usize,
}

fn decode(mut bytes: &[u8]) -> Result<TrieNode, String> {
    let node = TrieNode::decode(&mut bytes).map_err(|fault| fault.to_string())?;
    match bytes.len() {
        0 => Ok(node),
        more => Err(format!("{more} bytes too many")),
    }
}

fn child_at(branch: &alloy_trie::nodes::BranchNode, nibble: u8) -> Option<RlpNode> {
    if !branch.state_mask.is_bit_set(nibble) {
        return None;
    }
    let before = (0..nibble).filter(|nibble| branch.state_mask.is_bit_set(*nibble)).count();
    branch.stack.get(before).cloned()
}

fn too_deep(within: B256) -> TrieFault {
    TrieFault::Malformed(within, "a path does not have 64 nibbles".to_owned())
}

//! What a node's refusal means, and what to do.

/// Words of the nodes in use, in small letters, and what they come down to.
const MEANINGS: &[(&[&str], &str)] = &[
    (
        &["missing trie node", "pruned", "archive", "historical state", "state not available"],
        "the node does not keep the state of this block: use an archive node or a later block",
    ),
    (
        &["-32601", "method not found", "does not exist", "not supported", "unsupported method"],
        "the node does not offer this method: use another one",
    ),
    (
        &["header not found", "unknown block", "block not found"],
        "the node does not know the block: it is behind, or the block was reorganised away",
    ),
    (
        &["429", "too many requests", "rate limit", "compute units"],
        "the node lets through only so much: wait, or use one with a key of your own",
    ),
    (
        &["timed out", "timeout", "operation timed out"],
        "the node did not answer in time, though it was asked again",
    ),
    (&["401", "403", "unauthorized", "forbidden"], "the node wants a key, or another one"),
];

/// The node's own words, and behind them what they mean.
pub(super) fn explain(fault: &str) -> String {
    let lower = fault.to_lowercase();
    let known = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match MEANINGS.iter().find(|(words, _)| known(words)) {
        Some((_, advice)) => format!("{fault}; {advice}"),
        None => fault.to_owned(),
    }
}

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
        &["error 429", "code 429", "too many requests", "rate limit", "compute units"],
        "the node lets through only so much: wait, or use one with a key of your own",
    ),
    (&["timed out", "timeout"], "the node did not answer in time, though it was asked again"),
    (
        &["error 401", "code 401", "error 403", "code 403", "unauthorized", "forbidden"],
        "the node wants a key, or another one",
    ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_and_the_same_digits_in_an_address_are_none() {
        let status = |code| format!("HTTP error {code} with body: no");
        assert!(explain(&status(401)).contains("wants a key"));
        assert!(explain(&status(403)).contains("wants a key"));
        assert!(explain("error code 429: slower").contains("lets through only so much"));
        for digits in ["401", "403", "429"] {
            let fault = format!("failed to get account for 0x{digits}0aa: connection reset");
            assert_eq!(explain(&fault), fault);
        }
    }
}

//! The Atlas's own wording of rate limits, where the file is there.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::path::Path;

use halo_evidence::wording::{Row, read_rows};

#[test]
fn rows_of_the_atlas_are_understood_or_listed_with_the_reason() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/atlas_rate_limits.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("did not run: {} is not there", path.display());
        return;
    };
    let rows: Vec<Row> = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.len(), 218);
    let reading = read_rows(&rows);
    assert_eq!(reading.understood + reading.rest.len(), rows.len());
    let count = |why: &str| reading.rest.iter().filter(|one| one.why.contains(why)).count();
    let later = count("left to a later text");
    let silent = count("states no maxAmount");
    // "100,000,00 USDC", of Spark's Morpho vault on Base: a digit is missing, and nobody can say which number was meant.
    let broken = count("is no number");
    eprintln!(
        "{} of 218 are understood, {} of them name no token; {later} come later, {silent} say nothing, {broken} is broken",
        reading.understood, reading.without_token
    );
    for one in &reading.rest {
        eprintln!(
            "  {} | {} | {} | {} | {}",
            one.agent, one.instance, one.field, one.text, one.why
        );
    }
    assert_eq!((reading.understood, later, silent, broken), (198, 17, 2, 1));
}

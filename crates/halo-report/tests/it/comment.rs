//! The comment.

use halo_report::comment;

use crate::sample;

#[test]
fn it_says_the_most_important() {
    let text = comment(&sample::run()).unwrap();
    for words in [
        "### ❌ Thirty days of ramp with a loss of 15 %",
        "**Does not hold.** 1 of 2 expectations failed",
        "| Settled on the first day | **150.00 M USDS** |",
        r#"| max\_unfilled &lt;= \"1\_000\_000 USDS\" | **failed** |"#,
        "<summary>What led to the first failure</summary>",
        "| spark | bills/bills | deposit limit | 29 | 4.12 |",
        "Conserved to the wei",
    ] {
        assert!(text.contains(words), "no `{words}` in:\n{text}");
    }
    let held = comment(&sample::held()).unwrap();
    assert!(held.starts_with("### ✅") && held.contains("**Holds.**"));
    assert!(!held.contains("What led to"));
}

#[test]
fn names_are_text() {
    let mut run = sample::hostile();
    run.words.push("see [here](https://evil.example) or www.evil.example, @owner #1".to_owned());
    let text = comment(&run).unwrap();
    for word in ["<script", "<img", "@everyone", "@owner", "://", "www.e", "](", "\n# x", " #1"] {
        assert!(!text.contains(word), "{word:?} in:\n{text}");
    }
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let ends = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        assert!([4, 6].contains(&ends), "a name ends its cell: {line}");
    }
}

#[test]
fn it_fits_into_a_comment() {
    let mut run = sample::hostile();
    let many = |n: usize| "@x".repeat(n);
    run.words = (0..1_000).map(|_| many(100)).collect();
    run.bindings = vec![run.bindings[0].clone(); 10_000];
    run.expectations = vec![run.expectations[1].clone(); 1_000];
    for row in &mut run.expectations {
        (row.text, row.found) = (many(10_000), many(10_000));
    }
    let text = comment(&run).unwrap();
    assert!(text.chars().count() < 65_536, "{} letters", text.chars().count());
    assert!(text.contains("9985 more are in the report."));
    comment(&sample::empty()).unwrap();
    comment(&sample::absurd()).unwrap();
}

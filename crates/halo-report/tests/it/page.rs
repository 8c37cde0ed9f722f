//! The page as text.

use alloy_primitives::B256;
use halo_report::{Error, Outcome, page, read};
use halo_sim::sweep::{Identity, METRICS, SWEEP_SCHEMA, Sweep, SweepRow};

use crate::sample::{self, EVIL, usd};

/// How often one text is in another.
fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn every_chart_has_its_data_and_its_words() {
    let page = page(&sample::run(), &[]).unwrap();
    for id in ["inflow", "limits", "queue", "rate", "cover", "waterfall", "lorenz"] {
        let (_, figure) =
            page.split_once(&format!("<figure id=\"{id}\">")).unwrap_or_else(|| panic!("no {id}"));
        let (figure, _) = figure.split_once("</figure>").unwrap();
        assert!(figure.contains("<svg"), "{id} is not drawn");
        assert!(count(figure, "<tr>") > 1, "{id} has no data");
        assert!(figure.contains("role=\"img\" aria-label=\""), "{id} has no alternative text");
        assert!(
            !figure.contains("NaN") && !figure.contains("inf\""),
            "{id} has no place for something"
        );
    }
    // 40 requests at 40 moments, thirty days, twenty limits, five Primes.
    for (id, rows) in [
        ("inflow", 40),
        ("queue", 30),
        ("rate", 30),
        ("cover", 30),
        ("limits", 20),
        ("waterfall", 2),
        ("lorenz", 5),
    ] {
        let (_, figure) = page.split_once(&format!("<figure id=\"{id}\">")).unwrap();
        let (figure, _) = figure.split_once("</figure>").unwrap();
        assert_eq!(count(figure, "<tr>") - 1, rows, "{id}");
    }
}

#[test]
fn it_says_what_the_run_says() {
    let run = sample::run();
    let page = page(&run, &[]).unwrap();
    for words in [
        "Thirty days of ramp with a loss of 15 %",
        "30 days from 2026-07-01 00:00 UTC",
        "Does not hold.",
        "1 of 2 expectations failed; first: max_unfilled",
        "150.00 M USDS",
        "871,000,000.000000000000000001",
        "Conserved to the wei.",
        "120 checks of 2 invariants, after every one of 60 settlements.",
        "deposit limit",
        "4.12",
        "18,243,511",
        "refused by the chain",
        "Gini coefficient 0.0512",
        "What streams earned",
        "velocity (3)",
        "−1,000,000",
        "1,200,000",
    ] {
        assert!(page.contains(words), "the page does not say: {words}");
    }
    for words in &run.words {
        assert!(page.contains(&words.replace('\'', "&#x27;").replace('/', "&#x2f;")), "{words}");
    }
}

/// Each figure worked out from the rows of the sample by hand.
#[test]
fn the_figures_of_the_charts_are_those_of_the_rows() {
    let page = page(&sample::run(), &[]).unwrap();
    for figure in [
        "keel <b>38.50 M USDS</b>",
        "keel · debt ceiling",
        "settled so far <b>765.00 M USDS</b>",
        "waiting at the end of the day <b>6.00 M USDS</b>",
        "paid to redeemers so far <b>57.60 M USDS</b>",
        "At most 93.00 M USDS waited at the end of a day.",
        "clo&#x2f;junior <b>0.304060</b>",
        "clo&#x2f;senior <b>7.06 %</b>",
        "value of the Class <b>170.00 M USDS</b>",
        "lost <b>30.00 M USDS</b>",
        "−30.00",
        "clo on day 18: the lowest tranche takes the loss first.",
    ] {
        assert!(page.contains(figure), "the page does not show: {figure}");
    }
    let first = halo_report::page(&sample::day1(), &[]).unwrap();
    for figure in [
        "lock <b>36.00 M USDS</b>",
        "settled <b>24.00 M USDS</b>",
        "left waiting <b>93.00 M USDS</b>",
    ] {
        assert!(first.contains(figure), "the page of one day does not show: {figure}");
    }
}

/// All that asked at once: the axis is an hour long, and its marks differ.
#[test]
fn a_single_moment_has_an_axis() {
    let mut run = sample::run();
    run.inflow.iter_mut().for_each(|row| row.at = run.started_at);
    let page = page(&run, &[]).unwrap();
    let (_, figure) = page.split_once("<figure id=\"inflow\">").unwrap();
    let (figure, _) = figure.split_once("</svg>").unwrap();
    for mark in ["\n0.2\n", "\n0.4\n", "\n1.0\n"] {
        assert!(figure.contains(mark), "no mark at {mark:?}: {figure}");
    }
}

#[test]
fn what_does_not_hold_is_not_said_to_hold() {
    let verdict = |run: &halo_sim::run::Run| {
        let page = page(run, &[]).unwrap();
        (
            page.contains("✓ Holds."),
            page.contains("✗ Does not hold."),
            page.contains("✗ Not conserved."),
        )
    };
    let held = sample::held();
    assert_eq!(verdict(&held), (true, false, false));
    assert_eq!(verdict(&sample::run()), (false, true, false));
    let mut leaks = held.clone();
    leaks.conservation.holds = false;
    assert_eq!(verdict(&leaks), (false, true, true));
    assert!(page(&leaks, &[]).unwrap().contains("Money is missing"));
    let mut broken = held;
    broken.invariants.broken = sample::hostile().invariants.broken;
    assert_eq!(verdict(&broken), (false, true, false));
}

#[test]
fn it_asks_the_network_for_nothing() {
    for run in [sample::run(), sample::day1(), sample::empty()] {
        let page = page(&run, &[]).unwrap();
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'"));
        let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        for word in
            ["http:", "https:", "url(", "@import", "<script", "<link", "<img", "<iframe", "src="]
        {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn names_are_text() {
    let page = page(&sample::hostile(), &[]).unwrap();
    for word in ["<script", "<img", "</title><", "onerror=alert(1)>\""] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(count(&page, "&lt;script&gt;") > 20, "the names are shown");
    assert_eq!(count(&page, "<title>"), 1);
    assert!(EVIL.contains("<script>"));
}

#[test]
fn the_histogram_is_there_for_a_sweep_alone() {
    let run = sample::run();
    let one = Outcome::from(&run);
    for alone in [&[][..], &[one]] {
        assert!(!page(&run, alone).unwrap().contains("sweep-inflow"));
    }
    let sweep: Vec<_> = (0..100)
        .map(|seed| Outcome {
            seed,
            day1_inflow: usd(100_000_000 + seed * seed * 9_000),
            holds: seed % 4 > 0,
            ..one
        })
        .collect();
    let page = page(&run, &sweep).unwrap();
    let (_, figure) = page.split_once("<figure id=\"sweep-inflow\">").unwrap();
    let (figure, _) = figure.split_once("</figure>").unwrap();
    assert_eq!(count(figure, "<tr>") - 1, 10, "a row for each column");
    assert!(page.contains("75 of 100 runs of the sweep hold."));
}

#[test]
fn nothing_and_too_much_are_pages_too() {
    let empty = page(&sample::empty(), &[]).unwrap();
    assert!(!empty.contains("<figure"));
    assert!(empty.contains("This run has nothing to draw for: Inflow over the first day, "));
    let absurd = page(&sample::absurd(), &[]).unwrap();
    assert!(absurd.contains("<figure id=\"rate\""));
    assert!(!absurd.contains("NaN"));
}

#[test]
fn ten_thousand_primes_are_a_page_that_can_be_read() {
    let mut run = sample::run();
    let prime = run.primes[0].clone();
    run.primes = (0..10_000)
        .map(|at| halo_sim::run::PrimeInfo { slug: format!("prime-{at}"), ..prime.clone() })
        .collect();
    let row = run.inflow[0].clone();
    run.inflow = (0..10_000)
        .map(|at| halo_sim::run::Inflow { prime: at, at: row.at + at as u64, ..row.clone() })
        .collect();
    let row = run.limits[0].clone();
    run.limits =
        (0..40_000).map(|at| halo_sim::run::LimitUse { prime: at / 4, ..row.clone() }).collect();
    let page = page(&run, &[]).unwrap();
    assert!(page.contains("9994 others"));
    assert!(page.contains("more rows are in the run's own document"), "what is left out is said");
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
}

#[test]
fn the_same_run_is_the_same_page() {
    assert_eq!(page(&sample::run(), &[]).unwrap(), page(&sample::run(), &[]).unwrap());
}

#[test]
fn a_run_is_read_back_and_nothing_else_is() {
    let run = sample::run();
    let text = serde_json::to_string(&run).unwrap();
    assert_eq!(read(&text).unwrap(), run);
    let other = text.replacen("halo-run/1", "halo-run/2\u{1b}[2J", 1).replace('\u{1b}', "\\u001b");
    let Err(Error::OtherSchema { found, .. }) = read(&other) else {
        panic!("another version is read")
    };
    assert_eq!(found, "halo-run/2[2J", "no control characters");
    for wrong in [
        "",
        "{",
        "[]",
        "null",
        "{\"schema\": \"halo-run/1\"}",
        &text.replacen("\"seed\":7", "\"seed\":-7", 1),
    ] {
        assert!(matches!(read(wrong), Err(Error::Malformed { .. })), "{wrong:.40}");
    }
}

#[test]
fn a_sweep_gives_the_outcomes_of_its_first_variant() {
    let row = |number: usize, variant: &str| SweepRow {
        number,
        variant: variant.to_owned(),
        seed: number as u64,
        metrics: METRICS.map(|name| match name {
            "day1_inflow" => number as u64 * 1_000_000,
            "max_unfilled" => 7,
            _ => 0,
        }),
        holds: true,
        failed: None,
    };
    let identity =
        Identity { scenario: "x".to_owned(), digest: B256::ZERO, seeds: Some((0, 1)), of: 4 };
    let sweep = Sweep {
        schema: SWEEP_SCHEMA,
        identity,
        shard: None,
        rows: vec![row(0, "a=1"), row(1, "a=1"), row(2, "a=2")],
        stats: Vec::new(),
        paired: Vec::new(),
    };
    let sweep = Outcome::of_sweep(&sweep);
    assert_eq!(sweep.len(), 2);
    assert_eq!(
        (sweep[1].seed, sweep[1].day1_inflow, sweep[1].max_unfilled),
        (1, usd(1_000_000), usd(7))
    );
    assert!(page(&sample::run(), &sweep).unwrap().contains("2 of 2 runs of the sweep hold."));
}

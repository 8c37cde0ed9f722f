//! The summary of a run for a pull request: Markdown in which whatever comes from a file is text.

use halo_sim::run::Run;
use minijinja::{
    AutoEscape, Output, State,
    value::{Serde, Value},
};
use serde::Serialize;

use crate::{Result, engine::engine, money, names, words};

const FILES: &[(&str, &str)] = &[("comment.md", include_str!("../page/comment.md"))];

/// Rows of each table; a comment has room for 65,536 letters.
const ROWS: usize = 15;
/// Letters of each text.
const LETTERS: usize = 300;

#[derive(Serialize)]
struct Comment<'a> {
    scenario: &'a str,
    holds: bool,
    verdict: String,
    words: &'a [String],
    figures: Vec<[String; 3]>,
    expectations: Vec<Expected<'a>>,
    expectations_left: usize,
    trace: Vec<Step<'a>>,
    bindings: Vec<Binding>,
    bindings_left: usize,
    conserved: bool,
    sum: String,
    invariants: String,
    gini: String,
    seed: u64,
    days: u32,
}

#[derive(Serialize)]
struct Expected<'a> {
    text: &'a str,
    holds: bool,
    found: &'a str,
}

#[derive(Serialize)]
struct Step<'a> {
    day: String,
    who: &'a str,
    what: &'a str,
}

#[derive(Serialize)]
struct Binding {
    who: String,
    unit: String,
    by: &'static str,
    days: u32,
    price: String,
}

/// The summary of a run in Markdown, short enough for a comment.
///
/// # Errors
/// None that a run could cause: a template that is wrong.
pub fn comment(run: &Run) -> Result<String> {
    let trace = run.first_failure().map(|row| row.trace.as_slice()).unwrap_or_default();
    let bindings = run.bindings.iter().take(ROWS).map(|row| Binding {
        who: row.prime.map_or_else(|| "settlement".to_owned(), |prime| names::prime(run, prime)),
        unit: names::unit_or_all(run, row.unit),
        by: row.by.label(),
        days: row.days,
        price: words::percent_of_ppm(row.price_ppm),
    });
    let expectations = run.expectations.iter().take(ROWS);
    let comment = Comment {
        scenario: &run.scenario,
        holds: run.holds(),
        verdict: words::verdict(run),
        words: run.words.get(..ROWS).unwrap_or(&run.words),
        figures: words::figures(run),
        expectations: expectations
            .map(|row| Expected { text: &row.text, holds: row.holds, found: &row.found })
            .collect(),
        expectations_left: run.expectations.len().saturating_sub(ROWS),
        // The end of it is what decided.
        trace: trace
            .iter()
            .skip(trace.len().saturating_sub(ROWS))
            .map(|row| Step { day: names::day(row.day), who: &row.who, what: &row.what })
            .collect(),
        bindings: bindings.collect(),
        bindings_left: run.bindings.len().saturating_sub(ROWS),
        conserved: run.conservation.holds,
        sum: money::short(run.conservation.sum),
        invariants: words::invariants(run),
        gini: words::gini(run),
        seed: run.seed,
        days: run.days,
    };
    let mut engine = engine(FILES, |_| AutoEscape::Custom("markdown".into()))?;
    engine.set_formatter(write_escaped);
    let text = engine.get_template("comment.md")?.render(Value::from(Serde(comment)))?;
    Ok(text.trim_end().to_owned() + "\n")
}

fn write_escaped(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) => out.write_str(&escaped(text))?,
        None => write!(out, "{value}")?,
    }
    Ok(())
}

/// Text that Markdown shows as it is: no markup, no cell's end, no new line, nobody notified, no link. What is too long is
/// cut.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().min(LETTERS));
    let mut letters = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let before = safe.len();
        match c {
            // A space of no width behind them: no mention, no link.
            '@' => safe.extend([c, '\u{200b}']),
            ':' if next == '/' => safe.extend([c, '\u{200b}']),
            '.' if next.is_alphabetic() => safe.extend([c, '\u{200b}']),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~'
            | '"' => {
                safe.extend(['\\', c]);
            }
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => safe.push(' '),
            c => safe.push(c),
        }
        letters += safe[before..].chars().count();
        if letters > LETTERS {
            safe.truncate(before);
            safe.push('…');
            break;
        }
    }
    safe
}

//! A run as files for other programs: CSV tables and JUnit XML.

use std::fmt::Write;

use crate::run::Run;

/// The tables of a run: the name of each file and its text (RFC 4180). Money is dollars of 18 decimals.
pub fn csv(run: &Run) -> Vec<(&'static str, String)> {
    let unit = |place: usize| run.units.get(place).map_or("", |unit| unit.slug.as_str()).to_owned();
    let prime =
        |place: usize| run.primes.get(place).map_or("", |prime| prime.slug.as_str()).to_owned();
    let units = run.unit_days.iter().map(|row| {
        vec![
            row.day.to_string(),
            unit(row.unit),
            row.queued.to_string(),
            row.settled.to_string(),
            row.left.to_string(),
            row.redeeming.to_string(),
            row.redeemed.to_string(),
            row.exchange_rate.to_string(),
            row.value.to_string(),
            row.cover_bps.map_or_else(String::new, |bps| bps.to_string()),
            row.nav.to_string(),
            row.liquid.to_string(),
            row.deployed.to_string(),
            row.bound.to_string(),
            row.state.clone(),
        ]
    });
    let primes = run.prime_days.iter().map(|row| {
        vec![
            row.day.to_string(),
            prime(row.prime),
            unit(row.unit),
            row.wanted.to_string(),
            row.queued.to_string(),
            row.settled.to_string(),
            row.left.to_string(),
            row.redeeming.to_string(),
            row.redeemed.to_string(),
            row.shares.to_string(),
            row.value.to_string(),
            row.bound.to_string(),
        ]
    });
    let settlements = run.settlements.iter().map(|row| {
        vec![
            row.day.to_string(),
            unit(row.unit),
            row.at.to_string(),
            row.epoch.to_string(),
            row.input.subscribe_total.to_string(),
            row.input.redeem_total.to_string(),
            row.input.index.to_string(),
            row.outcome.netted.to_string(),
            row.outcome.subscribe_extra.to_string(),
            row.outcome.shares_minted.to_string(),
            row.outcome.redeem_extra.to_string(),
            row.outcome.shares_burned.to_string(),
            row.bound().to_string(),
        ]
    });
    let incidents = run.incidents.iter().map(|row| {
        vec![
            row.day.to_string(),
            row.at.to_string(),
            row.kind.clone(),
            row.who.clone(),
            row.what.clone(),
            row.refused.map_or_else(String::new, |refused| refused.to_string()),
        ]
    });
    vec![
        (
            "units.csv",
            table(
                "day,unit,queued,settled,left,redeeming,redeemed,exchange_rate,value,cover_bps,nav,liquid,deployed,bound,state",
                units,
            ),
        ),
        (
            "primes.csv",
            table(
                "day,prime,unit,wanted,queued,settled,left,redeeming,redeemed,shares,value,bound",
                primes,
            ),
        ),
        (
            "settlements.csv",
            table(
                "day,unit,at,epoch,subscribe_total,redeem_total,index,netted,subscribe_extra,shares_minted,redeem_extra,shares_burned,bound",
                settlements,
            ),
        ),
        ("incidents.csv", table("day,at,kind,who,what,refused", incidents)),
    ]
}

fn table(head: &str, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("{head}\r\n");
    for row in rows {
        let fields: Vec<_> = row.iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A run as a test suite: a case for each expectation, for the invariants and for the conservation of money.
pub fn junit(run: &Run) -> String {
    let mut cases: Vec<(String, Option<String>)> = run
        .expectations
        .iter()
        .map(|row| {
            let trace = row.trace.iter().fold(String::new(), |mut text, line| {
                let _ = write!(text, "\nday {} {}: {}", line.day + 1, line.who, line.what);
                text
            });
            (row.text.clone(), (!row.holds).then(|| format!("found {}{trace}", row.found)))
        })
        .collect();
    let broken = run.invariants.broken.first();
    let broken = broken.map(|row| format!("{} on day {}: {}", row.name, row.day + 1, row.found));
    cases.push(("invariants hold after settlements".to_owned(), broken));
    let money = (!run.conservation.holds).then(|| "money is missing".to_owned());
    cases.push(("money is conserved to the wei".to_owned(), money));
    let failures = cases.iter().filter(|(_, failure)| failure.is_some()).count();
    let name = escaped(&run.scenario);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\">\n",
        cases.len()
    );
    for (case, failure) in &cases {
        let case = escaped(case);
        let _ = match failure {
            None => writeln!(xml, "    <testcase classname=\"{name}\" name=\"{case}\"/>"),
            Some(why) => writeln!(
                xml,
                "    <testcase classname=\"{name}\" name=\"{case}\"><failure>{}</failure></testcase>",
                escaped(why)
            ),
        };
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write other control characters.
            c if c.is_control() && c != '\n' => out.push('?'),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_text_are_quoted() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(escaped("a<b> & \"c\"\u{1b}"), "a&lt;b&gt; &amp; &quot;c&quot;?");
    }
}

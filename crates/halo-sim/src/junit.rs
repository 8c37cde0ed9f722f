//! A run as JUnit XML.

use std::fmt::Write;

use crate::run::Run;

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
    fn text_is_escaped() {
        assert_eq!(escaped("a<b> & \"c\"\u{1b}"), "a&lt;b&gt; &amp; &quot;c&quot;?");
    }
}

//! Changes to the text of a scenario: `capacity.subscribe = 50_000_000 asset`, `primes.spark.appetite = …`.

use toml::{Table, Value};

use crate::{quantity::ValueError, source::clip};

/// The text of a scenario with the value at `path` replaced. A table of a list is named by its `prime`, `slug`, `kind`,
/// or the file stem of its `spec`, or by its place counted from 0. What is no TOML value is taken for text.
///
/// # Errors
/// The text is no TOML, or there is nothing at `path`.
pub fn set(text: &str, path: &str, value: &str) -> Result<String, ValueError> {
    let nothing = |part: &str| {
        let said = format!("there is nothing called `{}` in the scenario", clip(part));
        ValueError::new(
            "unknown-name",
            said,
            "name a key as in primes.spark.appetite or capacity.subscribe",
        )
    };
    let root: Table = text.parse().map_err(|error: toml::de::Error| {
        ValueError::new("not-toml", error.message(), "mend the file first")
    })?;
    let said = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    let said = said.unwrap_or_else(|| Value::String(value.to_owned()));
    let parts: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
    let Some((key, parents)) = parts.split_last() else { return Err(nothing(path)) };
    let mut whole = Value::Table(root);
    let table = walk(&mut whole, parents).map_err(nothing)?;
    let table = table.as_table_mut().ok_or_else(|| nothing(key))?;
    table.insert((*key).to_owned(), said);
    Ok(table_of(whole).to_string())
}

/// What is at the end of `parts`, or the part that is not there.
fn walk<'v, 'p>(at: &'v mut Value, parts: &[&'p str]) -> Result<&'v mut Value, &'p str> {
    let Some((part, rest)) = parts.split_first() else { return Ok(at) };
    let next = match at {
        Value::Table(table) => table.get_mut(*part),
        Value::Array(items) => {
            let place = part.parse::<usize>().ok().filter(|place| *place < items.len());
            let place = place.or_else(|| items.iter().position(|item| is_called(item, part)));
            place.and_then(|place| items.get_mut(place))
        }
        _ => None,
    };
    walk(next.ok_or(*part)?, rest)
}

fn table_of(value: Value) -> Table {
    match value {
        Value::Table(table) => table,
        _ => Table::new(),
    }
}

fn is_called(item: &Value, name: &str) -> bool {
    let of = |key: &str| item.get(key).and_then(Value::as_str);
    let stem = of("spec")
        .and_then(|spec| spec.rsplit('/').next())
        .and_then(|file| file.strip_suffix(".toml"));
    [of("prime"), of("slug"), of("kind"), stem].contains(&Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "seed = 1\n[capacity]\nsubscribe = \"unlimited\"\n[[primes]]\nprime = \"spark\"\ncopies = 1\n\
                        [primes.mint]\nmax = \"1 USDS\"\n";

    #[test]
    fn values_are_replaced_where_they_stand() {
        let seed: Table = set(TEXT, "seed", "7").unwrap().parse().unwrap();
        assert_eq!(seed["seed"].as_integer(), Some(7));
        let text: Table = set(TEXT, "capacity.subscribe", "5 asset").unwrap().parse().unwrap();
        assert_eq!(text["capacity"]["subscribe"].as_str(), Some("5 asset"));
        for path in ["primes.spark.mint.max", "primes.0.mint.max"] {
            let text: Table = set(TEXT, path, "2 USDS").unwrap().parse().unwrap();
            assert_eq!(text["primes"][0]["mint"]["max"].as_str(), Some("2 USDS"));
        }
    }

    #[test]
    fn what_is_not_there_is_named() {
        for path in ["primes.keel.copies", "luck.seed", "primes", "primes.spark.prime.x", ""] {
            let tried = set(TEXT, path, "1");
            // A key of the file itself may be set to anything: reading it afterwards says what is wrong with it.
            assert!(tried.is_err() || path == "primes", "{path}");
        }
    }
}

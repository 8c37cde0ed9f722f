//! The way of every file: text, TOML, shape, values, checks; all errors of a stage at once.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use toml::{Spanned, de::DeTable};

use crate::{
    finding::{Checked, Finding, LoadError, Problems, Result, Severity},
    prime::nearest,
    review::Review,
    schema, shape,
    source::{Source, clip},
};

/// A kind of file, known by its first line: `format = "halo-class/1"`.
pub(crate) trait Format: DeserializeOwned + JsonSchema {
    const FORMAT: &'static str;
}

/// Every format that this program reads.
pub(crate) const FORMATS: [&str; 5] =
    ["halo-class/1", "halo-prime/1", "halo-network/1", "halo-scenario/1", "halo-scenario/2"];

/// Parses `source` as a file of kind `F` and makes a `T` of it.
pub(crate) fn load<F: Format, T>(
    source: Source,
    resolve: impl FnOnce(&F, &mut Review) -> T,
) -> Result<Checked<T>> {
    let file = read::<F>(&source)?;
    let mut review = Review::default();
    let value = resolve(&file, &mut review);
    if review.failed() {
        return Err(refuse(source, review.findings));
    }
    Ok(Checked { value, findings: source.placed(review.findings), source })
}

/// The value of `format` in `source`, if it is TOML and says one that is known.
pub(crate) fn format_of(source: &Source) -> Result<&'static str> {
    let root = parse(source)?;
    known_format(&root).map_err(|finding| refuse(source.clone(), vec![finding]))
}

fn read<F: Format>(source: &Source) -> Result<F> {
    let root = parse(source)?;
    match known_format(&root) {
        Ok(format) if format == F::FORMAT => {}
        Ok(format) => {
            let said = format!("this is a \"{format}\" file, and a \"{}\" was expected", F::FORMAT);
            let finding = Finding::at(Severity::Error, "wrong-format", format_span(&root), said)
                .help("give the other file, or correct its `format`");
            return Err(refuse(source.clone(), vec![finding]));
        }
        Err(finding) => return Err(refuse(source.clone(), vec![finding])),
    }
    let findings = shape::check(&root, &schema::of::<F>());
    if !findings.is_empty() {
        return Err(refuse(source.clone(), findings));
    }
    F::deserialize(toml::de::Deserializer::from(root))
        .map_err(|e| refuse(source.clone(), vec![from_toml(&e, source)]))
}

fn parse(source: &Source) -> Result<Spanned<DeTable<'_>>> {
    let (root, errors) = DeTable::parse_recoverable(source.text());
    if errors.is_empty() {
        return Ok(root);
    }
    Err(refuse(source.clone(), errors.iter().map(|e| from_toml(e, source)).collect()))
}

fn known_format(root: &Spanned<DeTable<'_>>) -> Result<&'static str, Finding> {
    let all = FORMATS.map(|f| format!("\"{f}\"")).join(", ");
    let Some(value) = root.get_ref().get("format") else {
        return Err(Finding::at(
            Severity::Error,
            "no-format",
            0..0,
            "the file does not say what it is: `format` is missing",
        )
        .help(format!("start it with format = \"halo-class/1\" (one of {all})")));
    };
    let said = value.get_ref().as_str().unwrap_or_default();
    FORMATS.into_iter().find(|f| *f == said).ok_or_else(|| {
        let help = match nearest(said, FORMATS.into_iter()) {
            Some(like) => format!("did you mean \"{like}\"? Known are {all}"),
            None => format!("known are {all}"),
        };
        Finding::at(
            Severity::Error,
            "unknown-format",
            value.span(),
            format!("\"{}\" is not a format that this program reads", clip(said)),
        )
        .help(help)
    })
}

fn format_span(root: &Spanned<DeTable<'_>>) -> std::ops::Range<usize> {
    root.get_ref().get("format").map_or(0..0, Spanned::span)
}

fn from_toml(error: &toml::de::Error, source: &Source) -> Finding {
    let message = format!("this is not TOML: {}", clip(error.message()));
    let len = source.text().len();
    let span = error.span().unwrap_or(0..0);
    let span = span.start.min(len)..span.end.min(len);
    Finding::at(Severity::Error, "not-toml", span, message)
        .help("TOML writes text in double quotes, and tables as [name] or [[name]]")
}

fn refuse(source: Source, findings: Vec<Finding>) -> LoadError {
    LoadError::Input(Box::new(Problems::new(source, findings)))
}

//! The engine that fills in the page and the comment: a value that is not given is an error, and so is text that nobody
//! has escaped.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig};

use crate::Result;

/// An engine with these files, by name; `escape` says by the name how text is made safe in it.
pub(crate) fn engine(
    files: &[(&'static str, &'static str)],
    escape: fn(&str) -> AutoEscape,
) -> Result<Environment<'static>> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(escape);
    engine.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, text) in files {
        engine.add_template(name, text)?;
    }
    Ok(engine)
}

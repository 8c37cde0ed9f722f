//! Typed bindings of every template, made by alloy's `sol!` from the frozen artifacts, and nowhere else.
//!
//! `bindings::HaloUnit::lockEpochCall` is a call, `bindings::HaloUnit::EpochLocked` an event,
//! `bindings::HaloUnit::HaloUnitErrors` the errors. A struct that another contract `L` declares is
//! `bindings::HaloUnit::L::TheStruct`. Overloaded functions carry a number: `deposit_0Call`, `deposit_1Call`.

#![allow(missing_docs, non_snake_case, unreachable_pub, clippy::all, rustdoc::all)]

use crate::catalog::with_catalog;

macro_rules! modules {
    ($($kind:ident $version:literal $name:ident $source:literal;)*) => {
        $(
            // Its own module each: two contracts that use the same struct each get a definition of it.
            pub mod $name {
                alloy_sol_types::sol!(
                    #[sol(all_derives)]
                    $name,
                    concat!("../../solidity/artifacts/", stringify!($name), ".json")
                );
                pub use self::$name::*;
            }
        )*
    };
}

with_catalog!(modules);

#[cfg(test)]
mod tests {
    use crate::Template;

    macro_rules! agreement {
        ($($kind:ident $version:literal $name:ident $source:literal;)*) => {
            $(
                let template = Template::get(stringify!($name)).unwrap();
                if template.kind().has_code() {
                    assert_eq!(super::$name::BYTECODE, *template.creation_code(), stringify!($name));
                    assert_eq!(super::$name::DEPLOYED_BYTECODE, *template.runtime_code(), stringify!($name));
                }
            )*
        };
    }

    #[test]
    fn the_bindings_are_of_the_embedded_templates() {
        with_catalog!(agreement);
    }

    use crate::catalog::with_catalog;
}

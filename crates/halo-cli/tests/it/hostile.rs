//! Input that nobody meant well: a status, and never a panic.

use clap::Parser;
use halo_cli::{args::Cli, commands, exit::ExitStatus, output::Printer};
use proptest::{prelude::*, sample::Index};

use crate::place::spec;

const QUIET: Printer = Printer { json: false, quiet: true };

/// Words that mean something to the program, and words that do not.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "halo",
            "init",
            "check",
            "plan",
            "deploy",
            "verify",
            "launch",
            "templates",
            "list",
            "show",
            "completions",
            "bash",
            "--json",
            "--quiet",
            "-q",
            "--network",
            "embedded",
            "--state",
            "--out",
            "--scenario",
            "--from",
            "clo",
            "--help",
            "--",
            "-",
            "",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Runs `check` on a file with these bytes.
fn check(bytes: &[u8]) -> ExitStatus {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let cli =
        Cli::try_parse_from(["halo".as_ref(), "check".as_ref(), file.path().as_os_str()]).unwrap();
    match commands::run(cli.command, QUIET) {
        Ok(status) => status,
        Err(failure) => {
            assert!(!failure.to_string().is_empty());
            failure.status
        }
    }
}

proptest! {
    #[test]
    fn any_words_are_taken_or_refused(words in prop::collection::vec(word(), 0..8)) {
        let _ = Cli::try_parse_from(words);
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert_eq!(check(&bytes), ExitStatus::BadInput);
    }

    #[test]
    fn a_spec_with_a_piece_replaced_is_taken_or_refused(
        from in any::<Index>(),
        length in 0_usize..40,
        piece in prop_oneof![any::<String>().prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..20)],
    ) {
        let mut bytes = std::fs::read(spec("clo.toml")).unwrap();
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, piece);
        // The documents that it names are not beside it, so even an untouched one is refused.
        prop_assert_eq!(check(&bytes), ExitStatus::BadInput);
    }
}

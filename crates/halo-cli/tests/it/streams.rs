//! What goes where: help, colours, quiet, pipes that break.

use std::process::Stdio;

use crate::place::{Place, run, settings, spec};

#[test]
fn help_is_there_for_every_command() {
    let place = Place::new();
    let run = place.halo("--help").expect(0);
    settings().bind(|| insta::assert_snapshot!("help", run.stdout));
    for command in [
        "init",
        "check",
        "plan",
        "deploy",
        "verify",
        "launch",
        "templates",
        "templates list",
        "templates show",
        "templates verify",
        "templates compile",
        "completions",
    ] {
        let run = place.halo(&format!("{command} --help")).expect(0);
        assert!(run.stdout.contains("Usage: halo"), "{command}");
        assert!(run.stdout.contains("Example"), "{command} has no example");
        assert_eq!(run.stderr, "", "{command}");
    }
}

#[test]
fn wrong_arguments_are_wrong_input() {
    let place = Place::new();
    for line in ["", "lunch", "launch", "launch a b", "check --nope x", "verify"] {
        place.halo(line).expect(2).says(&["Usage"]);
    }
    place.halo("lunch x").expect(2).says(&["'launch'"]);
}

#[test]
fn quiet_says_nothing_but_the_result() {
    let place = Place::new();
    let launch = |words: &[&str]| run(place.command(words).arg(spec("clo.toml"))).expect(0);
    let quiet = launch(&["launch", "--quiet"]);
    let loud = launch(&["launch"]);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, loud.stdout, "--quiet never alters the result");
    assert!(loud.stderr.contains("[1/"), "a line for each step: {}", loud.stderr);
}

#[test]
fn no_color_changes_nothing_in_a_pipe() {
    let place = Place::new();
    let plain = run(place.command(["launch"]).arg(spec("tbill.toml"))).expect(0);
    let mut command = place.command(["launch"]);
    let no_color = run(command.arg(spec("tbill.toml")).env("NO_COLOR", "1")).expect(0);
    assert_eq!((plain.stdout, plain.stderr), (no_color.stdout, no_color.stderr));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let place = Place::new();
    for words in [&["plan"][..], &["plan", "--json"], &["launch"]] {
        let mut command = place.command(words);
        command.arg(spec("tbill.toml")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{words:?}");
    }
    let mut command = place.command(["completions", "bash"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_fault_of_the_outside() {
    let place = Place::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = place.command(["plan"]);
    let output = command.arg(spec("tbill.toml")).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the result cannot be written"));
}

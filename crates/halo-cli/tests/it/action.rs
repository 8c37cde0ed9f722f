//! The GitHub Action: its steps run here as a runner would run them, with the built program.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use yaml_rust2::{Yaml, YamlLoader};

use crate::place::{Place, Run, root, run};

fn action() -> Yaml {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

fn steps() -> Vec<Yaml> {
    action()["runs"]["steps"].as_vec().unwrap().clone()
}

/// The scripts, by the names of their steps.
fn scripts() -> Vec<(String, String)> {
    let text = |step: &Yaml, key: &str| step[key].as_str().map(str::to_owned);
    let scripts: Vec<_> =
        steps().iter().filter_map(|step| Some((text(step, "name")?, text(step, "run")?))).collect();
    assert!(scripts.len() > 3);
    scripts
}

#[test]
fn it_is_an_action() {
    let action = action();
    assert_eq!(action["runs"]["using"].as_str(), Some("composite"));
    assert_eq!(action["inputs"]["scenario"]["required"].as_bool(), Some(true));
    let ids: BTreeSet<_> =
        steps().iter().filter_map(|step| step["id"].as_str().map(str::to_owned)).collect();
    for (name, output) in action["outputs"].as_hash().unwrap() {
        let value = output["value"].as_str().unwrap();
        let (step, _) = value.trim_start_matches("${{ steps.").split_once(".outputs.").unwrap();
        assert!(ids.contains(step), "output {name:?} is of a step `{step}` that is not there");
    }
    for step in steps() {
        assert!(
            step["run"].is_badvalue() || step["shell"].as_str() == Some("bash"),
            "{step:?} has no shell"
        );
    }
}

/// What an expression puts into a script is code there. In the environment it is text.
#[test]
fn no_script_has_an_expression_in_it() {
    for (name, script) in scripts() {
        assert!(!script.contains("${{"), "step `{name}`: give it through env");
    }
}

#[test]
fn bash_can_read_every_script() {
    for (name, script) in scripts() {
        let mut bash = Command::new("bash");
        let mut child =
            bash.arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "step `{name}`: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn it_gives_only_options_that_there_are() {
    let place = Place::new();
    let mut found = 0;
    for (_, script) in scripts() {
        for line in script.lines().map(str::trim) {
            let Some(rest) = line.strip_prefix("\"$halo\" ") else { continue };
            let command = rest.split(' ').next().unwrap();
            let help = place.halo(&format!("{command} --help")).expect(0).stdout;
            for option in rest.split(' ').filter(|word| word.len() > 2 && word.starts_with("--")) {
                assert!(
                    help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
                    "halo {command} has no {option}"
                );
                found += 1;
            }
        }
    }
    assert!(found >= 4, "the program is called as this test expects");
}

/// What a runner gives a step, and the step that runs the scenario.
struct Runner {
    place: Place,
}

impl Runner {
    fn new() -> Self {
        Self { place: Place::new() }
    }

    fn temp(&self) -> PathBuf {
        self.place.path().join("temp")
    }

    /// Runs the step "Simulate" with these inputs, and gives its outputs.
    fn simulate(&self, scenario: &str, args: &str) -> (Run, Vec<(String, String)>) {
        let (_, script) = scripts().into_iter().find(|(name, _)| name == "Simulate").unwrap();
        fs::create_dir_all(self.temp()).unwrap();
        self.place.write("outputs", "");
        let mut bash = Command::new("bash");
        // As a runner starts `shell: bash`.
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script])
            .current_dir(self.place.path());
        for (name, value) in
            [("SCENARIO", scenario), ("ARGS", args), ("HALO", env!("CARGO_BIN_EXE_halo"))]
        {
            bash.env(name, value);
        }
        bash.env("RUNNER_TEMP", self.temp())
            .env("GITHUB_OUTPUT", self.place.path().join("outputs"));
        bash.env("GITHUB_STEP_SUMMARY", self.place.path().join("summary.md"))
            .env_remove("HALO_NETWORK");
        let run = run(&mut bash);
        let outputs = self.place.read("outputs");
        let outputs = outputs.lines().filter_map(|line| line.split_once('='));
        (run, outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

fn output<'a>(outputs: &'a [(String, String)], name: &str) -> &'a str {
    let found = outputs.iter().find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.as_str())
        .unwrap_or_else(|| panic!("no output {name} in {outputs:?}"))
}

#[test]
fn a_scenario_leaves_everything() {
    let runner = Runner::new();
    let scenario = root().join("deployments/scenarios/day1-tbill.toml");
    let scenario = scenario.to_str().unwrap();
    let (run, outputs) = runner.simulate(scenario, "--set\nseed=3\n");
    run.expect(0);
    assert_eq!((output(&outputs, "status"), output(&outputs, "holds")), ("0", "true"));
    let read = |name: &str| fs::read_to_string(output(&outputs, name)).unwrap();
    let run: serde_json::Value = serde_json::from_str(&read("run")).unwrap();
    assert_eq!(run["seed"], 3, "the arguments arrive");
    assert!(read("page").starts_with("<!doctype html>"));
    assert!(read("junit").contains("<testsuite"));
    assert!(read("comment").starts_with("### ✅ "));
    assert_eq!(read("comment"), runner.place.read("summary.md"));

    let much = "--set\nexpect=['day1_inflow >= \"900_000_000_000 USDS\"']";
    let (run, outputs) = runner.simulate(scenario, much);
    run.expect(0);
    assert_eq!((output(&outputs, "status"), output(&outputs, "holds")), ("1", "false"));
    let comment = fs::read_to_string(output(&outputs, "comment")).unwrap();
    assert!(comment.starts_with("### ❌ ") && comment.contains("**failed**"), "{comment}");
}

#[test]
fn a_scenario_that_cannot_be_run_leaves_a_comment_that_says_so() {
    let runner = Runner::new();
    let (run, outputs) = runner.simulate("missing.toml", "");
    let run = run.expect(0);
    assert!(run.stderr.contains("missing.toml"), "the log says why: {}", run.stderr);
    assert_eq!(output(&outputs, "holds"), "false");
    assert_eq!(output(&outputs, "status"), "3");
    let comment = fs::read_to_string(output(&outputs, "comment")).unwrap();
    assert!(comment.contains("could not be run") && comment.contains("exit code 3"));
    assert_eq!(comment, runner.place.read("summary.md"));
}

#[test]
fn inputs_are_text() {
    let runner = Runner::new();
    for scenario in
        ["$(touch owned).toml", "\"; touch owned; \"", "`touch owned`", "--help", "-x\ntouch owned"]
    {
        let (run, outputs) =
            runner.simulate(scenario, "$(touch owned)\n; touch owned\n--seed=`touch owned`");
        run.expect(0);
        assert_eq!(output(&outputs, "holds"), "false", "{scenario}");
        assert!(!runner.place.path().join("owned").exists(), "{scenario:?} was run");
    }
}

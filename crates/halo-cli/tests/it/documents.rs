//! The documents that people follow: their commands run, what they quote is printed, what they name exists.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use halo_templates::Template;

use crate::place::{Place, root, run};

/// A fenced block: its language and its text.
struct Block {
    language: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in document.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language: language.to_owned(), text: String::new() });
            }
            (Some(block), None) => block.text.push_str(&format!("{line}\n")),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// Without what differs from version to version: hex, and counts before these words.
fn steady(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let is_hex = word.starts_with("0x");
        if is_hex || word.trim_matches(|c: char| "()[/".contains(c)).parse::<u64>().is_ok() {
            "·"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

/// Runs every `sh` block of a document in one copy of the specs; a `text` block quotes what the one before printed.
fn follow(document: &str) {
    let place = Place::new();
    for folder in ["specs", "scenarios", "networks"] {
        copy(
            &root().join("deployments").join(folder),
            &place.path().join("deployments").join(folder),
        );
    }
    let program = Path::new(env!("CARGO_BIN_EXE_halo")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut printed = String::new();
    let mut followed = 0;
    for block in blocks(&fs::read_to_string(root().join(document)).unwrap()) {
        match block.language.as_str() {
            "sh" if block.text.contains("xtask") || block.text.contains("git clone") => {}
            "sh" => {
                let script = block.text.replace("cargo halo", "halo");
                let mut shell = Command::new("sh");
                shell.args(["-e", "-c", &script]).current_dir(place.path());
                shell.env("PATH", format!("{}:{path}", program.display())).env_remove("HALO_STATE");
                let run = run(shell.env_remove("HALO_NETWORK")).expect(0);
                printed = run.stdout + &run.stderr;
                followed += 1;
            }
            "text" => {
                let printed: BTreeSet<_> = printed.lines().map(steady).collect();
                for line in block.text.lines().filter(|line| *line != "…") {
                    assert!(
                        printed.contains(&steady(line)),
                        "{document} quotes what is not printed: {line}"
                    );
                }
            }
            _ => {}
        }
    }
    assert!(followed > 0, "{document} has no commands");
}

#[test]
fn the_readme_can_be_followed() {
    follow("README.md");
}

#[test]
fn the_guide_can_be_followed() {
    follow("docs/guide.md");
}

/// Every name in the ABIs: functions, events, errors, and what they take and give.
fn vocabulary() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for template in Template::all() {
        words.insert(template.name().to_owned());
        let abi: serde_json::Value = serde_json::to_value(template.abi()).unwrap();
        let mut left = vec![&abi];
        while let Some(value) = left.pop() {
            match value {
                serde_json::Value::Object(fields) => {
                    words.extend(
                        fields.get("name").and_then(|name| name.as_str()).map(str::to_owned),
                    );
                    left.extend(fields.values());
                }
                serde_json::Value::Array(values) => left.extend(values),
                _ => {}
            }
        }
    }
    words
}

#[test]
fn every_template_has_a_page_that_names_what_exists() {
    let folder = root().join("docs/templates");
    let known = vocabulary();
    let pages = Template::all().iter().filter(|template| template.kind().is_deployable());
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    for template in pages {
        let name = template.name();
        let page = fs::read_to_string(folder.join(format!("{name}.md"))).unwrap_or_default();
        assert!(page.starts_with(&format!("# {name}\n")), "docs/templates/{name}.md is missing");
        assert!(
            index.contains(&format!("({name}.md)")),
            "docs/templates/README.md leaves {name} out"
        );
        for span in page.split('`').skip(1).step_by(2) {
            let is_name = span.contains(|c: char| c.is_ascii_lowercase())
                && span.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && span.contains(|c: char| c.is_ascii_uppercase() || c == '_');
            let is_of_spec =
                span.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !known.contains(span);
            assert!(
                !is_name || is_of_spec || known.contains(span),
                "{name}.md names `{span}`, which no ABI has"
            );
        }
    }
}

/// Where a document's links lead, other than to the web.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| link.split('#').next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains("://"))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut documents =
        vec![root().join("README.md"), root().join("CONTRIBUTING.md"), root().join("CHANGELOG.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(path);
            }
        }
    }
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let target = document.parent().unwrap().join(link);
            assert!(target.exists(), "{} links to {link}, which is not there", document.display());
        }
    }
}

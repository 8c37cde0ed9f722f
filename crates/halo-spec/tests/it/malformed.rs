//! Malformed specs: each gives an error with its place and a way to mend it, and never a panic.

use std::path::{Path, PathBuf};

use halo_spec::{LoadError, Network, check_file};
use miette::{GraphicalReportHandler, GraphicalTheme};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed")
}

/// What a person sees, without colours.
fn shown(path: &Path) -> String {
    let network = Network::embedded().unwrap();
    let LoadError::Input(problems) = check_file(path, &network).unwrap_err() else {
        panic!("{} was not read", path.display());
    };
    for finding in &problems.findings {
        assert!(finding.help.is_some() || !finding.is_error(), "no way to mend: {finding:?}");
    }
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler.with_width(100).render_report(&mut text, problems.as_ref()).unwrap();
    text
}

#[test]
fn each_says_what_is_wrong_and_where() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 20, "only {} malformed specs", files.len());
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"[^\s\[]*/tests/malformed/", "");
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(name, shown(&path));
    }
}

#[test]
fn a_huge_file_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.toml");
    std::fs::write(&path, "# padding\n".repeat(200_000)).unwrap();
    assert!(shown(&path).contains("larger than 1 MiB"));
}

#[test]
fn a_long_line_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.toml");
    std::fs::write(&path, format!("# {}\n", "x".repeat(5_000))).unwrap();
    assert!(shown(&path).contains("line 1 has 5002 bytes"));
}

#[test]
fn many_mistakes_are_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.toml");
    let keys: String = (0..500).map(|i| format!("key{i} = 1\n")).collect();
    std::fs::write(&path, format!("format = \"halo-class/1\"\n{keys}")).unwrap();
    assert!(shown(&path).contains("more like these"));
}

#[test]
fn a_missing_file_is_a_fault_outside() {
    let network = Network::embedded().unwrap();
    let error = check_file(Path::new("nowhere.toml"), &network).unwrap_err();
    assert!(matches!(error, LoadError::Io { .. }));
}

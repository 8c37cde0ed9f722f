//! `[signers]`: who signs by what, and what is wrong with tables that do not say enough or too much.

use halo_spec::{LoadError, Network, Signing, SpellMake};

const EMBEDDED: &str = include_str!("../../../../deployments/networks/embedded.toml");
const AN_ADDRESS: &str = "\"0xBE8E3e3618f7474F8cB1d074A26afFef007E98FB\"";

fn with(table: &str) -> Result<Network, String> {
    let text = EMBEDDED.replacen("[[tokens]]", &format!("{table}\n[[tokens]]"), 1);
    match Network::parse("test.toml", &text) {
        Ok(checked) => Ok(checked.value),
        Err(LoadError::Input(problems)) => {
            let words = problems.findings.iter().map(|one| format!("{one:?}"));
            Err(words.collect::<Vec<_>>().join("\n"))
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn each_means_is_read_with_what_it_needs() {
    let network = with(&format!(
        "[signers.govops]\nmeans = \"safe\"\naddress = {AN_ADDRESS}\nthreshold = 3\n\
         [signers.governance]\nmeans = \"spell\"\nthrough = \"ds-pause\"\npause = {AN_ADDRESS}\n\
         [signers.prime]\nmeans = \"spell\"\nthrough = \"star-guard\"\n\
         [signers.halo]\nmeans = \"timelock\"\naddress = {AN_ADDRESS}\nmake = \"beam\"\nmin_delay = \"2 days\""
    ))
    .unwrap();
    let Signing::Safe(safe) = network.signers.govops else { panic!("{:?}", network.signers) };
    assert_eq!((safe.threshold, safe.version.as_str()), (3, "1.4.1"));
    let Signing::Spell(road) = network.signers.prime else { panic!("{:?}", network.signers) };
    assert_eq!((road.make, road.pause), (SpellMake::StarGuard, None));
    let Signing::Timelock(lock) = network.signers.halo else { panic!("{:?}", network.signers) };
    assert_eq!(lock.min_delay, 2 * 86_400);
    assert!(Network::embedded().unwrap().signers.are_keys());
}

#[test]
fn a_table_that_says_too_little_too_much_or_nonsense_is_refused() {
    for (table, said) in [
        ("[signers.govops]\nmeans = \"vote\"", "vote"),
        ("[signers.nobody]\nmeans = \"key\"", "nobody"),
        ("[signers.govops]\nmeans = \"safe\"", "needs `address`"),
        ("[signers.govops]\nmeans = \"safe\"\naddress = ADDRESS\nthreshold = 0", "anybody's"),
        ("[signers.govops]\nmeans = \"safe\"\naddress = ADDRESS\nthreshold = -1", "threshold"),
        (
            "[signers.govops]\nmeans = \"safe\"\naddress = ADDRESS\nthreshold = 2\nversion = \"1.1.1\"",
            "1.1.1",
        ),
        ("[signers.govops]\nmeans = \"key\"\nthreshold = 2", "says nothing of a signer"),
        ("[signers.governance]\nmeans = \"spell\"\nthrough = \"ds-pause\"", "needs `pause`"),
        (
            "[signers.prime]\nmeans = \"spell\"\nthrough = \"ds-pause\"\npause = ADDRESS",
            "own StarGuard",
        ),
        ("[signers.halo]\nmeans = \"timelock\"\naddress = ADDRESS", "needs `make`"),
        (
            "[signers.halo]\nmeans = \"timelock\"\naddress = ADDRESS\nmake = \"beam\"\nmin_delay = \"2\"",
            "unit of time",
        ),
        (
            "[signers.deployer]\nmeans = \"safe\"\naddress = ADDRESS\nthreshold = 2",
            "signs by a key",
        ),
    ] {
        let found = with(&table.replace("ADDRESS", AN_ADDRESS)).unwrap_err();
        assert!(found.contains(said), "{table}\n{found}");
    }
}

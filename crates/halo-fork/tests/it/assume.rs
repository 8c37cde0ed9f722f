//! What is taken as given: only where the state is unknown, only what was declared, and listed.

use crate::node::{CONTRACT, PLAIN, TWIN, state};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, U256, address, keccak256};
use halo_chain::{Account, Alloc, AllocAccount, Labels, SourceError, StateSource};
use halo_fork::{AssumeError, Assumed, Assumption, Assumptions, Names, Recorder, Witness};

const NEW: Address = Address::repeat_byte(0xee);

/// A state that knows nothing of `TWIN` and `NEW`, and three slots of `CONTRACT`.
fn source() -> Recorder<halo_fork::ProvedState> {
    let header = Header { number: 9, ..Default::default() };
    let whole = Witness::of_state(&state(), header);
    // Without the nodes on the way to it, an account is unknown.
    let cut = whole.state.iter().find_map(|node| {
        let state = whole.state.iter().filter(|other| *other != node).cloned().collect();
        let proved = Witness { state, ..whole.clone() }.prove(None).ok()?;
        proved.account(TWIN).is_err().then_some(proved)
    });
    Recorder::new(cut.unwrap())
}

#[test]
fn what_is_proved_stands_and_what_is_declared_fills_in() {
    let mut given = Assumptions::default();
    given.absent(PLAIN, "never looked at: it is proved");
    given.slot(CONTRACT, U256::from(3), U256::from(77), "as above");
    let twin = AllocAccount { balance: U256::from(5), ..Default::default() };
    given.stand_in(TWIN, twin, "the witness lacks it");
    let assumed = Assumed::new(source(), given);

    assert_eq!(assumed.account(PLAIN).unwrap().unwrap().balance, U256::from(77));
    assert_eq!(assumed.storage(CONTRACT, U256::from(3)).unwrap(), U256::from(9));
    assert_eq!(assumed.used(), []);

    let found = assumed.account(TWIN).unwrap();
    let (nonce, code_hash) = (0, keccak256([]));
    assert_eq!(found, Some(Account { nonce, balance: U256::from(5), code_hash }));
    assert_eq!(assumed.storage(TWIN, U256::from(1)).unwrap(), U256::ZERO);
    let because = "the witness lacks it".into();
    assert_eq!(assumed.used(), [Assumption::StandIn { account: TWIN, because }]);
    // What was taken as given is no part of what was read.
    assert_eq!(assumed.source().read(), (1, 1));
}

#[test]
fn what_nobody_declared_stays_an_error() {
    let assumed = Assumed::new(source(), Assumptions::default());
    let error = assumed.account(TWIN).unwrap_err();
    assert!(matches!(error, SourceError::Account { at: TWIN, .. }), "{error}");
    let error = assumed.storage(TWIN, U256::ZERO).unwrap_err();
    assert!(matches!(error, SourceError::Slot { at: TWIN, .. }), "{error}");
    assumed.code(B256::repeat_byte(1)).unwrap_err();
    assert_eq!(assumed.used(), []);
}

#[test]
fn a_file_speaks_in_names_and_mappings() {
    let token = address!("0xdC035D45d973E3EC169d2276DDab16f1e407384F");
    let mut labels = Labels::default();
    labels.insert(token, "USDS");
    let made = Alloc([(TWIN, AllocAccount::default())].into());
    let names = Names::new(&labels, made).with("created", [NEW]);
    let text = r#"
        format = "halo-assumptions/1"
        [[absent]]
        accounts = ["created"]
        because = "nobody was there before"
        [[stand-in]]
        accounts = ["0xc1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1"]
        because = "made up"
        [[slot]]
        account = "USDS"
        mapping = 3
        keys = [["created"], ["USDS", "created"]]
        value = 0
        because = "new holders allow nothing"
    "#;
    Assumptions::parse(text, &names).unwrap();

    let wrong = |from: &str, to: &str| {
        assert!(text.contains(from));
        Assumptions::parse(&text.replace(from, to), &names).unwrap_err()
    };
    assert!(matches!(wrong("assumptions/1", "assumptions/2"), AssumeError::Format { .. }));
    assert!(matches!(wrong("[\"created\"]\n", "[\"made\"]\n"), AssumeError::Word { .. }));
    assert!(matches!(wrong("0xc1c1", "0xc1c2"), AssumeError::NoStandIn(_)));
    assert!(matches!(wrong("mapping = 3", "slot = 3"), AssumeError::NoSlot(_)));
    assert!(matches!(wrong("because", "why"), AssumeError::Toml(_)));
    let hostile = wrong("\"USDS\", \"created\"", "\"\\u001b[31m\"").to_string();
    assert!(!hostile.contains('\u{1b}'), "{hostile:?}");
}

/// A file may be anybody's, and what it says is shown.
#[test]
fn a_file_says_nothing_that_a_terminal_obeys() {
    let names = Names::new(&Labels::default(), Alloc::default()).with("unread", [TWIN]);
    let text = |because: &str| {
        let rule = format!("[[absent]]\naccounts = [\"unread\"]\nbecause = \"{because}\"\n");
        format!("format = \"halo-assumptions/1\"\n{rule}")
    };
    let given = Assumptions::parse(&text("\\u001b[2J gone"), &names).unwrap();
    let assumed = Assumed::new(source(), given);
    assumed.account(TWIN).unwrap();
    let used = assumed.used();
    let [Assumption::Absent { because, .. }] = &used[..] else { panic!("{used:?}") };
    assert!(because.ends_with("[2J gone") && !because.contains('\u{1b}'), "{because:?}");
    let refused = Assumptions::parse(&text("\u{1b}[2J gone"), &names).unwrap_err().to_string();
    assert!(!refused.contains('\u{1b}'), "{refused:?}");
}

//! Units of measure: figures that are known, and properties of all others.

use alloy_primitives::{U256, U512, address, b256, keccak256};
use halo_spec::{Period, Rate, Token, amount, keys, share, time};
use proptest::prelude::*;

fn token(symbol: &str, decimals: u8) -> Token {
    Token { symbol: symbol.to_owned(), decimals, ..Token::default() }
}

fn units(text: &str, decimals: u8) -> U256 {
    amount::parse(text, &token("USDC", decimals)).unwrap()
}

#[test]
fn amounts_are_exact() {
    assert_eq!(units("50_000_000 USDC", 6), U256::from(50_000_000_000_000u64));
    assert_eq!(units("0.000001 USDC", 6), U256::from(1));
    assert_eq!(units("1.5USDC", 18), U256::from(1_500_000_000_000_000_000u64));
    assert_eq!(units("0 USDC", 18), U256::ZERO);
    assert_eq!(units("007 USDC", 6), U256::from(7_000_000));
    let usdc = token("USDC", 6);
    assert_eq!(amount::format(U256::from(1_234_567_890_100u64), &usdc), "1_234_567.8901 USDC");
    assert_eq!(amount::parse_or_unlimited("unlimited", &usdc), Ok(U256::MAX));
    assert_eq!(amount::format(U256::MAX, &usdc), "unlimited");
}

#[test]
fn what_is_not_an_amount_is_named() {
    let usdc = token("USDC", 6);
    for (text, code) in [
        ("", "missing-unit"),
        ("5", "missing-unit"),
        ("USDC", "bad-number"),
        ("5 USDS", "wrong-unit"),
        ("5 usdc", "wrong-unit"),
        ("-5 USDC", "negative"),
        ("+5 USDC", "bad-number"),
        ("5,000 USDC", "bad-number"),
        ("5. USDC", "bad-number"),
        (".5 USDC", "bad-number"),
        ("1e6 USDC", "bad-number"),
        ("1__0 USDC", "bad-number"),
        ("_1 USDC", "bad-number"),
        ("1.0_0 USDC", "bad-number"),
        ("0x10 USDC", "bad-number"),
        ("٣ USDC", "bad-number"),
        ("0.0000001 USDC", "too-many-decimals"),
        ("1.0000000 USDC", "too-many-decimals"),
        ("1_000_000_000_000_000_0 USDC", "overflow"),
        ("5 million USDC", "wrong-unit"),
        ("unlimited", "unlimited-not-allowed"),
    ] {
        let error = amount::parse(text, &usdc).unwrap_err();
        assert_eq!(error.code, code, "{text:?}: {error}");
    }
}

/// 60 tokens a day, as `spark_staging_rate_limits` reads them back from the chain.
#[test]
fn a_slope_reads_back_as_the_chain_has_it() {
    for (decimals, per_day) in [(6, "59.9616"), (18, "59.9999999999999616")] {
        let usdc = token("USDC", decimals);
        let rate = Rate::parse("60 USDC / day", &usdc).unwrap();
        assert_eq!(amount::format_number(rate.per_day(), decimals), per_day);
        assert_eq!(rate.per_day() + rate.lost_per_day(), rate.amount);
    }
    // contracts.md 2.1b: a million in four hours, though periods are single ones in a file.
    let hourly = Rate::parse("250_000 USDS / hour", &token("USDS", 18)).unwrap();
    assert_eq!(hourly.per_second, U256::from(69_444_444_444_444_444_444u128));
}

#[test]
fn what_is_not_a_rate_is_named() {
    let usdc = token("USDC", 6);
    for (text, code) in [
        ("5 USDC", "missing-period"),
        ("5 USDC / year", "wrong-period"),
        ("5 USDC / ", "wrong-period"),
        ("5 / day", "missing-unit"),
        ("0.05 USDC / day", "rate-too-small"),
        ("-5 USDC / day", "negative"),
        ("unlimited / day", "unlimited-not-allowed"),
    ] {
        let error = Rate::parse(text, &usdc).unwrap_err();
        assert_eq!(error.code, code, "{text:?}: {error}");
    }
    assert_eq!(Rate::parse("0 USDC / day", &usdc), Ok(Rate::new(U256::ZERO, Period::Day)));
}

#[test]
fn shares_and_times() {
    assert_eq!(share::parse("3.64 %"), Ok(364));
    assert_eq!(share::parse("25 bps"), Ok(25));
    assert_eq!(share::parse("100%"), Ok(10_000));
    assert_eq!(share::parse_per_day("5 bps / day"), Ok(5));
    for bad in ["3.641 %", "1.5 bps", "101 %", "-1 %", "5", "5 bps / day", "% ", "99999999999 %"] {
        assert!(share::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(time::parse_duration("36 h"), Ok(129_600));
    assert_eq!(time::parse_duration("15 min"), Ok(900));
    for bad in ["", "5", "h", "1.5 h", "-1 h", "99999999999 h", "4000 days", "1 week"] {
        assert!(time::parse_duration(bad).is_err(), "{bad}");
    }
    assert_eq!(time::parse_time("13:00"), Ok(46_800));
    assert_eq!(time::parse_time("16:00 UTC"), Ok(57_600));
    for bad in ["24:00", "1:00", "13:60", "13", "13:00:61", "13:00:00:00", "ab:cd", "+1:00"] {
        assert!(time::parse_time(bad).is_err(), "{bad}");
    }
    assert_eq!(time::parse_instant("1970-01-01T00:00:00Z"), Ok(0));
    assert_eq!(time::parse_instant("2026-03-02T11:00:00Z"), Ok(1_772_449_200));
    assert_eq!(time::parse_instant("2024-02-29T23:59:59Z"), Ok(1_709_251_199));
    for bad in [
        "2026-02-29T00:00:00Z",
        "2026-03-02T11:00:00",
        "2026-13-01T00:00:00Z",
        "2026-03-02",
        "2026-03-02T11:00Z",
    ] {
        assert!(time::parse_instant(bad).is_err(), "{bad}");
    }
}

/// The constants that production has for the bare keys.
#[test]
fn limit_keys_are_those_of_production() {
    assert_eq!(
        keys::usds_mint(),
        b256!("cb0537d5e5dba65a8edbac12555995860e5b8e1b70996011edb1ca8173e56d3c")
    );
    let (usds, unit) = (
        address!("dC035D45d973E3EC169d2276DDab16f1e407384F"),
        address!("1601843c5E9bC251A3272907010AFa41Fa18347E"),
    );
    // abi.encode(bytes32, address, address): three words, addresses on the right.
    let mut encoded = keccak256("LIMIT_7540_DEPOSIT").to_vec();
    encoded.extend([[0; 12].as_slice(), usds.as_slice(), &[0; 12], unit.as_slice()].concat());
    assert_eq!(encoded.len(), 96);
    assert_eq!(keys::erc7540_deposit(usds, unit), keccak256(encoded));
    assert_ne!(keys::erc7540_deposit(usds, unit), keys::erc7540_deposit(unit, usds));
}

proptest! {
    #[test]
    fn an_amount_comes_back(value in 0u128..1_000_000_000_000_000_000_000, decimals in 6u8..=18) {
        let usdc = token("USDC", decimals);
        let written = amount::format(U256::from(value), &usdc);
        let whole = U256::from(value) / U256::from(10).pow(U256::from(decimals));
        if whole < U256::from(10u64).pow(U256::from(15)) {
            prop_assert_eq!(amount::parse(&written, &usdc), Ok(U256::from(value)), "{}", written);
        }
    }

    #[test]
    fn a_rate_comes_back_and_rounds_down(
        value in 86_400u128..1_000_000_000_000_000_000_000,
        period in prop::sample::select(vec![Period::Second, Period::Minute, Period::Hour, Period::Day]),
    ) {
        let usds = token("USDS", 18);
        let rate = Rate::new(U256::from(value), period);
        prop_assert_eq!(Rate::parse(&rate.format(&usds), &usds), Ok(rate));
        // The reference multiplies back in 512 bits: nothing is gained, less than one unit per second lost.
        let back = U512::from(rate.per_second) * U512::from(period.seconds());
        prop_assert!(back <= U512::from(value));
        prop_assert!(U512::from(value) - back < U512::from(period.seconds()));
        let day = U256::from(86_400 / period.seconds()) * U256::from(value);
        prop_assert_eq!(rate.per_day() + rate.lost_per_day(), day);
    }

    #[test]
    fn shares_and_times_come_back(bps in 0u16..=10_000, seconds in 0u32..315_360_000, unix in 0u64..32_000_000_000) {
        prop_assert_eq!(share::parse(&share::format(bps)), Ok(bps));
        prop_assert_eq!(time::parse_duration(&time::format_duration(seconds)), Ok(seconds));
        prop_assert_eq!(time::parse_time(&time::format_time(seconds % 86_400)), Ok(seconds % 86_400));
        prop_assert_eq!(time::parse_instant(&time::format_instant(unix)), Ok(unix));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC{0,40}|[0-9_. /%-]{0,20}(USDC|bps|h|day)?") {
        let usdc = token("USDC", 6);
        let _ = amount::parse(&text, &usdc);
        let _ = Rate::parse(&text, &usdc);
        let _ = share::parse(&text);
        let _ = share::parse_per_day(&text);
        let _ = time::parse_duration(&text);
        let _ = time::parse_time(&text);
        let _ = time::parse_instant(&text);
        let _ = halo_spec::address::parse(&text);
    }
}

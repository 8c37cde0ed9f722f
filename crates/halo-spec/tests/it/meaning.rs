//! What a spec means: ids, limits, the hash, and the checks that a value must pass.

use alloy_primitives::{U256, b256, keccak256};
use halo_spec::{
    ClassSpec, Facet, Finding, LimitName, LoadError, Network, Prime, Scenario, Seniority, Severity,
    Starter, amount,
};

fn network() -> Network {
    Network::embedded().unwrap()
}

fn tbill() -> ClassSpec {
    ClassSpec::parse("tbill", Starter::Tbill.spec(), &network(), &Starter::Tbill).unwrap().value
}

/// The findings about the T-bill spec with `from` replaced by `to`, on `network`.
fn findings_on(network: &Network, starter: Starter, edits: &[(&str, &str)]) -> Vec<Finding> {
    let mut text = starter.spec().to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    match ClassSpec::parse("edited", &text, network, &starter) {
        Ok(checked) => checked.findings,
        Err(LoadError::Input(problems)) => problems.findings,
        Err(e) => panic!("{e}"),
    }
}

fn codes(edits: &[(&str, &str)]) -> Vec<(Severity, &'static str)> {
    findings_on(&network(), Starter::Tbill, edits).iter().map(|f| (f.severity, f.code)).collect()
}

fn error(code: &'static str) -> (Severity, &'static str) {
    (Severity::Error, code)
}

fn warning(code: &'static str) -> (Severity, &'static str) {
    (Severity::Warning, code)
}

#[test]
fn a_takeover_can_suspend_all_who_hold_a_role() {
    let list = |count: usize| {
        let each = (0..count).map(|i| format!("\"0x{:040}\"", 41_000 + i));
        format!("admins = [{}]", each.collect::<Vec<_>>().join(", "))
    };
    let one = "admins = [\"0x4A10000000000000000000000000000000000001\"]";
    let too_many = |count| {
        let found = codes(&[(one, &list(count))]);
        found.contains(&error("too-many"))
    };
    assert!(!too_many(14));
    assert!(too_many(15));
}

#[test]
fn the_governance_of_a_halo_has_a_brake_a_wait_and_a_token_that_can_decide() {
    let table = |cancellers: &str, delays: &str, token: &str| {
        let halo = "artifact = { file = \"artifacts/halo.md\" }";
        let text = format!(
            "{halo}\n\n[halo.governance]\ncancellers = [{cancellers}]\n{delays}\n\n[halo.governance.token]\nname = \
             \"Meridian\"\nsymbol = \"MRD\"\nholder = \"0x4A10000000000000000000000000000000000009\"\n{token}\n"
        );
        codes(&[(halo, &text)])
    };
    let one = "\"0xC045e4E400000000000000000000000000000001\"";
    let delays = "delay = \"24 h\"\nmax_delay = \"7 days\"";
    let token = "supply = \"1_000_000 MRD\"\nquorum = \"400_000 MRD\"";
    assert_eq!(table(one, delays, token), []);
    assert_eq!(table("", delays, token), [error("missing-role")]);
    assert_eq!(table(&format!("{one}, {one}"), delays, token), [error("duplicate")]);
    let set = |delays| table(one, delays, token);
    assert_eq!(set("delay = \"1 h\"\nmax_delay = \"7 days\""), [warning("short-delay")]);
    assert_eq!(set("delay = \"31 days\"\nmax_delay = \"7 days\""), [error("out-of-range")]);
    assert_eq!(set("delay = \"24 h\"\nmax_delay = \"0 s\""), [error("out-of-range")]);
    assert_eq!(set("delay = \"24 h\"\nmax_delay = \"31 days\""), [error("out-of-range")]);
    let set = |token| table(one, delays, token);
    assert_eq!(set("supply = \"0 MRD\"\nquorum = \"1 MRD\""), [error("out-of-range")]);
    assert_eq!(set("supply = \"1 MRD\"\nquorum = \"0 MRD\""), [error("out-of-range")]);
    assert_eq!(set("supply = \"1 MRD\"\nquorum = \"1.1 MRD\""), [error("out-of-range")]);
    assert_eq!(set("supply = \"1 MRD\"\nquorum = \"1 USDS\""), [error("wrong-unit")]);

    let named = "admins = [\"0x4A10000000000000000000000000000000000001\"]";
    let governed = "artifact = { file = \"artifacts/halo.md\" }";
    let table = format!("{governed}\n[halo.governance]\ncancellers = [{one}]\n{delays}\n");
    let found = codes(&[(governed, &table), (named, "admins = []")]);
    assert_eq!(found, [(Severity::Note, "unnamed-admin")]);
    assert_eq!(codes(&[(named, "admins = []")]), [error("missing-role")]);
}

#[test]
fn ids_are_derived_as_on_chain() {
    let spec = tbill();
    assert_eq!(spec.halo.id, keccak256("meridian"));
    let class = [keccak256("meridian"), keccak256("tbill")].concat();
    assert_eq!(spec.id, keccak256(class));
    assert_eq!(spec.units[0].id, keccak256([spec.id, keccak256("bills")].concat()));
    assert_eq!(spec.artifact.hash, keccak256(&spec.artifact.bytes));
    assert_eq!(
        Facet::Psm.id(),
        b256!("50534d5f46414345540000000000000000000000000000000000000000000000")
    );
}

#[test]
fn limits_are_in_base_units_per_second() {
    let spec = tbill();
    let swap = spec.limits.iter().find(|l| l.name == LimitName::UsdsToUsdc).unwrap();
    assert_eq!(swap.max, U256::from(250_000_000_000_000u64));
    assert_eq!(swap.slope.per_second, U256::from(2_893_518_518u64));
    assert_eq!(amount::format(swap.slope.per_day(), &swap.token), "249_999_999.9552 USDC");
    let back = spec.limits.iter().find(|l| matches!(l.name, LimitName::Erc4626Withdraw { .. }));
    assert_eq!(back.unwrap().max, U256::MAX);
    let unit = &spec.units[0];
    assert_eq!(
        (unit.limits[0].name, unit.cap),
        (LimitName::LctsFundRedeem, U256::from(10).pow(U256::from(27)))
    );
    assert!(unit.entrants.is_sorted());
    assert_eq!(unit.entrant_primes, ["spark", "grove", "obex", "pattern", "keel"]);
}

#[test]
fn the_hash_is_of_the_meaning() {
    let (network, text) = (network(), Starter::Tbill.spec());
    let hash = |name: &str, text: &str| {
        ClassSpec::parse(name, text, &network, &Starter::Tbill).unwrap().value.hash()
    };
    let here = hash("a.toml", text);
    assert_eq!(here, hash("elsewhere/b.toml", text));
    let laid_out: String = text
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| format!("{}\r\n", l.replace(" = ", "  =  ")))
        .collect();
    assert_eq!(here, hash("a.toml", &laid_out));
    assert_eq!(here, hash("a.toml", &text.replace("1_000_000_000 USDS", "1000000000.0 USDS")));
    assert_eq!(here, hash("a.toml", &text.replace("\"36 h\"", "\"2160 min\"")));
    assert_ne!(here, hash("a.toml", &text.replace("1_000_000_000 USDS", "1_000_000_001 USDS")));
    assert_ne!(here, hash("a.toml", &text.replace("tbill-unit.md", "tbill.md")));
}

#[test]
fn six_decimals_and_two_units() {
    let network = network();
    let mmf = ClassSpec::parse("mmf", Starter::Mmf.spec(), &network, &Starter::Mmf).unwrap().value;
    assert_eq!(mmf.units[0].cap, U256::from(600_000_000_000_000u64));
    assert_eq!(mmf.units[0].min_redeem, U256::from(10).pow(U256::from(22)));
    let clo = ClassSpec::parse("clo", Starter::Clo.spec(), &network, &Starter::Clo).unwrap();
    let terms: Vec<_> =
        clo.value.units.iter().map(|u| (u.tranche, u.annual_bps, u.min_cover_bps)).collect();
    assert_eq!(terms, [(1, 500, 2_000), (0, 0, 0)]);
    assert_eq!(clo.findings, []);
    let filled: Vec<_> = clo.value.units_by_tranche().iter().map(|u| u.slug.as_str()).collect();
    assert_eq!(filled, ["junior", "senior"], "the equity first");
    let day = Scenario::day1(&network, &mmf.asset).unwrap().value;
    assert_eq!(day.primes[0].deposit.max, U256::from(100_000_000_000_000u64));
}

#[test]
fn checks_of_the_class() {
    assert_eq!(codes(&[]), []);
    assert_eq!(codes(&[("templates = 1", "templates = 2")]), [error("template-version")]);
    assert_eq!(
        codes(&[("\"pari-passu\"", "\"senior-junior\"")]),
        [error("tranches"), error("seniority"), error("no-equity")]
    );
    assert_eq!(codes(&[("\"5 bps / day\"", "\"0 bps / day\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"5 bps / day\"", "\"5 % / day\"")]), [warning("loose-bound")]);
    assert_eq!(codes(&[("\"36 h\"", "\"8 days\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"36 h\"", "\"12 h\"")]), [warning("short-report-age")]);
    assert_eq!(codes(&[("threshold = 2", "threshold = 1")]), [warning("threshold")]);
    assert_eq!(codes(&[("[\"psm\", ", "[\"usds\", \"psm\", ")]), [error("prime-facet")]);
    assert_eq!(codes(&[("[\"psm\", ", "[\"psm\", \"psm\", ")]), [error("duplicate")]);
    assert_eq!(codes(&[("[\"psm\", ", "[")]), [error("missing-facet")]);
    assert_eq!(codes(&[(", \"lcts-halo\"", "")]), [error("missing-facet")]);
    assert_eq!(codes(&[(", \"offramp\"", "")]), [error("missing-facet")]);
    assert_eq!(codes(&[("\"48 h\"", "\"23 h\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"48 h\"", "\"31 days\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"18 h\"", "\"30 min\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"18 h\"", "\"6 h\"")]), [warning("fast-hop")]);
    assert_eq!(codes(&[("\"25 %\"", "\"0 %\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"25 %\"", "\"50 %\"")]), [warning("large-change")]);
    let gov_ops = "[\"0x60B0500000000000000000000000000000000001\"]";
    assert_eq!(codes(&[(gov_ops, "[]")]), [error("missing-role")]);
    let tolerant =
        ("review_down = \"100 bps\"", "review_down = \"100 bps\"\ncost_tolerance = \"11 %\"");
    assert_eq!(codes(&[tolerant]), [warning("loose-bound"), warning("parked-has-no-cost")]);
    assert_eq!(codes(&[("max_fee = \"5 bps\"", "max_fee = \"2 %\"")]), [error("out-of-range")]);
    assert_eq!(codes(&[("\"wrapper\"", "\"no-fee\"")]), [(Severity::Note, "needs-spell")]);
    assert_eq!(
        codes(&[(
            "\"0xC057000000000000000000000000000000000001\"",
            "\"0xdC035D45d973E3EC169d2276DDab16f1e407384F\""
        )]),
        [error("token-as-endpoint")]
    );
}

#[test]
fn checks_of_limits() {
    let spark_rule = ("max = \"200_000_000 USDS\"", "max = \"1_000_000_000_001 USDS\"");
    assert_eq!(codes(&[spark_rule]), [error("out-of-range")]);
    assert_eq!(
        codes(&[("max = \"200_000_000 USDS\"", "max = \"0.5 USDS\"")]),
        [error("out-of-range")]
    );
    assert_eq!(
        codes(&[("slope = \"200_000_000 USDS / day\"", "slope = \"300_000_000 USDS / second\"")]),
        [error("out-of-range")]
    );
    assert_eq!(
        codes(&[("slope = \"200_000_000 USDS / day\"", "slope = \"0 USDS / day\"")]),
        [warning("no-slope")]
    );
    assert_eq!(
        codes(&[("slope = \"250_000_000 USDC / day\"", "slope = \"60 USDC / day\"")]),
        [(Severity::Note, "slope-rounded")]
    );
    assert_eq!(codes(&[("max = \"unlimited\" }", "max = \"5 USDS\" }")]), [error("missing-key")]);
    assert_eq!(
        codes(&[("max = \"unlimited\" }", "max = \"unlimited\", slope = \"5 USDS / day\" }")]),
        [error("slope-of-unlimited")]
    );
}

#[test]
fn checks_of_units() {
    assert_eq!(
        codes(&[("seniority = \"single\"", "seniority = \"senior\"")]),
        [error("seniority"), error("missing-key")]
    );
    assert_eq!(
        codes(&[("expected = \"3.64 %\"", "expected = \"3.64 %\"\npromised = \"3 %\"")]),
        [error("promise-to-equity")]
    );
    assert_eq!(
        codes(&[("expected = \"3.64 %\"", "expected = \"3.64 %\"\nmin_cover = \"20 %\"")]),
        [error("cover-of-equity")]
    );
    assert_eq!(codes(&[("\"mTBILL\"", "\"USDC\"")]), [error("duplicate")]);
    assert_eq!(codes(&[("\"mTBILL\"", "\"m TBILL\"")]), [error("bad-symbol")]);
    assert_eq!(codes(&[("settle_by = \"16:00\"", "settle_by = \"12:00\"")]), [error("bad-window")]);
    assert_eq!(codes(&[("max_lock = \"6 h\"", "max_lock = \"2 h\"")]), [error("bad-window")]);
    assert_eq!(codes(&[("\"20 h\"", "\"30 h\"")]), [warning("not-daily")]);
    assert_eq!(codes(&[("\"daily\"", "\"weekdays\"")]), [warning("weekend")]);
    assert_eq!(codes(&[("open = false", "open = true")]), [warning("open")]);
    let all = "entrants = [\"spark\", \"grove\", \"obex\", \"pattern\", \"keel\"]";
    assert_eq!(codes(&[(all, "entrants = []")]), [error("nobody-enters")]);
    let twice = "entrants = [\"spark\", \"0x1601843c5E9bC251A3272907010AFa41Fa18347E\"]";
    assert_eq!(codes(&[(all, twice)]), [error("duplicate")]);
    let stranger = "entrants = [\"0xF04d000000000000000000000000000000000001\"]";
    assert_eq!(codes(&[(all, stranger)]), [warning("not-a-prime")]);
    let dealer = "entrants = [\"0xa110cA7040000000000000000000000000000001\"]";
    assert_eq!(codes(&[(all, dealer)]), [error("self-deal"), warning("not-a-prime")]);
    assert_eq!(
        codes(&[(
            "subscribe_per_epoch = \"400_000_000 USDS\"",
            "subscribe_per_epoch = \"unlimited\""
        )]),
        []
    );
    assert_eq!(
        codes(&[("redeem_per_epoch = \"200_000_000 USDS\"", "redeem_per_epoch = \"0 USDS\"")]),
        [warning("closed")]
    );
}

/// The order of losses: two to four Units, one of them the equity, and room for the cover.
#[test]
fn checks_of_tranches() {
    let codes = |edits: &[(&str, &str)]| -> Vec<_> {
        let found = findings_on(&network(), Starter::Clo, edits);
        found.iter().map(|f| (f.severity, f.code)).collect()
    };
    assert_eq!(codes(&[]), []);
    assert_eq!(
        codes(&[("\"senior-junior\"", "\"pari-passu\"")]),
        [error("seniority"), error("seniority")]
    );
    assert_eq!(
        codes(&[("seniority = \"junior\"", "seniority = \"senior\"")]),
        [error("no-equity"), error("duplicate"), error("missing-key")]
    );
    assert_eq!(
        codes(&[("seniority = \"senior\"", "seniority = \"junior\"")]),
        [error("promise-to-equity"), error("cover-of-equity"), error("duplicate")]
    );
    assert_eq!(codes(&[("promised = \"5.00 %\"\n", "")]), [error("missing-key")]);
    assert_eq!(
        codes(&[("\"400_000_000 USDS\"", "\"401_000_000 USDS\"")]),
        [warning("cap-beyond-cover")]
    );
    // A mezzanine Unit stands between them, and all three are numbered without a gap.
    let junior = Starter::Clo.spec().rsplit_once("[[units]]").unwrap().1;
    let mezzanine = junior
        .replace("\"junior\"", "\"mezzanine\"")
        .replace("mCLO-J", "mCLO-M")
        .replace("seniority = \"junior\"", "seniority = \"mezzanine\"")
        .replace("expected = \"11.00 %\"", "expected = \"8 %\"\npromised = \"8 %\"");
    let text = format!("{}\n[[units]]{mezzanine}", Starter::Clo.spec());
    let clo = ClassSpec::parse("clo", &text, &network(), &Starter::Clo).unwrap().value;
    let order: Vec<_> = clo.units.iter().map(|u| (u.seniority, u.tranche)).collect();
    assert_eq!(order, [(Seniority::Senior, 2), (Seniority::Junior, 0), (Seniority::Mezzanine, 1)]);
}

/// An endpoint's limits are counted with 18 decimals whatever its tokens have, and its way back is open.
#[test]
fn endpoints_are_off_ramps() {
    let spec = tbill();
    let endpoint = &spec.endpoints[0];
    assert_eq!(amount::format_number(endpoint.max_in_flight, 18), "250_000_000");
    assert_eq!(endpoint.kyc, keccak256(Starter::Tbill.documents()["artifacts/custodian.md"]));
    let usdc = spec.endpoints[0].assets[0].address;
    let about = |name| spec.limits.iter().find(|limit| limit.name == name).unwrap();
    let sent = about(LimitName::OfframpSend { asset: usdc, endpoint: endpoint.address });
    assert_eq!(amount::format(sent.max, &sent.token), "250_000_000 USDC");
    assert_eq!((sent.token.decimals, endpoint.assets[0].decimals), (18, 6));
    let back = about(LimitName::OfframpReturn { asset: usdc, endpoint: endpoint.address });
    assert_eq!(back.max, U256::MAX);

    let desk =
        "kind = \"otc-desk\"\nleast_return = \"99.9 %\"\nrecharge = \"1_000_000 USDC / day\"";
    let kind = "kind = \"fiat-custody\"";
    assert_eq!(codes(&[(kind, desk)]), []);
    assert_eq!(codes(&[(kind, "kind = \"otc-desk\"")]), [error("missing-key")]);
    assert_eq!(codes(&[(kind, &desk.replace("99.9", "98"))]), [warning("low-return")]);
    assert_eq!(codes(&[(kind, &desk.replace("99.9", "0"))]), [error("out-of-range")]);
    assert_eq!(
        codes(&[(kind, &desk.replace("otc-desk", "fiat-custody"))]),
        [error("not-a-desk"), error("not-a-desk")]
    );
    let in_flight = "max_in_flight = \"250_000_000 USDC\"";
    assert_eq!(codes(&[(in_flight, "max_in_flight = \"0 USDC\"")]), [error("closed")]);
    assert_eq!(
        codes(&[(in_flight, "max_in_flight = \"1 USDC\"")]),
        [(Severity::Note, "in-flight-binds")]
    );
    assert_eq!(codes(&[("[\"USDC\"]", "[\"USDC\", \"USDC\"]")]), [error("duplicate")]);
    let both = ("[\"USDC\"]", "[\"USDC\", \"USDS\"]");
    assert_eq!(codes(&[both]), []);
    let relayer = "0xa110cA7040000000000000000000000000000001";
    let custodian = "0xC057000000000000000000000000000000000001";
    assert_eq!(codes(&[(custodian, relayer)]), [error("conflicting-roles")]);
}

/// Each pair of powers that check each other, in one hand.
#[test]
fn checks_of_duties() {
    let (settler, relayer) = (
        "0x5E771E4000000000000000000000000000000001",
        "0xa110cA7040000000000000000000000000000001",
    );
    let (conserver, freezer) = (
        "0xC045e4E400000000000000000000000000000001",
        "0xF4ee2E4000000000000000000000000000000001",
    );
    let gov_ops = "0x60B0500000000000000000000000000000000001";
    let (attestor, admin) = (
        "0xA77E570400000000000000000000000000000001",
        "0x4A10000000000000000000000000000000000001",
    );
    for (one, other) in [
        (settler, attestor),
        (relayer, attestor),
        (freezer, relayer),
        (freezer, settler),
        (relayer, settler),
        (conserver, relayer),
        (conserver, settler),
        (conserver, attestor),
        (conserver, freezer),
        (conserver, admin),
        (admin, relayer),
        (admin, settler),
        (admin, freezer),
        (admin, attestor),
        (freezer, gov_ops),
        (attestor, gov_ops),
        (conserver, gov_ops),
        (settler, gov_ops),
    ] {
        assert_eq!(codes(&[(one, other)]), [error("conflicting-roles")], "{one} is {other}");
    }
    // The documents expect GovOps to run its own relayer.
    assert_eq!(codes(&[(relayer, gov_ops)]), []);
    let usds = "0xdC035D45d973E3EC169d2276DDab16f1e407384F";
    assert_eq!(codes(&[(settler, usds)]), [error("token-as-role")]);
    let dev = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    assert_eq!(codes(&[(settler, dev)]), [warning("deployer-holds-role")]);
}

#[test]
fn production_refuses_placeholders() {
    let mainnet = Network::mainnet().unwrap();
    let findings = findings_on(&mainnet, Starter::Tbill, &[]);
    // One admin, one conserver, two freezers, relayer, settler, three attestors, GovOps, one endpoint.
    assert_eq!(findings.iter().filter(|f| f.code == "placeholder").count(), 11);
    assert_eq!(findings.len(), 11);
}

#[test]
fn findings_know_their_line() {
    let warned = findings_on(&network(), Starter::Tbill, &[("threshold = 2", "threshold = 1")]);
    let place = warned[0].place.unwrap();
    let line = Starter::Tbill.spec().lines().nth(place.line - 1).unwrap();
    assert_eq!((line, place.column), ("threshold = 2", 13));
}

/// What is wrong with `text` after its edits, as a file of the kind that `parse` reads.
fn refused<T>(
    text: &str,
    edits: &[(&str, &str)],
    parse: impl Fn(&str) -> halo_spec::Result<T>,
) -> Vec<&'static str> {
    let mut text = text.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    match parse(&text) {
        Ok(_) => Vec::new(),
        Err(LoadError::Input(problems)) => problems.findings.iter().map(|f| f.code).collect(),
        Err(e) => panic!("{e}"),
    }
}

#[test]
fn checks_of_scenarios() {
    let network = network();
    let usds = network.token("USDS").unwrap();
    let codes = |from, to| {
        let text = include_str!("../../../../deployments/scenarios/day1.toml");
        refused(text, &[(from, to)], |t| Scenario::parse("day1", t, &network, usds))
    };
    assert!(codes("seed = 1", "seed = 2").is_empty());
    assert_eq!(codes("settle = \"16:00\"", "settle = \"12:00\""), ["bad-window"]);
    assert_eq!(codes("T11:00:00Z", "T14:00:00Z"), ["bad-window"]);
    assert_eq!(codes("T11:00:00Z", "T11:00:00+01:00"), ["bad-time"]);
    assert_eq!(codes("prime = \"grove\"", "prime = \"spark\""), ["duplicate"]);
    assert_eq!(codes("prime = \"grove\"", "prime = \"groove\""), ["unknown-prime"]);
    assert_eq!(
        codes("line = \"0 USDS\", gap = \"0 USDS\"", "line = \"0 USDS\", gap = \"1 USDS\""),
        ["out-of-range"]
    );
    assert_eq!(codes("\"300_000_000 asset\"", "\"300_000_000 assets\""), ["wrong-unit"]);
    assert_eq!(codes("\"300_000_000 asset\"", "\"300_000_000 USDC\""), ["wrong-unit"]);
}

#[test]
fn checks_of_networks_and_primes() {
    let codes = |from, to| {
        let text = include_str!("../../../../deployments/networks/embedded.toml");
        refused(text, &[(from, to)], |t| Network::parse("embedded", t))
    };
    assert!(codes("chain_id = 1337", "chain_id = 31337").is_empty());
    assert_eq!(codes("chain_id = 1337", "chain_id = 0"), ["out-of-range"]);
    assert_eq!(codes("slug = \"grove\"", "slug = \"spark\""), ["duplicate"]);
    assert_eq!(codes("symbol = \"DAI\"", "symbol = \"USDC\""), ["duplicate"]);
    assert_eq!(codes("symbol = \"USDC\"", "symbol = \"USDT\""), ["token-mismatch"]);
    assert_eq!(codes("decimals = 6", "decimals = 5"), ["out-of-range"]);
    assert_eq!(codes("decimals = 6", "decimals = 300"), ["out-of-range"]);

    let table = include_str!("../../../../deployments/networks/embedded.toml");
    let spark = table.split("[[primes]]").nth(1).unwrap();
    let text = format!("format = \"halo-prime/1\"\n[prime]{spark}");
    let prime = Prime::parse("spark", &text).unwrap().value;
    assert_eq!(Some(&prime), network().prime("spark"));
    let relayer = format!("\"{}\"", prime.relayer.unwrap());
    let freezer = format!("\"{}\"", prime.freezer.unwrap());
    assert_eq!(
        refused(&text, &[(&freezer, &relayer)], |t| Prime::parse("spark", t)),
        ["conflicting-roles"]
    );
}

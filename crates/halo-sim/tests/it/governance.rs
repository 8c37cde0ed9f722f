//! What governance does on a day does what it says, on that day and not before; other targets and skipped days count.

use alloy_primitives::U256;
use halo_sim::Run;

use crate::kit::{changed, run, said};

fn millions(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10).pow(U256::from(24))
}

/// Days of T-bills where spark alone wants something, with changes to its limits and with acts.
fn spark(days: u32, change: impl Fn(String) -> String, acts: &str) -> Run {
    let simulation = changed("day1-tbill", |text| {
        let (head, primes) = text.split_once("[[primes]]").unwrap();
        let only = primes.split("[[primes]]").next().unwrap();
        let head = head.replace("days = 1\n", &format!("days = {days}\n"));
        let head = head.replace("  'day1_inflow >= \"300_000_000 USDS\"',\n", "");
        format!("{head}[[primes]]{}\n{acts}", change(only.to_owned()))
    });
    let run = run(&simulation.unwrap_or_else(|error| panic!("{error}")));
    assert!(run.holds(), "{}", said(&run));
    run
}

fn queued(run: &Run, days: std::ops::Range<u32>) -> U256 {
    run.prime_days.iter().filter(|row| days.contains(&row.day)).map(|row| row.queued).sum()
}

fn limit(what: &'static str, from: &'static str) -> impl Fn(String) -> String {
    move |text| {
        let lines = text.lines().map(|line| {
            if line.starts_with(&format!("{what} = ")) {
                format!("{what} = {from}")
            } else {
                line.to_owned()
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn a_deposit_limit_opens_on_its_day() {
    let closed = "{ max = \"5_000_000 asset\", slope = \"0 asset / day\" }";
    let act = "[[governance]]\nkind = \"deposit-limit\"\nday = 2\nprime = \"spark\"\nlimit = { max = \"60_000_000 USDS\", slope = \"0 USDS / day\" }\n";
    let run = spark(3, limit("deposit", closed), act);
    assert_eq!(queued(&run, 0..2), millions(5));
    assert_eq!(queued(&run, 2..3), millions(60));
}

#[test]
fn a_mint_limit_and_a_ceiling_open_on_their_day() {
    let closed = "{ max = \"5_000_000 USDS\", slope = \"0 USDS / day\" }";
    let act = "[[governance]]\nkind = \"mint-limit\"\nday = 1\nlimit = { max = \"30_000_000 USDS\", slope = \"0 USDS / day\" }\n";
    let run = spark(2, limit("mint", closed), act);
    assert_eq!((queued(&run, 0..1), queued(&run, 1..2)), (millions(5), millions(30)));

    let closed = "{ line = \"7_000_000 USDS\", gap = \"7_000_000 USDS\", ttl = \"24 h\" }";
    let act = "[[governance]]\nkind = \"ceiling\"\nday = 1\nprime = \"spark\"\nline = \"47_000_000 USDS\"\ngap = \"40_000_000 USDS\"\n";
    let run = spark(2, limit("ceiling", closed), act);
    assert_eq!((queued(&run, 0..1), queued(&run, 1..2)), (millions(7), millions(40)));
}

#[test]
fn a_swap_limit_opens_on_its_day() {
    let simulation = changed("day1-mmf", |text| {
        let closed = "swap = { max = \"5_000_000 USDC\", slope = \"0 USDC / day\" }";
        let lines =
            text.lines().map(|line| if line.starts_with("swap = ") { closed } else { line });
        let text = lines.collect::<Vec<_>>().join("\n").replace("days = 1\n", "days = 2\n");
        let act = "\n[[governance]]\nkind = \"swap-limit\"\nday = 1\nprime = \"grove\"\nlimit = { max = \"25_000_000 USDC\", slope = \"0 USDC / day\" }\n";
        text + act
    });
    let mut simulation = simulation.unwrap_or_else(|error| panic!("{error}"));
    simulation.expectations.clear();
    let run = run(&simulation);
    assert!(run.holds(), "{}", said(&run));
    let of = |slug: &str, day: u32| -> U256 {
        let prime = run.primes.iter().position(|prime| prime.slug == slug).unwrap();
        let rows = run.prime_days.iter().filter(|row| (row.prime, row.day) == (prime, day));
        rows.map(|row| row.queued).sum()
    };
    assert_eq!((of("grove", 0), of("grove", 1)), (millions(5), millions(25)));
    assert_eq!((of("spark", 0), of("spark", 1)), (millions(5), U256::ZERO), "the act is grove's");
}

#[test]
fn caps_of_a_unit_hold_from_their_day_on() {
    let act = "[[governance]]\nkind = \"unit-caps\"\nday = 0\nclass = \"tbill\"\ncap = \"50_000_000 USDS\"\nepoch_subscribe = \"20_000_000 USDS\"\n";
    let run = spark(4, |text| text, act);
    let settled: Vec<U256> = run.unit_days.iter().map(|row| row.settled).collect();
    assert_eq!(settled[0], millions(20), "an epoch takes in so much: {settled:?}");
    let last = run.unit_days.last().unwrap();
    assert!(last.value <= millions(50) + millions(1) && last.value > millions(49), "{last:?}");
}

#[test]
fn an_init_waits_for_fourteen_days() {
    let closed = "{ max = \"5_000_000 asset\", slope = \"0 asset / day\" }";
    let act = "[[governance]]\nkind = \"init\"\nday = 1\nprime = \"spark\"\nlimit = { max = \"80_000_000 USDS\", slope = \"40_000_000 USDS / day\" }\n";
    let run = spark(18, limit("deposit", closed), act);
    assert_eq!(queued(&run, 0..15), millions(5), "{}", said(&run));
    // An increase makes no room at once: it fills at its slope.
    let filled = queued(&run, 15..18);
    assert!(filled > millions(50) && filled <= millions(121), "{filled}");
    assert!(run.invariants.checked.iter().any(|(name, _)| name.starts_with("I24")));
}

#[test]
fn what_primes_can_hold_besides_competes_and_pays_back() {
    let other = |yield_bps: i32| {
        format!(
            "[[others]]\nslug = \"loans\"\nyield_bps = {yield_bps}\nlimit = {{ max = \"50_000_000 USDS\", slope = \"50_000_000 USDS / day\" }}\ncap = \"500_000_000 USDS\"\nredeem_delay = \"24 h\"\n"
        )
    };
    let scarce = limit("mint", "{ max = \"40_000_000 USDS\", slope = \"0 USDS / day\" }");
    let better = spark(2, &scarce, &other(1_500));
    assert!(queued(&better, 0..1) < millions(1), "{}", said(&better));
    let held = better.conservation.parties.iter().find(|one| one.party == "other target loans");
    assert!(held.is_some_and(|one| one.amount >= millions(39)), "{:?}", better.conservation);
    assert!(!better.conservation.gains.is_zero(), "it earns");
    let worse = spark(2, &scarce, &other(-200));
    assert_eq!(queued(&worse, 0..1), millions(40), "{}", said(&worse));

    // What is held at the start comes back where something better is at hand.
    let holds = |text: String| {
        scarce(text) + "\nholds = [{ target = \"loans\", amount = \"30_000_000 USDS\" }]\n"
    };
    let back = spark(4, holds, &other(-200));
    let held = back.conservation.parties.iter().find(|one| one.party == "other target loans");
    assert!(held.is_none_or(|one| one.amount < millions(1)), "{:?}", back.conservation);
}

#[test]
fn nothing_settles_on_a_skipped_day() {
    let simulation = changed("day1-tbill", |text| {
        text.replace("days = 1\n", "days = 3\nskip = [\"2026-03-02\", \"2026-03-04\"]\n")
            .replace("  'day1_inflow >= \"300_000_000 USDS\"',\n", "")
    });
    let run = run(&simulation.unwrap_or_else(|error| panic!("{error}")));
    assert!(run.holds(), "{}", said(&run));
    let days: Vec<u32> = run.settlements.iter().map(|row| row.day).collect();
    assert_eq!(days, [1], "Monday and Wednesday are holidays");
}

#[test]
fn growth_follows_the_pace_of_the_primes_and_not_that_of_the_class() {
    let slope = "{ max = \"5_000_000 asset\", slope = \"5_000_000 asset / day\" }";
    let acts = "[[governance]]\nkind = \"init\"\nday = 1\nlimit = { max = \"5_000_000 USDS\", slope = \"5_000_000 USDS / day\" }\n\
                [[governance]]\nkind = \"grow\"\nday = 15\nuntil = \"50_000_000 USDS\"\n";
    for pace in ["25 %", "10 %", "60 %"] {
        let run = paced(slope, acts, pace);
        assert!(run.holds(), "{pace}: {}", said(&run));
        let grown = run.incidents.iter().filter(|one| one.what.contains("by up to 25 %"));
        assert_eq!(grown.count(), 3, "{pace}: on each of the days 16 to 18: {:?}", run.incidents);
    }
}

/// Eighteen days of T-bills under a spec whose own PAU grows at that pace.
fn paced(deposit: &'static str, acts: &str, pace: &str) -> Run {
    let mut simulation = changed("day1-tbill", |text| {
        let text = text.replace("days = 1\n", "days = 18\n");
        limit("deposit", deposit)(text) + "\n" + acts
    })
    .unwrap_or_else(|error| panic!("{error}"));
    simulation.expectations.clear();
    let bps = pace.trim_end_matches(" %").parse::<u16>().unwrap() * 100;
    for entry in &mut simulation.classes {
        entry.class.configurator.as_mut().unwrap().max_change_bps = bps;
    }
    run(&simulation)
}

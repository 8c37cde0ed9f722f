//! Runs to make pages of. What a simulation really comes to is shown by the tests of `halo report`; here each kind of
//! row must be there at a known size, and some runs are ones that no simulation would write.

use alloy_primitives::{Address, B256, I256, U256};
use halo_sim::{Bound, run::*};

/// Midnight of 1 July 2026.
const START: u64 = 1_782_864_000;
const DAY: u64 = 86_400;

/// So many dollars.
pub(crate) fn usd(dollars: u64) -> U256 {
    U256::from(dollars) * U256::from(10).pow(U256::from(18))
}

/// A run with everything in it: thirty days, three Units, five Primes, a loss, an attack, a failed expectation.
pub(crate) fn run() -> Run {
    let units = ["clo/junior", "clo/senior", "bills/bills"];
    let primes = ["spark", "grove", "obex", "pattern", "keel"];
    Run {
        schema: RUN_SCHEMA.to_owned(),
        scenario: "Thirty days of ramp with a loss of 15 %".to_owned(),
        seed: 7,
        started_at: START,
        days: 30,
        units: units.iter().enumerate().map(|(at, slug)| unit(at, slug)).collect(),
        primes: primes
            .map(|slug| PrimeInfo {
                slug: slug.to_owned(),
                name: slug.to_uppercase(),
                appetite: usd(300_000_000),
                asks_bps: if slug == "obex" { 100_000 } else { 10_000 },
            })
            .to_vec(),
        inflow: (0..40)
            .map(|at| Inflow {
                at: START + 600 + at as u64 * 1_700,
                prime: at % 5,
                unit: at % 3,
                amount: usd(2_000_000 + 900_000 * (at as u64 % 7)),
            })
            .collect(),
        limits: limits(),
        prime_days: Vec::new(),
        unit_days: (0..30).flat_map(|day| (0..3).map(move |at| unit_day(day, at))).collect(),
        settlements: Vec::new(),
        bindings: vec![
            binding(Some(0), Some(2), Bound::DepositLimit, 29, 41_250),
            binding(Some(2), None, Bound::MintCeiling, 12, 38_000),
            binding(None, Some(1), Bound::Cover, 4, 0),
        ],
        losses: [(0, 42_000_000, 12_000_000), (1, 158_000_000, 158_000_000)]
            .map(|(at, before, after)| LossRow {
                day: 17,
                unit: at,
                class_loss: usd(30_000_000),
                before: usd(before),
                after: usd(after),
            })
            .to_vec(),
        fairness: fairness(),
        incidents: vec![
            incident(17, "shock", "clo", "its assets lost 15 %", None),
            incident(20, "attack", "keel's relayer", "transferred to itself", Some(true)),
        ],
        streams: vec![StreamRow {
            prime: 0,
            fee_bps: 2_000,
            accepted: 41,
            refused: vec![("velocity".to_owned(), 3)],
            silent: 2,
            actual: I256::unchecked_from(5) * I256::unchecked_from(10).pow(U256::from(24)),
            counterfactual: -I256::unchecked_from(10).pow(U256::from(24)),
            carry: U256::from(12) * U256::from(10).pow(U256::from(23)),
        }],
        shutdowns: vec![ShutdownRow {
            prime: 4,
            from: START + 20 * DAY,
            time: 900,
            moved: usd(1_000_000),
            rate_times_time: usd(1_200_000),
            bound: usd(5_200_000),
            is_within: true,
        }],
        invariants: Invariants {
            every: 1,
            settlements: 60,
            checked: vec![("Shares are backed".to_owned(), 60), ("Queues add up".to_owned(), 60)],
            broken: Vec::new(),
        },
        conservation: Conservation {
            parties: vec![
                PartyRow { party: "Primes".to_owned(), amount: usd(500_000_000) },
                PartyRow { party: "managers".to_owned(), amount: usd(371_000_000) + U256::from(1) },
            ],
            sum: usd(871_000_000) + U256::from(1),
            genesis: usd(900_000_000),
            drawn: I256::ZERO,
            psm: I256::ZERO,
            gains: usd(1_000_000) + U256::from(1),
            losses: usd(30_000_000),
            holds: true,
        },
        expectations: vec![
            expectation("day1_inflow >= \"100_000_000 USDS\"", true, "188_600_000 USDS"),
            expectation("max_unfilled <= \"1_000_000 USDS\"", false, "34_000_000 USDS"),
        ],
        totals: Totals {
            wanted: usd(685_000_000),
            day1_queued: usd(188_600_000),
            day1_inflow: usd(150_000_000),
            queued: usd(900_000_000),
            settled: usd(612_000_000),
            redeemed: usd(58_000_000),
            max_unfilled: usd(34_000_000),
            value: usd(540_000_000),
            actions: 1_841,
            gas: 412_000_000,
        },
        trace: Vec::new(),
        moment: None,
        words: vec![
            "On the first day 150.00 M USDS of 188.60 M settled; the managers' capacity kept the rest waiting.".to_owned(),
            "spark would have put in more: its deposit limit bound on 29 of 30 days.".to_owned(),
            "The loss of day 17 took 30.00 M from clo/junior and nothing from clo/senior.".to_owned(),
        ],
    }
}

fn unit(at: usize, slug: &str) -> UnitInfo {
    UnitInfo {
        slug: slug.to_owned(),
        class: slug.split('/').next().unwrap().to_owned(),
        address: Address::with_last_byte(at as u8),
        id: B256::with_last_byte(at as u8),
        asset: "USDS".to_owned(),
        decimals: 18,
        tranche: u8::from(at == 1),
        is_ranked: at < 2,
        cap: usd(1_000_000_000),
    }
}

fn limits() -> Vec<LimitUse> {
    let names = [Bound::MintCeiling, Bound::MintLimit, Bound::SwapLimit, Bound::DepositLimit];
    let row = |prime: usize, at: usize| {
        let available = usd(25_000_000 * (1 + (prime as u64 * 3 + at as u64 * 5) % 7));
        let used = available / U256::from(1 + (prime + at) % 4);
        LimitUse {
            prime,
            unit: (at == 3).then_some(prime % 3),
            limit: names[at],
            at_start: available / U256::from(2),
            available: if (prime, at) == (1, 0) { U256::MAX } else { available },
            used,
        }
    };
    (0..5).flat_map(|prime| (0..4).map(move |at| row(prime, at))).collect()
}

fn unit_day(day: u32, at: usize) -> UnitDay {
    let step = u64::from(day);
    let growth = [140_000_000_000_000_u64, 110_000_000_000_000, 100_000_000_000_000][at] * step;
    let whole = 1_000_000_000_000_000_000;
    let rate = if at == 0 && day >= 17 { whole * 3 / 10 + growth } else { whole + growth };
    UnitDay {
        day,
        unit: at,
        locked_at: Some(START + step * DAY + 64_800),
        settled_at: Some(START + step * DAY + 72_000),
        queued: usd(12_000_000 + 1_000_000 * (step % 5) * (at as u64 + 1)),
        settled: usd(8_000_000 + 500_000 * (step % 3)),
        left: usd(30_000_000 / (step + 1) + 1_000_000 * at as u64),
        redeeming: U256::ZERO,
        redeemed: usd(if day > 17 { 1_600_000 } else { 0 }),
        exchange_rate: U256::from(rate),
        value: usd([12_000_000, 158_000_000, 370_000_000][at]),
        cover_bps: (at == 1).then_some(if day < 17 { 2_100 } else { 706 }),
        nav: usd(540_000_000),
        liquid: usd(20_000_000),
        deployed: usd(520_000_000),
        bound: Bound::Capacity,
        state: "Active".to_owned(),
    }
}

fn fairness() -> Fairness {
    let got = [0, 45_304_388, 36_243_511, 91_930_155, 226_521_944];
    let asked = [20_000_000, 60_000_000, 40_000_000, 101_458_333, 250_000_000];
    let all = |amounts: [u64; 5]| amounts.iter().sum::<u64>();
    let part = |amounts: [u64; 5], at: usize| {
        u32::try_from(amounts[..=at].iter().sum::<u64>() * 10_000 / all(amounts)).unwrap()
    };
    Fairness {
        checked: 420,
        worst_wei: U256::from(2),
        lorenz: (0..5)
            .map(|at| LorenzRow {
                prime: at,
                asked: usd(asked[at]),
                settled: usd(got[at]),
                asked_bps: part(asked, at),
                settled_bps: part(got, at),
            })
            .collect(),
        gini_bps: 512,
        over_asking: vec![OverAskingRow {
            prime: 2,
            asks_bps: 100_000,
            settled: usd(36_243_511),
            honest: usd(18_000_000),
            gain: usd(18_243_511),
            remedied: Some(usd(0)),
        }],
    }
}

fn binding(
    prime: Option<usize>,
    unit: Option<usize>,
    by: Bound,
    days: u32,
    price_ppm: u64,
) -> BindingRow {
    BindingRow { prime, unit, by, days, first_day: 0, last_day: 29, price_ppm }
}

fn incident(day: u32, kind: &str, who: &str, what: &str, refused: Option<bool>) -> Incident {
    Incident {
        day,
        at: START + u64::from(day) * DAY + 43_200,
        kind: kind.to_owned(),
        who: who.to_owned(),
        what: what.to_owned(),
        refused,
    }
}

fn expectation(text: &str, holds: bool, found: &str) -> ExpectationRow {
    let trace = TraceRow {
        day: 0,
        at: START + 72_000,
        who: "settler".to_owned(),
        what: "settled bills/bills: bound by capacity".to_owned(),
    };
    ExpectationRow {
        text: text.to_owned(),
        holds,
        found: found.to_owned(),
        day: Some(0),
        trace: if holds { Vec::new() } else { vec![trace] },
    }
}

/// The same run, good in every respect.
pub(crate) fn held() -> Run {
    let mut run = run();
    run.expectations.retain(|row| row.holds);
    run
}

/// The first day of it.
pub(crate) fn day1() -> Run {
    let mut run = run();
    run.days = 1;
    run.unit_days.retain(|row| row.day == 0);
    run.losses.clear();
    run
}

/// A run of nothing.
pub(crate) fn empty() -> Run {
    Run {
        units: Vec::new(),
        primes: Vec::new(),
        inflow: Vec::new(),
        limits: Vec::new(),
        unit_days: Vec::new(),
        bindings: Vec::new(),
        losses: Vec::new(),
        fairness: Fairness::default(),
        incidents: Vec::new(),
        streams: Vec::new(),
        shutdowns: Vec::new(),
        invariants: Invariants::default(),
        expectations: Vec::new(),
        totals: Totals::default(),
        words: Vec::new(),
        days: 0,
        ..run()
    }
}

/// What a scenario would be called by somebody who wants to run code where the page is read.
pub(crate) const EVIL: &str = "</title><script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(1)>\"'`|@everyone\n# x";

/// A run whose every text is [`EVIL`].
pub(crate) fn hostile() -> Run {
    let mut run = run();
    let evil = || EVIL.to_owned();
    run.scenario = evil();
    run.units.iter_mut().for_each(|unit| (unit.slug, unit.class) = (evil(), evil()));
    run.primes.iter_mut().for_each(|prime| (prime.slug, prime.name) = (evil(), evil()));
    run.words = vec![evil()];
    for row in &mut run.incidents {
        (row.kind, row.who, row.what) = (evil(), evil(), evil());
    }
    for row in &mut run.expectations {
        (row.text, row.found) = (evil(), evil());
        row.trace.iter_mut().for_each(|row| (row.who, row.what) = (evil(), evil()));
    }
    run.conservation.parties.iter_mut().for_each(|row| row.party = evil());
    run.invariants.checked.iter_mut().for_each(|(name, _)| *name = evil());
    run.invariants.broken = vec![BrokenRow { day: 0, unit: 0, name: evil(), found: evil() }];
    run
}

/// A run whose numbers lead nowhere and are as large as they can be.
pub(crate) fn absurd() -> Run {
    let mut run = run();
    run.units.clear();
    run.primes.clear();
    run.started_at = u64::MAX;
    run.inflow.iter_mut().for_each(|row| row.amount = U256::MAX);
    run.limits.iter_mut().for_each(|row| (row.used, row.available) = (U256::MAX, U256::from(1)));
    for row in &mut run.unit_days {
        (row.settled, row.queued, row.left, row.exchange_rate) =
            (U256::MAX, U256::MAX, U256::MAX, U256::MAX);
        row.cover_bps = Some(u16::MAX);
        row.day = row.day.saturating_mul(143_165_576);
    }
    run.losses.iter_mut().for_each(|row| (row.before, row.after) = (U256::MAX, U256::ZERO));
    run.fairness.lorenz.iter_mut().for_each(|row| row.asked_bps = u32::MAX);
    run.bindings.iter_mut().for_each(|row| row.price_ppm = u64::MAX);
    run.conservation.drawn = I256::MIN;
    run
}

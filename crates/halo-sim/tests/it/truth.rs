//! What a run says is so: the same seed gives the same bytes, a changed log is found out, limits bind, money is counted.

use alloy_primitives::U256;
use halo_sim::{Bound, Options, Run, Until, recompute, simulate, tables};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};

use crate::kit::{preset, run};

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_thread_and_on_several() {
    let mut simulation = preset("hostile");
    simulation.days = 4;
    let bytes = |run: &Run| serde_json::to_vec(run).unwrap();
    let first = bytes(&run(&simulation));
    let others: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..2).map(|_| scope.spawn(|| bytes(&run(&simulation)))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    assert!(others.iter().all(|other| *other == first));
    simulation.scenario.seed += 1;
    assert_ne!(bytes(&run(&simulation)), first, "another seed is another run");
}

#[test]
fn a_run_survives_json() {
    let run = run(&preset("day1-clo"));
    let back: Run = serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap();
    assert_eq!(back, run);
}

#[test]
fn a_settlement_that_was_tampered_with_is_found_out() {
    let run = run(&preset("day1-tbill"));
    let row = run.settlements.first().unwrap();
    assert_eq!(recompute(row), Ok(()));
    let mut minted = row.clone();
    minted.outcome.shares_minted += U256::ONE;
    assert!(recompute(&minted).is_err());
    let mut index = row.clone();
    index.input.index += U256::from(10).pow(U256::from(20));
    assert!(recompute(&index).is_err());
    let mut part = row.clone();
    part.parts[0].left = U256::ZERO;
    part.parts[0].asked += part.input.subscribe_total;
    assert!(recompute(&part).is_err());
}

#[test]
fn until_stops_and_trace_follows() {
    let simulation = preset("beacon-dead");
    let options = Options { until: Some(Until::EndOf(1)), trace: Some("grove".to_owned()) };
    let run = simulate(&simulation, &options, |_| {}).unwrap();
    assert_eq!(run.days, 2);
    assert!(run.trace.iter().any(|line| line.who == "grove"));

    // How everything stands then is what the days say.
    let moment = run.moment.as_ref().unwrap();
    assert_eq!(
        (moment.day, moment.primes.len(), moment.queues.len()),
        (1, run.primes.len(), run.units.len())
    );
    let last = |unit: usize| run.unit_days.iter().rfind(|row| row.unit == unit).unwrap();
    for row in &moment.queues {
        assert_eq!((row.subscribe, &row.state), (last(row.unit).left, &last(row.unit).state));
    }
    assert_eq!(moment.books[0].nav, last(0).nav);
    let held = run.prime_days.iter().rfind(|row| row.prime == 1 && row.unit == 0).unwrap();
    let grove = &moment.primes[1];
    assert!(!held.shares.is_zero() && !grove.debt.is_zero());
    assert_eq!((grove.stakes[0].shares, grove.stakes[0].waits), (held.shares, held.left));
    let terms = &simulation.scenario.primes[1];
    assert_eq!((grove.stakes[0].deposit.max, grove.mint.max), (terms.deposit.max, terms.mint.max));
    let whole = simulate(&simulation, &Options::default(), |_| {}).unwrap();
    assert!(whole.moment.is_none(), "nobody asked");
    assert_eq!(whole.unit_days[..run.unit_days.len()], run.unit_days, "a replay is the same run");
}

/// What happened so far is what the whole run begins with.
fn begins(whole: &Run, part: &Run) {
    assert!(whole.inflow.starts_with(&part.inflow));
    assert!(whole.settlements.starts_with(&part.settlements));
    assert!(whole.incidents.starts_with(&part.incidents));
    assert!(whole.trace.starts_with(&part.trace));
    assert!(part.conservation.holds && part.invariants.broken.is_empty());
}

#[test]
fn any_moment_can_be_replayed() {
    let mut simulation = preset("hostile");
    simulation.days = 3;
    simulation.expectations.clear();
    let stopped = |until| {
        let options = Options { until: Some(until), trace: Some("grove".to_owned()) };
        simulate(&simulation, &options, |_| {}).unwrap()
    };
    let whole = stopped(Until::EndOf(2));
    let midnight = simulation.scenario.start - simulation.scenario.start % 86_400;
    let (mut before, mut looks) = (0, std::collections::BTreeSet::new());
    for day in 0..3 {
        for second in [(9, 0), (11, 0), (12, 45), (13, 0), (13, 40), (23, 59)]
            .map(|(hour, minute)| hour * 3_600 + minute * 60)
        {
            let run = stopped(Until::At(day, second));
            begins(&whole, &run);
            let moment = run.moment.as_ref().unwrap();
            let at = midnight + u64::from(day) * 86_400 + u64::from(second);
            assert_eq!((moment.day, moment.at), (day, at.max(simulation.scenario.start)));
            assert!(run.trace.iter().all(|line| line.at <= moment.at));
            assert!(run.totals.actions >= before, "day {day}, second {second}");
            before = run.totals.actions;
            looks.insert(before);
        }
    }
    assert!(looks.len() > 10, "moments within a day differ: {looks:?}");
    for number in 1..=whole.settlements.len() as u64 {
        let run = stopped(Until::Settlement(number));
        begins(&whole, &run);
        let last = run.settlements.last().unwrap();
        assert_eq!(run.settlements.len() as u64, number);
        let moment = run.moment.as_ref().unwrap();
        assert_eq!((moment.day, moment.at), (last.day, last.at));
        assert_eq!(moment.queues[last.unit].last_settle_at, last.at);
    }
}

#[test]
fn tables_in_parquet_are_those_in_csv() {
    let mut simulation = preset("hostile");
    simulation.days = 3;
    let run = run(&simulation);
    for table in tables(&run) {
        let file = table.parquet(&simulation, &run).unwrap();
        assert_eq!(file, table.parquet(&simulation, &run).unwrap(), "the same bytes");
        let file = SerializedFileReader::new(alloy_primitives::bytes::Bytes::from(file)).unwrap();
        let about = file.metadata().file_metadata();
        let pairs = about.key_value_metadata().unwrap();
        let said = |key: &str| {
            pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).unwrap()
        };
        assert_eq!((said("halo.table").as_str(), said("halo.seed").as_str()), (table.name, "7"));
        assert_eq!((said("halo.schema").as_str(), said("halo.digest").len()), ("halo-run/1", 66));
        let mut lines = Vec::new();
        let columns = about.schema_descr().columns().iter();
        lines.push(columns.map(|column| column.name().to_owned()).collect::<Vec<_>>().join(","));
        for row in file.get_row_iter(None).unwrap() {
            let fields: Vec<_> = row
                .unwrap()
                .get_column_iter()
                .map(|(_, field)| match field {
                    Field::Null => String::new(),
                    Field::ULong(number) => number.to_string(),
                    Field::Bool(flag) => flag.to_string(),
                    Field::Str(text) if text.contains(',') => format!("\"{text}\""),
                    Field::Str(text) => text.clone(),
                    other => panic!("{other:?}"),
                })
                .collect();
            lines.push(fields.join(","));
        }
        assert!(lines.len() > 3, "{} has rows", table.name);
        assert_eq!(lines.join("\r\n") + "\r\n", table.csv(), "{}", table.name);
    }
}

#[test]
fn what_is_expected_in_vain_fails_with_its_trace() {
    let mut simulation = preset("day1-tbill");
    let text = "day1_inflow >= \"5_000_000_000 USDS\"";
    simulation.expectations.insert(0, halo_spec::Expectation::parse(text).unwrap());
    let run = run(&simulation);
    assert!(!run.holds());
    let failure = run.first_failure().unwrap();
    assert_eq!(failure.text, text);
    assert!(failure.trace.iter().any(|line| line.what.contains("bound by")), "{failure:?}");
}

#[test]
fn a_smaller_limit_lets_less_in_and_is_named() {
    let mut simulation = preset("day1-tbill");
    let spark = &mut simulation.scenario.primes[0];
    spark.deposit.max = U256::from(10).pow(U256::from(24)) * U256::from(7);
    spark.deposit.slope.per_second = U256::ZERO;
    simulation.expectations.clear();
    let run = run(&simulation);
    let row = run.prime_days.iter().find(|row| row.prime == 0).unwrap();
    assert_eq!((row.bound, row.queued), (Bound::DepositLimit, spark_limit()));
}

fn spark_limit() -> U256 {
    U256::from(10).pow(U256::from(24)) * U256::from(7)
}

//! Absurd scenarios end in a clear message or a correct run.

use halo_sim::{Options, simulate};

use crate::kit::{changed, folder, preset, run, said};
use halo_spec::{Agent, AgentKind, Network, Simulation};

#[test]
fn zero_primes() {
    let mut simulation = preset("day1-tbill");
    simulation.scenario.primes.clear();
    simulation.mandates.clear();
    simulation.expectations.clear();
    let run = run(&simulation);
    assert!(run.holds() && run.settlements.is_empty(), "{}", said(&run));
}

#[test]
fn no_class_is_said() {
    let mut simulation = preset("day1-tbill");
    simulation.classes.clear();
    let error = simulate(&simulation, &Options::default(), |_| {}).unwrap_err();
    assert!(error.to_string().contains("no Class"), "{error}");
}

#[test]
fn a_missing_spec_is_named() {
    let error =
        changed("day1-tbill", |text| text.replace("tbill.toml\"", "nowhere.toml\"")).unwrap_err();
    assert!(error.contains("nowhere.toml"), "{error}");
    let network = Network::embedded().unwrap();
    let missing = Simulation::load(&folder().join("nowhere.toml"), &network, &[]).unwrap_err();
    assert!(missing.to_string().contains("nowhere.toml"), "{missing}");
}

#[test]
fn horizons_beyond_a_hundred_years_are_refused_and_a_century_is_read() {
    let error =
        changed("day1-tbill", |text| text.replace("days = 1\n", "days = 40000\n")).unwrap_err();
    assert!(error.contains("1 to 36525 days"), "{error}");
    let century =
        changed("day1-tbill", |text| text.replace("days = 1\n", "days = 36525\n")).unwrap();
    assert_eq!(century.days, 36_525);
}

#[test]
fn a_name_that_is_not_there_is_placed() {
    let with = |table: &str| changed("day1-tbill", |text| text + table).unwrap_err();
    let error = with("\n[[shocks]]\nkind = \"run\"\nday = 1\nprimes = [\"nobody\"]\n");
    assert!(error.contains("no Prime `nobody`") && error.contains("line"), "{error}");
    let error = with("\n[[shocks]]\nkind = \"loss\"\nday = 1\n");
    assert!(error.contains("the part of the positions"), "{error}");
    let error = with("\n[[governance]]\nkind = \"ceiling\"\nday = 1\n");
    assert!(error.contains("does not say what it sets"), "{error}");
}

#[test]
fn the_first_format_is_read_and_an_old_file_with_new_keys_is_told() {
    let network = Network::embedded().unwrap();
    let day = Simulation::load(&folder().join("day1.toml"), &network, &[]).unwrap().value;
    assert_eq!((day.days, day.scenario.primes.len()), (1, 5));
    let text = std::fs::read_to_string(folder().join("day1.toml")).unwrap();
    let old = text.replacen("seed = 1", "seed = 1\ndays = 3", 1);
    let error = Simulation::parse("old", &old, &network, &folder(), &[]).unwrap_err();
    let halo_spec::LoadError::Input(problems) = error else { panic!("{error}") };
    assert!(problems.findings.iter().any(|one| one.message.contains("`days`")), "{problems}");
}

#[test]
fn negative_yield_eats_the_positions_and_is_conserved() {
    let mut simulation = preset("day1-tbill");
    simulation.days = 6;
    simulation.expectations.clear();
    for class in &mut simulation.classes {
        class.yield_bps = -3_000;
    }
    let run = run(&simulation);
    assert!(run.holds(), "{}", said(&run));
    assert!(!run.conservation.losses.is_zero(), "{}", said(&run));
    let rate = |day: u32| run.unit_days.iter().find(|row| row.day == day).unwrap().exchange_rate;
    assert!(rate(5) < rate(0));
}

#[test]
fn a_thousand_agents_change_no_price() {
    let mut simulation = preset("day1-tbill");
    let quiet = run(&simulation);
    simulation.agents.push(Agent {
        kind: AgentKind::Donor,
        count: 1_000,
        probability_bps: 10_000,
        prime: None,
        times: 100,
        amount: alloy_primitives::U256::from(10).pow(alloy_primitives::U256::from(20)),
    });
    let loud = run(&simulation);
    assert!(loud.holds(), "{}", said(&loud));
    assert_eq!(quiet.totals.day1_inflow, loud.totals.day1_inflow);
    assert_eq!(quiet.unit_days[0].exchange_rate, loud.unit_days[0].exchange_rate);
}

#[test]
fn a_million_agents_are_drawn_from_and_those_who_act_change_no_price() {
    let table = |count: u32| {
        format!("\n[[agents]]\nkind = \"donor\"\ncount = {count}\nprobability = \"0.02 %\"\n")
    };
    let quiet = run(&preset("day1-tbill"));
    let loud = run(&changed("day1-tbill", |text| text + &table(1_000_000)).unwrap());
    assert!(loud.holds(), "{}", said(&loud));
    let acts = loud.totals.actions - quiet.totals.actions;
    assert!((100..400).contains(&acts), "about two hundred of a million act: {acts}");
    assert_eq!(quiet.unit_days[0].exchange_rate, loud.unit_days[0].exchange_rate);
    let error = changed("day1-tbill", |text| text + &table(10_000_001)).unwrap_err();
    assert!(error.contains("at most 10000000 agents"), "{error}");
}

#[test]
fn a_million_agents_that_all_act_on_one_day_change_no_price() {
    let table = "\n[[agents]]\nkind = \"donor\"\ncount = 1000000\namount = \"1 USDS\"\nprobability = \"100 %\"\n";
    let loud = run(&changed("day1-tbill", |text| text + table).unwrap());
    assert!(loud.holds(), "{}", said(&loud));
    assert!(loud.totals.actions > 1_000_000, "{}", loud.totals.actions);
    let quiet = run(&preset("day1-tbill"));
    assert_eq!(quiet.unit_days[0].exchange_rate, loud.unit_days[0].exchange_rate);
    assert_eq!(quiet.totals.settled, loud.totals.settled);
}

/// The whole century is run by hand, see docs/simulation.md: what could break in it late is its clock.
#[test]
fn a_month_at_the_end_of_a_century_is_as_good_as_any() {
    let late = changed("day1-tbill", |text| {
        text.replace("start = \"2026-", "start = \"2126-").replace("days = 1\n", "days = 30\n")
    });
    let run = run(&late.unwrap_or_else(|error| panic!("{error}")));
    assert!(run.holds() && run.started_at > 4_900_000_000, "{}", said(&run));
    assert!(run.settlements.len() > 20 && !run.conservation.gains.is_zero());
}

#[test]
fn every_shock_at_once_ends_in_a_run_that_adds_up() {
    let shocks: String = [
        ("loss", "part = \"30 %\""),
        ("loss", "part = \"100 %\""),
        ("yield", "yield_bps = -2000"),
        ("yield", "yield_bps = 3000"),
        ("manager-late", "days = 3"),
        ("report-late", "days = 2"),
        ("psm-dry", "days = 2"),
        ("psm-dry", "days = 3"),
        ("beacon-dead", "days = 2"),
        ("run", "days = 4"),
    ]
    .iter()
    .map(|(kind, more)| format!("\n[[shocks]]\nkind = \"{kind}\"\nday = 4\n{more}\n"))
    .collect();
    let simulation =
        changed("day1-clo", |text| text.replace("days = 1\n", "days = 10\n") + &shocks);
    let mut simulation = simulation.unwrap_or_else(|error| panic!("{error}"));
    simulation.expectations.clear();
    let run = run(&simulation);
    assert!(run.holds(), "{}", said(&run));
    assert!(!run.conservation.losses.is_zero(), "all of the positions were lost");
}

#[test]
fn a_negative_yield_is_read_from_a_file() {
    let simulation = changed("day1-tbill", |text| {
        let spec = "spec = \"../specs/tbill.toml\"\n";
        text.replace(spec, &format!("{spec}yield_bps = -3_000\n"))
    });
    assert_eq!(simulation.unwrap().classes[0].yield_bps, -3_000);
}

//! The engine: an agenda of days on which governance, managers, Primes, the beacon and others act, in this order, until
//! the horizon is reached. One thread, no clock of the machine, no chance but the seed's: the same simulation gives the
//! same bytes.

mod day;
mod record;
mod scene;
mod settle;

pub(crate) use record::Record;

use std::collections::BTreeMap;

use alloy_primitives::{B256, U256};
use halo_chain::{Embedded, now};
use halo_sentinel::lcts::settler::{DAY, Days, Rules};
use halo_spec::{AgentKind, Simulation};
use halo_templates::bindings::HaloBook;

use crate::{
    Error, Result, attest,
    beacon::LphaLcts,
    check::Checks,
    formation::{Formation, Scene},
    governance::Governance,
    manager::HaloSide,
    money::Ledger,
    others::Others,
    run::Run,
    world::{Stage, World},
};

/// What of a simulation is run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Stop there.
    pub until: Option<Until>,
    /// The Prime whose every step is kept.
    pub trace: Option<String>,
}

/// The moment at which a run stops. Days count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The end of this day.
    EndOf(u32),
    /// When everything due by this second of the UTC day is done.
    At(u32, u32),
    /// Right after the settlement of this number, counted from 1.
    Settlement(u64),
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Days that are over.
    pub day: u32,
    /// Days there are.
    pub days: u32,
    /// Transactions so far.
    pub actions: u64,
}

/// Builds the world of `simulation` and runs it.
///
/// # Errors
/// If a Class cannot be deployed, or the chain refuses what its own views allow.
pub fn simulate(
    simulation: &Simulation,
    options: &Options,
    progress: impl FnMut(Progress),
) -> Result<Run> {
    staged(Stage::build(simulation)?, simulation, options, progress)
}

/// [`simulate`] on a chain that is there already, such as a fork, instead of one made for it: the Classes are deployed on
/// it. It must have the simulation's Primes, and a clock that is not beyond the scenario's start.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_on(
    chain: Embedded,
    simulation: &Simulation,
    options: &Options,
    progress: impl FnMut(Progress),
) -> Result<Run> {
    staged(Stage::build_on(Some(chain), simulation)?, simulation, options, progress)
}

fn staged(
    stage: Stage,
    simulation: &Simulation,
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Run> {
    let Stage { mut chain, registry, beam, predicted, doors } = stage;
    let mut engine = Engine::open(&mut chain, simulation, registry, options)?;
    engine.world.beam = Some(beam);
    (engine.checks.predicted, engine.checks.doors) = (predicted, doors);
    engine.governance.open(&mut engine.world, simulation)?;
    engine.run(&mut progress)
}

/// Runs `simulation` on a chain where its Classes stand.
///
/// # Errors
/// As [`simulate`]. Acts of governance beyond spells need a chain that the engine itself made.
pub fn run_on(
    chain: &mut Embedded,
    simulation: &Simulation,
    registry: alloy_primitives::Address,
) -> Result<Run> {
    let engine = Engine::open(chain, simulation, registry, &Options::default())?;
    engine.run(&mut |_| {})
}

/// A run under way.
pub(crate) struct Engine<'a> {
    pub(crate) simulation: &'a Simulation,
    pub(crate) world: World<'a>,
    pub(crate) players: Vec<Formation<'a>>,
    pub(crate) sides: Vec<HaloSide<'a>>,
    pub(crate) beacons: Vec<LphaLcts>,
    pub(crate) others: Others,
    pub(crate) governance: Governance,
    pub(crate) checks: Checks,
    pub(crate) ledger: Ledger,
    pub(crate) record: Record,
    pub(crate) scene: Scene,
    /// The day on which the registry's records and the parts of the four requirements were last read.
    pub(crate) scene_day: Option<u32>,
    pub(crate) settled_index: BTreeMap<B256, U256>,
    /// USDC that left the pocket while the PSM is dry.
    pub(crate) drained: U256,
    pub(crate) day: u32,
}

impl<'a> Engine<'a> {
    pub(crate) fn open(
        chain: &'a mut Embedded,
        simulation: &'a Simulation,
        registry: alloy_primitives::Address,
        options: &Options,
    ) -> Result<Self> {
        let mut world = World::find(chain, simulation, registry)?;
        if let Some(Until::At(day, second)) = options.until {
            let midnight = simulation.scenario.first_day() + u64::from(day) * DAY;
            world.until = Some(midnight + u64::from(second));
        }
        let events = now(world.observer.events(&*world.chain, 0))?;
        let mut players = Vec::with_capacity(simulation.scenario.primes.len());
        for (place, terms) in simulation.scenario.primes.iter().enumerate() {
            let mandate = simulation.mandates.get(place).ok_or(Error::NoClass)?;
            let mut formation = Formation::new(&world, place, terms, mandate)?;
            formation.detect(&events);
            let over = simulation.agents.iter().find(|agent| {
                agent.kind == AgentKind::OverAsker
                    && agent.prime.as_deref() == Some(terms.prime.slug.as_str())
            });
            formation.asks_bps = over.map_or(10_000, |agent| agent.times.saturating_mul(100));
            players.push(formation);
        }
        let mut beacons = Vec::with_capacity(simulation.classes.len());
        for entry in &simulation.classes {
            attest::stand_in(world.chain, &entry.class.attestors)?;
            beacons.push(LphaLcts {
                settler: entry.class.settler,
                id: entry.class.beacon.id,
                rules: Rules {
                    lock_at: simulation.scenario.lock,
                    settle_by: simulation.scenario.settle,
                    days: Days::Daily,
                    ..Rules::default()
                },
            });
        }
        let sides = simulation
            .classes
            .iter()
            .enumerate()
            .map(|(place, terms)| HaloSide::new(&world, place, terms))
            .collect();
        let others = Others::open(&mut world, simulation)?;
        crate::adversary::fund(&mut world, simulation)?;
        let ledger = Ledger::open(&world, &others)?;
        let record = Record::new(&world, simulation, &players, options);
        let mut checks = Checks::new(simulation.check_every);
        for venue in &world.venues {
            checks
                .reported(venue.class, world.read(venue.at.class.at.book, &HaloBook::navCall {})?);
        }
        Ok(Self {
            simulation,
            checks,
            world,
            players,
            sides,
            beacons,
            others,
            governance: Governance::default(),
            ledger,
            record,
            scene: Scene::default(),
            scene_day: None,
            settled_index: BTreeMap::new(),
            drained: U256::ZERO,
            day: 0,
        })
    }

    fn run(mut self, progress: &mut impl FnMut(Progress)) -> Result<Run> {
        let last = match self.record.until {
            Some(Until::EndOf(day) | Until::At(day, _)) => day,
            Some(Until::Settlement(_)) | None => u32::MAX,
        };
        let days = self.simulation.days.min(last.saturating_add(1));
        for day in 0..days {
            self.day = day;
            match self.pass_day() {
                // The day so far is written down as it stands.
                Err(Error::Stopped) => {
                    self.end_day()?;
                    return crate::outcome::finish(self, day + 1);
                }
                passed => passed?,
            }
            progress(Progress { day: day + 1, days, actions: self.world.actions });
        }
        if let Some(at) = self.world.until {
            self.world.reach(at)?;
        }
        crate::outcome::finish(self, days)
    }

    /// The beginning of the UTC day.
    pub(crate) fn midnight(&self) -> u64 {
        self.simulation.scenario.first_day() + u64::from(self.day) * DAY
    }

    /// Whether the Class settles today.
    pub(crate) fn works(&self, class: usize) -> bool {
        let midnight = self.midnight();
        let keeps =
            self.world.venues.iter().any(|venue| venue.class == class && venue.keeps_weekends());
        !self.simulation.skip.contains(&midnight) && (!keeps || Days::Weekdays.includes(midnight))
    }
}

//! One race: everything started, readers against writers under faults, and everything stopped.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mizan_faults::proxy::Proxy;
use mizan_faults::random::Random;
use mizan_faults::redis::RedisServer;

use crate::checker::Checker;
use crate::counts::Counts;
use crate::database::Database;
use crate::faults;
use crate::fleet::Fleet;
use crate::keys;
use crate::options::{Cache, Options};
use crate::reader;
use crate::report;
use crate::writer;

const READERS: u64 = 3;
const WRITERS: u64 = 6;
/// How often the counts are shown.
const PROGRESS: Duration = Duration::from_secs(5);
/// How long a race may take for each 1,000 reads, and for each restart, before it is given up.
const PATIENCE: Duration = Duration::from_millis(1_000);
const RESTART_PATIENCE: Duration = Duration::from_secs(30);

/// What the threads of one race share. What is dropped first is first.
pub(crate) struct Race {
    pub(crate) fleet: Fleet,
    pub(crate) proxy: Proxy,
    pub(crate) redis: RedisServer,
    pub(crate) database: Database,
    pub(crate) counts: Counts,
    reads: u64,
    mutations: u64,
    over: AtomicBool,
    end: Instant,
}

/// What came out of a race.
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    /// Hits of each server.
    pub(crate) hits: Vec<u64>,
    pub(crate) findings: Vec<String>,
    pub(crate) time: Duration,
}

/// Runs one race with one cache.
pub(crate) fn run(options: &Options, cache: Cache) -> io::Result<Outcome> {
    report::begin(options, cache);
    let start = Instant::now();
    let redis = RedisServer::start()?;
    let proxy = Proxy::start(redis.address())?;
    let database = Database::start(options.servers, options.seed)?;
    let url = format!("redis://{}/0", proxy.address());
    let own = (options.seed, options.logs);
    let fleet = Fleet::start(options.servers, database.address, cache, url, own)?;
    let thousands = u32::try_from(options.reads / 1_000).unwrap_or(u32::MAX);
    let restarts = u32::try_from(options.restarts + 1).unwrap_or(u32::MAX);
    let race = Race {
        fleet,
        proxy,
        redis,
        database,
        counts: Counts::default(),
        reads: options.reads,
        mutations: options.mutations,
        over: AtomicBool::new(false),
        end: start + PATIENCE * thousands + RESTART_PATIENCE * restarts,
    };
    let mut random = Random::seeded(options.seed);
    let mut seed = move || Random::seeded(random.bits());
    let result = thread::scope(|scope| {
        for _ in 0..READERS {
            let random = seed();
            scope.spawn(|| reader::read(&race, random));
        }
        for _ in 0..WRITERS {
            let random = seed();
            scope.spawn(|| writer::write(&race, random));
        }
        let random = seed();
        let faults = scope.spawn(|| faults::inject(&race, options, random));
        watch(&race, start, || faults.is_finished());
        race.over.store(true, Ordering::Relaxed);
        faults.join().unwrap_or_else(|_| Err(io::Error::other("the thread of faults failed")))
    });
    result?;
    if race.is_given_up() {
        return Err(io::Error::other("the race did not come to its end in time"));
    }
    let (findings, time) = (race.database.checker.findings(), start.elapsed());
    Ok(Outcome { hits: race.fleet.hits(), counts: race.counts, findings, time })
}

/// Shows the counts until everything has happened that should.
fn watch(race: &Race, start: Instant, faults_are_done: impl Fn() -> bool) {
    let mut shown = Instant::now();
    while !(race.is_given_up() || faults_are_done() && race.progress() >= 1.0) {
        thread::sleep(Duration::from_millis(10));
        if shown.elapsed() >= PROGRESS {
            shown = Instant::now();
            report::progress(&race.counts, start.elapsed());
        }
    }
}

impl Race {
    pub(crate) fn checker(&self) -> &Checker {
        &self.database.checker
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Whether it takes far longer than it should, so that something hangs.
    pub(crate) fn is_given_up(&self) -> bool {
        Instant::now() > self.end
    }

    /// Any item; the first ones more often, so that there are both entries that are written all the
    /// time and entries that are not.
    pub(crate) fn item(&self, random: &mut Random) -> usize {
        random.below(keys::ITEMS).min(random.below(keys::ITEMS))
    }

    /// How much of the reads and mutations is done, 1 at the end.
    fn progress(&self) -> f64 {
        self.read_share().min(share(self.counts.mutations.get(), self.mutations))
    }

    fn read_share(&self) -> f64 {
        share(self.counts.reads.get(), self.reads)
    }

    /// Writers keep pace with readers, so that they meet through the whole race.
    pub(crate) fn mutations_are_ahead(&self) -> bool {
        share(self.counts.mutations.get(), self.mutations) > self.read_share()
    }

    /// Whether one more fault is due when so many of all have happened.
    pub(crate) fn is_due(&self, happened: usize, all: usize) -> bool {
        let (happened, all) = (u64::try_from(happened + 1), u64::try_from(all + 1));
        let (Ok(happened), Ok(all)) = (happened, all) else { return true };
        self.progress() >= share(happened, all)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

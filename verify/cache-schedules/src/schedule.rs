//! One schedule: draws a cast and faults from a seed, runs it to its end, and reads what is left.

use std::sync::Arc;
use std::time::Duration;

use mizan_cache::{CachePolicy, IfMarkFails};
use mizan_cache::{Counters, Engine};

use crate::case::{Builds, Case, Defect};
use crate::cast::{Plan, Server};
use crate::executor::Executor;
use crate::places::{Cover, ENTRIES, Places};
use crate::report::Counts;
use crate::store::SimStore;
use crate::world::{LEASE, NOBODY, PROCESSES, Shared, World};
use mizan_faults::random::Random;

/// How a schedule went.
pub(crate) struct Played {
    pub(crate) counts: Counts,
    /// What went wrong, if something did.
    pub(crate) violation: Option<String>,
    pub(crate) trace: Vec<String>,
}

/// Plays the schedule of a seed.
pub(crate) fn play(case: Case, seed: u64, traced: bool) -> Played {
    let mut random = Random::seeded(seed);
    let two = match case.builds {
        Builds::Same => false,
        Builds::Two => true,
        Builds::Drawn => random.one_in(2),
    };
    let builds: [usize; PROCESSES] =
        std::array::from_fn(|process| if two { process % 2 } else { 1 });
    let mut world = World::new(case, random, traced);
    world.builds_differ = two;
    for process in 0..PROCESSES {
        let most = if case.defect == Defect::EarlyResolve { LEASE } else { 5_000 };
        world.processes[process].ahead = [0, 0, 0, most][world.random.below(4)];
    }
    let world = Shared::new(world);
    let mut executor = Executor::new(world.clone());
    let servers = servers(&world, case, builds);
    let read = readers(&mut executor, &servers);
    if case.mutations {
        mutators(&mut executor, &servers);
    }
    executor.run(true);
    finish(&mut executor, &servers, case, read);
    let mut world = world.lock();
    let counts = std::mem::take(&mut world.observer.counts);
    let violation = world.observer.violation.take();
    let trace = world.trace.take().unwrap_or_default();
    Played { counts, violation, trace }
}

/// One server for each process.
pub(crate) fn servers(
    world: &Shared,
    case: Case,
    builds: [usize; PROCESSES],
) -> [Server; PROCESSES] {
    let shared_values = world.lock().random.one_in(2);
    let places = Arc::new(Places::new(shared_values, case.defect == Defect::BuildsAlike));
    std::array::from_fn(|process| server(world, &places, process, builds[process], case))
}

fn server(
    world: &Shared,
    places: &Arc<Places>,
    process: usize,
    build: usize,
    case: Case,
) -> Server {
    let policy = CachePolicy {
        consistency: case.consistency,
        if_mark_fails: IfMarkFails::Refuse,
        if_unmark_fails: case.if_unmark_fails,
        lease: Duration::from_millis(LEASE),
        ..CachePolicy::default()
    };
    let shell = SimStore::new(world, process);
    let engine = Engine::new(shell, policy, Arc::<Counters>::default());
    Server { world: world.clone(), places: Arc::clone(places), process, build, engine }
}

/// Adds clients that read, one read after the other. Gives the entries that they read, as bits, and the pages.
fn readers(executor: &mut Executor, servers: &[Server; PROCESSES]) -> (u8, u8) {
    let mut bits = (0, 0);
    // Most schedules are about one entry, so that its readers meet.
    let (clients, about, spread) = {
        let mut world = executor.world.lock();
        (2 + world.random.below(3), world.random.below(ENTRIES), world.random.one_in(3))
    };
    for _ in 0..clients {
        let mut world = executor.world.lock();
        let world = &mut *world;
        let server = servers[world.random.below(PROCESSES)].clone();
        let is_page = world.random.one_in(4);
        let reads: Vec<(u64, usize, Option<u32>)> = (0..1 + world.random.below(4))
            .map(|_| {
                let other = spread && world.random.one_in(2);
                let entry = if other { world.random.below(ENTRIES) } else { about };
                let leaves = world.budget.leavers > 0 && world.random.one_in(3);
                world.budget.leavers -= u8::from(leaves);
                world.observer.counts.leavers += u64::from(leaves);
                let pause = if world.random.one_in(4) { world.random.time(2 * LEASE) } else { 0 };
                (pause, entry, leaves.then(|| world.random.below(8) as u32))
            })
            .collect();
        let of = if is_page { &mut bits.1 } else { &mut bits.0 };
        *of |= reads.iter().fold(0, |bits, (_, entry, _)| bits | 1 << entry);
        let process = server.process;
        let work = async move {
            for (pause, entry, patience) in reads {
                if pause > 0 {
                    server.sleep(pause).await;
                }
                if is_page {
                    server.read_page(entry, patience).await;
                } else {
                    server.read(entry, patience).await;
                }
            }
        };
        world.spawned.push((process, Box::pin(work)));
    }
    bits
}

/// Adds clients that change things.
fn mutators(executor: &mut Executor, servers: &[Server; PROCESSES]) {
    let clients = 1 + executor.world.lock().random.below(2);
    for _ in 0..clients {
        let mut world = executor.world.lock();
        let world = &mut *world;
        let server = servers[world.random.below(PROCESSES)].clone();
        let process = server.process;
        let plans: Vec<(usize, Plan)> = (0..1 + world.random.below(2))
            .map(|_| {
                let (plan, covers) = plan(world);
                (world.observer.plan(process, covers), plan)
            })
            .collect();
        let work = async move {
            for (mutation, plan) in plans {
                server.mutate(mutation, plan).await;
            }
        };
        world.spawned.push((process, Box::pin(work)));
    }
}

/// Draws what a mutation marks, and gives the entries that it changes.
fn plan(world: &mut World) -> (Plan, u8) {
    let random = &mut world.random;
    let mut cover = || match random.below(5) {
        0 | 1 => Cover::All,
        2 => Cover::First,
        _ => Cover::One(random.below(3)),
    };
    let (first, second) = (cover(), cover());
    let mut begins = vec![first];
    if random.one_in(4) {
        begins.push(Cover::Mood);
    }
    let adds = if random.one_in(5) { vec![second] } else { Vec::new() };
    let narrows = random.one_in(4).then(|| vec![second]);
    let sleeps = random.one_in(6);
    let fails = world.budget.failures > 0 && random.one_in(4);
    world.budget.failures -= u8::from(fails);
    let changed: Vec<Cover> = match &narrows {
        Some(narrows) => narrows.clone(),
        None => begins.iter().chain(&adds).copied().collect(),
    };
    let covers =
        changed.iter().flat_map(|cover| cover.entries()).fold(0, |bits, at| bits | 1 << at);
    (Plan { begins, adds, narrows, sleeps, fails }, covers)
}

/// When all is over: no mark is left without a reason, and once every lease is over every process
/// reads what is true.
fn finish(
    executor: &mut Executor,
    servers: &[Server; PROCESSES],
    case: Case,
    (read, pages): (u8, u8),
) {
    let shared = executor.world.clone();
    let mut world = shared.lock();
    if world.observer.violation.is_some() {
        return;
    }
    let left = world.leases().any(|(id, _)| world.observer.is_mutation(id));
    if left && !world.observer.stray {
        world.observer.fail("a mutation has left a mark behind".to_owned());
        return;
    }
    let later = world.now + 2 * LEASE + 1;
    world.advance(later);
    world.note(|| "every lease is over; every process reads again".to_owned());
    let mut alive = Vec::with_capacity(PROCESSES);
    for server in servers {
        let process = server.process;
        world.processes[process].cut = 0;
        alive.push(match world.processes[process].life {
            0 => server.clone(),
            _ => {
                drop(world);
                let again = self::server(&shared, &server.places, process, server.build, case);
                world = shared.lock();
                again
            }
        });
    }
    let work = async move {
        for server in alive {
            for entry in (0..ENTRIES).filter(|entry| read >> entry & 1 == 1) {
                server.read(entry, None).await;
            }
            for entry in (0..ENTRIES).filter(|entry| pages >> entry & 1 == 1) {
                server.read_page(entry, None).await;
            }
        }
    };
    world.spawned.push((NOBODY, Box::pin(work)));
    drop(world);
    executor.run(false);
}

//! Faults, at random instants and within their budgets.
//!
//! Two faults together may break what each alone does not: section "what stays impossible" of the
//! manual names them. Those pairs are left out here, by reading who has lost what.

use mizan_cache::State;

use crate::executor::Executor;
use crate::places::{TOKENS, VALUES};
use crate::store::step;
use crate::world::{Keys, LEASE, NOBODY, PROCESSES, World};

/// Lets something happen to the world before the next step, or nothing.
pub(crate) fn inject(executor: &mut Executor) {
    let shared = executor.world.clone();
    let mut world = shared.lock();
    let draw = world.random.bits();
    if world.case.slow && draw & 0xf == 0 {
        pass(&mut world);
    }
    // Most of the time nothing happens.
    if (draw >> 8) & 0xf != 0 {
        return;
    }
    let kill = match (draw >> 16) % 7 {
        0 => kill(&mut world),
        1 => evict_value(&mut world),
        2 => evict_token(&mut world),
        3 => restart(&mut world),
        4 => overrun(&mut world),
        5 => cut(&mut world),
        _ => {
            if world.budget.restarts > 0 {
                world.snapshot = Some(Box::new(world.keys.clone()));
                world.note(|| "a snapshot is written".to_owned());
            }
            None
        }
    };
    let Some(process) = kill else { return };
    world.processes[process].life += 1;
    let now = world.now;
    let sent = world.observer.killed(process, now);
    world.note(|| format!("process {process} is killed; on their way: {sent:?}"));
    drop(world);
    executor.kill(process);
    for mutation in sent {
        let mut world = shared.lock();
        if world.random.one_in(3) {
            world.observer.vanished(mutation);
            continue;
        }
        drop(world);
        let world = shared.clone();
        let lands = async move {
            step().await;
            world.lock().commit(mutation);
        };
        executor.spawn(NOBODY, Box::pin(lands));
    }
}

/// Time passes, but never so much that a lease is over before the commit that it is for.
fn pass(world: &mut World) {
    let most = [20, 200, 3_000, LEASE, LEASE, 700_000][world.random.below(6)];
    let room = match world.guard() {
        u64::MAX => u64::MAX,
        guard => guard.saturating_sub(world.now) / 2,
    };
    let time = world.random.time(most).min(room);
    let to = world.now + time;
    world.advance(to);
}

fn kill(world: &mut World) -> Option<usize> {
    let process = world.random.below(PROCESSES);
    let worth = world.observer.has_mutation(process) || world.random.one_in(4);
    if world.budget.kills == 0 || !worth || !world.observer.may_kill(process) {
        return None;
    }
    world.budget.kills -= 1;
    world.observer.counts.kills += 1;
    Some(process)
}

fn evict_value(world: &mut World) -> Option<usize> {
    let slot = world.random.below(VALUES);
    if world.budget.evictions > 0 && world.keys.values[slot].take().is_some() {
        world.budget.evictions -= 1;
        world.observer.counts.evictions += 1;
        world.note(|| format!("value {slot} is evicted"));
    }
    None
}

fn evict_token(world: &mut World) -> Option<usize> {
    let slot = world.random.below(TOKENS);
    let Some(token) = &world.keys.tokens[slot] else { return None };
    match token.state.clone() {
        State::Open(_) if world.budget.evictions > 0 => {
            // The broad token knows which builds read. A mutation that is under way may have looked
            // there for one that was not there yet.
            if slot == 0 && world.builds_differ && world.observer.busy() {
                if world.observer.orphans() {
                    return None;
                }
                world.observer.marks_lost(|_| true);
            }
            world.budget.evictions -= 1;
        }
        State::Marked { leases, .. } if world.budget.lost_marks > 0 => {
            if world.observer.orphans() {
                return None;
            }
            world.budget.lost_marks -= 1;
            world.observer.counts.lost_marks += 1;
            world.observer.marks_lost(|id| leases.iter().any(|(held, _)| *held == id));
        }
        _ => return None,
    }
    world.observer.counts.evictions += 1;
    world.keys.tokens[slot] = None;
    world.note(|| format!("token {slot} is evicted"));
    None
}

fn restart(world: &mut World) -> Option<usize> {
    if world.budget.restarts == 0 || world.observer.orphans() {
        return None;
    }
    world.budget.restarts -= 1;
    world.observer.counts.restarts += 1;
    world.run += 1;
    let from_snapshot = world.random.one_in(2);
    world.keys = match &world.snapshot {
        Some(snapshot) if from_snapshot => {
            // Marks of mutations that ended long ago may come back.
            world.observer.stray = true;
            (**snapshot).clone()
        }
        _ => Keys::default(),
    };
    world.observer.marks_lost(|_| true);
    let run = world.run;
    world.note(|| format!("the store restarts, run {run}"));
    None
}

/// A process stands still until the lease of one of its mutations is over.
fn overrun(world: &mut World) -> Option<usize> {
    let guard = world.guard();
    if world.budget.overruns == 0 || guard == u64::MAX || world.observer.orphans() {
        return None;
    }
    world.budget.overruns -= 1;
    world.observer.counts.overruns += 1;
    let to = guard + world.random.time(LEASE);
    world.note(|| "a process stood still".to_owned());
    world.advance(to);
    None
}

/// A process does not reach the store for a while.
fn cut(world: &mut World) -> Option<usize> {
    if world.budget.cuts == 0 {
        return None;
    }
    world.budget.cuts -= 1;
    world.observer.counts.cuts += 1;
    world.observer.stray = true;
    let process = world.random.below(PROCESSES);
    let time = [200, 5_000, 2 * LEASE][world.random.below(3)];
    let until = world.now + world.random.time(time);
    world.processes[process].cut = until;
    world.note(|| format!("process {process} is cut off until {until}"));
    None
}

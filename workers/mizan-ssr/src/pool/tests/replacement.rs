//! Workers that are replaced while others render.

use super::world::{Boot, Does, World, ms, settings};
use crate::pool::{Event, Failure};
use crate::settings::Settings;

const GOOD: Does = Does::Takes(ms(5));

/// Renders all the time, for some seconds.
fn load(world: &mut World, seconds: u64) {
    for number in 0..seconds * 100 {
        world.ask(number, GOOD).unwrap();
        world.run(ms(10));
    }
}

#[test]
fn worn_workers_are_replaced_one_at_a_time_and_never_missed() {
    let check = |what: &str, settings: Settings, leak: u64, expected: std::ops::Range<u64>| {
        let mut world = World::up(settings);
        world.leak = leak;
        load(&mut world, 50);
        world.run(ms(1_000));
        world.all_ended();
        let counts = world.pool.counts(world.now);
        assert_eq!((world.ended(Ok(())), counts.died), (5_000, 0), "{what}");
        assert!(expected.contains(&counts.recycled), "{what}: {}", counts.recycled);
        assert!(world.least_ready >= 2, "{what}: {} ready", world.least_ready);
        assert!(world.most_processes <= 4, "{what}: {} processes", world.most_processes);
        assert_eq!(world.processes().len(), 2, "{what}");
    };
    check("by renders", Settings { recycle: 500, ..settings() }, 0, 8..12);
    check("by memory", settings(), 1 << 20, 8..12);
    check("not at all", settings(), 0, 0..1);
}

#[test]
fn a_swap_loses_no_render_and_ends_with_the_new_command_alone() {
    let mut world = World::up(Settings { workers: 3, ..settings() });
    world.boots.insert(1, Boot::Ready(ms(300)));
    load(&mut world, 1);
    world.pool.swap(world.now, 1);
    assert_eq!(world.pool.swapped(1), None);
    while world.pool.swapped(1).is_none() {
        world.ask(1, GOOD).unwrap();
        world.run(ms(10));
    }
    assert_eq!(world.pool.swapped(1), Some(true));
    let after = world.ask(2, GOOD).unwrap();
    world.run(ms(1_000));
    world.all_ended();
    assert_eq!((world.ended(Ok(())), world.rendered_by[&after]), (world.endings.len(), 1));
    assert!(world.least_ready >= 3 && world.most_processes <= 5, "{}", world.most_processes);
    assert_eq!((world.ready(), world.pool.counts(world.now).died), (3, 0));
}

#[test]
fn a_swap_to_what_does_not_come_up_changes_nothing() {
    for boot in [Boot::Dies(ms(50)), Boot::Never] {
        let mut world = World::up(settings());
        world.boots.insert(1, boot);
        world.pool.swap(world.now, 1);
        load(&mut world, 12);
        assert_eq!(world.pool.swapped(1), Some(false));
        assert_eq!(world.ended(Ok(())), 1_200);
        assert!(world.log.contains(&Event::SwapFailed));
        assert_eq!(world.pool.counts(world.now).spawned, 3);
        // The next one is tried as well.
        world.pool.swap(world.now, 2);
        load(&mut world, 3);
        assert_eq!(world.pool.swapped(2), Some(true));
    }
}

#[test]
fn a_swap_repairs_a_pool_that_was_given_up() {
    let mut world = World::new(settings());
    world.boot = Boot::Dies(ms(50));
    world.run(ms(20_000));
    assert!(world.pool.is_hopeless());
    world.boots.insert(1, Boot::Ready(ms(100)));
    world.pool.swap(world.now, 1);
    world.run(ms(300));
    assert_eq!((world.pool.swapped(1), world.ready()), (Some(true), 2));
}

#[test]
fn the_last_of_several_swaps_wins() {
    let mut world = World::up(settings());
    for generation in 1..5 {
        world.pool.swap(world.now, generation);
        world.run(ms(50));
    }
    world.run(ms(2_000));
    for generation in 1..5 {
        assert_eq!(world.pool.swapped(generation), Some(true));
    }
    let job = world.ask(1, GOOD).unwrap();
    world.run(ms(100));
    assert_eq!(world.rendered_by[&job], 4);
}

#[test]
fn a_drain_finishes_what_was_accepted_and_ends_every_worker() {
    let mut world = World::up(settings());
    for number in 0..100 {
        world.ask(number, GOOD).unwrap();
    }
    world.pool.stop(world.now, ms(5_000));
    assert_eq!(world.ask(200, GOOD), Err(Failure::Stopped));
    world.run(ms(1_000));
    world.all_ended();
    assert_eq!((world.ended(Ok(())), world.processes().len()), (100, 0));
    assert!(world.pool.has_ended());
}

#[test]
fn a_drain_ends_with_its_grace() {
    let mut world = World::up(Settings { deadline: ms(10_000), ..settings() });
    world.ask(0, Does::Hangs).unwrap();
    world.pool.stop(world.now, ms(500));
    world.run(ms(600));
    assert_eq!(world.ended(Err(Failure::Stopped)), 1);
    assert!(world.pool.has_ended() && world.processes().is_empty());
}

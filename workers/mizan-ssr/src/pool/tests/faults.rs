//! Workers that die or hang, and inputs that make them.

use super::world::{Boot, Does, World, ms, settings};
use crate::pool::{Event, Failure};
use crate::settings::Settings;

const GOOD: Does = Does::Takes(ms(5));

#[test]
fn a_crash_loop_costs_few_starts_and_no_one_waits() {
    let check = |what: &str, workers: usize, boot: Boot, does: Does| {
        let mut world = World::new(Settings { workers, ..settings() });
        world.boot = boot;
        let (mut refused, asked) = (0, 6_000_u64);
        for number in 0..asked {
            refused += usize::from(world.ask(number, does) == Err(Failure::Unavailable));
            world.run(ms(10));
        }
        let counts = world.pool.counts(world.now);
        world.run(ms(2_000));
        world.all_ended();
        assert!(counts.spawned <= 20, "{what}: {} starts", counts.spawned);
        assert_eq!(counts.rendered, 0, "{what}");
        let mut waits: Vec<_> = world.endings.values().map(|ending| ending.after).collect();
        waits.sort();
        // At once, but for the few that met the first start, or a probe that came up.
        let slow = waits.iter().filter(|wait| **wait >= ms(20)).count();
        assert!(slow * 100 <= usize::try_from(asked).unwrap(), "{what}: {slow} waited");
        assert!(refused + world.endings.len() == usize::try_from(asked).unwrap(), "{what}");
    };
    for workers in [1, 2, 4, 8] {
        check("ends before it is ready", workers, Boot::Dies(ms(80)), GOOD);
        check("dies of every render", workers, Boot::Ready(ms(80)), Does::Dies);
    }
}

#[test]
fn workers_that_never_get_ready_are_ended_and_few() {
    let mut world = World::new(Settings { ready: ms(1_000), ..settings() });
    world.boot = Boot::Never;
    world.run(ms(60_000));
    let counts = world.pool.counts(world.now);
    assert!(counts.spawned <= 20, "{counts:?}");
    assert!(world.most_processes <= 2, "{}", world.most_processes);
}

#[test]
fn a_loop_that_is_over_is_noticed_within_the_next_probe() {
    let mut world = World::new(settings());
    world.boot = Boot::Dies(ms(80));
    world.run(ms(30_000));
    assert!(world.pool.counts(world.now).open && world.pool.is_hopeless());
    world.boot = Boot::Ready(ms(80));
    world.run(ms(5_100));
    world.ask(1, GOOD).unwrap();
    world.run(ms(500));
    assert_eq!((world.ended(Ok(())), world.ready()), (1, 2));
    assert!(!world.pool.counts(world.now).open);
    assert_eq!(world.log.iter().filter(|event| **event == Event::Opened).count(), 1);
    assert_eq!(world.log.iter().filter(|event| **event == Event::Closed).count(), 1);
}

#[test]
fn the_renders_of_a_worker_that_dies_get_another_one() {
    let mut world = World::up(settings());
    for number in 0..8 {
        world.ask(number, Does::Takes(ms(20))).unwrap();
    }
    world.run(ms(5));
    let first = world.processes()[0];
    world.kill(first);
    world.run(ms(1_000));
    world.all_ended();
    assert_eq!((world.ended(Ok(())), world.pool.counts(world.now).moved), (8, 2));
}

#[test]
fn a_second_death_ends_a_render_and_refuses_its_input() {
    let check = |what: &str, company: u64| {
        let mut world = World::up(settings());
        for number in 0..company {
            world.ask(100 + number, GOOD).unwrap();
        }
        let poison = world.ask(1, Does::Dies).unwrap();
        world.run(ms(1_000));
        world.all_ended();
        assert_eq!(world.endings[&poison].result, Err(Failure::Crashed), "{what}");
        assert_eq!(world.ended(Ok(())) as u64, company, "{what}");
        assert_eq!(world.pool.counts(world.now).died, 2, "{what}");
        for _ in 0..10 {
            assert_eq!(world.ask(1, Does::Dies), Err(Failure::Quarantined), "{what}");
        }
        world.run(ms(600_000));
        assert!(world.ask(1, Does::Dies).is_ok(), "{what}: ten minutes later");
    };
    check("alone", 0);
    check("in company", 7);
}

#[test]
fn waiting_renders_of_a_refused_input_are_refused_too() {
    let mut world = World::up(settings());
    for _ in 0..40 {
        world.ask(1, Does::Dies).unwrap();
    }
    world.run(ms(2_000));
    world.all_ended();
    assert!(world.pool.counts(world.now).died <= 3, "{}", world.pool.counts(world.now).died);
    assert_eq!(world.ended(Ok(())), 0);
}

#[test]
fn a_hundred_poison_inputs_among_ten_thousand_cost_no_good_render() {
    for seed in 1..5 {
        let mut world = World::up(settings());
        let mut random: u64 = seed;
        let mut place = 0;
        for number in 0..10_000 {
            // One at a random place of each hundred.
            if number % 100 == 0 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                place = number + (random >> 33) % 100;
            }
            let bad = number == place;
            let asked = world.ask(number, if bad { Does::Dies } else { GOOD });
            assert!(asked.is_ok(), "{asked:?} {number} {:?}", &world.log[world.log.len() - 20..]);
            world.run(ms(10));
        }
        world.run(ms(2_000));
        world.all_ended();
        let counts = world.pool.counts(world.now);
        assert_eq!((counts.crashed, world.ended(Ok(()))), (100, 9_900), "seed {seed}: {counts:?}");
        assert!(counts.died <= 200, "seed {seed}: {counts:?}");
    }
}

#[test]
fn a_hang_delays_no_other_render_beyond_its_deadline() {
    let mut world = World::up(settings());
    for number in 0..2_000 {
        let does = if number % 100 == 50 { Does::Hangs } else { GOOD };
        world.ask(number, does).unwrap();
        world.run(ms(20));
    }
    world.run(ms(2_000));
    world.all_ended();
    let counts = world.pool.counts(world.now);
    assert_eq!(
        (world.ended(Ok(())), world.ended(Err(Failure::Deadline))),
        (1_980, 20),
        "{counts:?}"
    );
    assert_eq!((counts.killed, counts.died), (20, 20));
}

#[test]
fn a_hang_moves_what_waits_behind_it_before_their_deadline() {
    let mut world = World::up(Settings { in_flight: 8, ..settings() });
    world.ask(0, Does::Hangs).unwrap();
    for number in 1..16 {
        world.ask(number, GOOD).unwrap();
    }
    world.run(ms(499));
    assert_eq!(world.ended(Ok(())), 8);
    world.run(ms(100));
    assert_eq!(world.ended(Ok(())), 15);
    world.run(ms(1_000));
    assert_eq!((world.ended(Err(Failure::Deadline)), world.pool.counts(world.now).killed), (1, 1));
}

#[test]
fn an_input_that_hangs_twice_is_refused() {
    let mut world = World::up(settings());
    for _ in 0..2 {
        world.ask(1, Does::Hangs).unwrap();
        world.run(ms(2_000));
    }
    assert_eq!(world.ask(1, Does::Hangs), Err(Failure::Quarantined));
    assert_eq!(world.pool.counts(world.now).refused_inputs, 1);
}

#[test]
fn kills_from_outside_refuse_no_input() {
    // The same page all the time, and a worker killed every second.
    let mut world = World::up(settings());
    for number in 0..5_000 {
        world.ask(1, GOOD).unwrap();
        if number % 100 == 99 {
            let worker = world.processes()[0];
            world.kill(worker);
        }
        world.run(ms(10));
    }
    world.run(ms(1_000));
    world.all_ended();
    let counts = world.pool.counts(world.now);
    assert_eq!((world.ended(Ok(())), counts.refused_inputs), (5_000, 0), "{counts:?}");
    assert_eq!((counts.died, counts.opened), (50, 0));
}

#[test]
fn errors_of_components_do_not_harm_their_worker() {
    let mut world = World::up(settings());
    for number in 0..100 {
        world.ask(number, Does::Throws).unwrap();
        world.run(ms(5));
    }
    let counts = world.pool.counts(world.now);
    assert_eq!((counts.failed, counts.died, counts.spawned), (100, 0, 2));
}

#[test]
fn an_idle_worker_that_does_not_respond_is_replaced() {
    let mut world = World::up(settings());
    world.mute = true;
    world.run(ms(6_100));
    world.mute = false;
    world.run(ms(1_000));
    let counts = world.pool.counts(world.now);
    assert_eq!((counts.died, counts.spawned, counts.ready), (2, 4, 2));
    assert!(world.log.iter().any(|event| matches!(event, Event::Unresponsive { .. })));
    // One that renders shows by that that it is well.
    world.mute = true;
    for number in 0..1_000 {
        world.ask(number, GOOD).unwrap();
        world.run(ms(10));
    }
    assert_eq!(world.pool.counts(world.now).died, 2);
}

//! More renders than workers can take.

use super::world::{Does, World, ms, settings};
use crate::pool::Failure;
use crate::settings::Settings;

#[test]
fn ten_times_too_much_leaves_four_fifths_of_the_capacity() {
    let check = |takes: u64| {
        let mut world = World::up(settings());
        // Two workers, and ten times what they can do, for a minute.
        let gap = takes * 1_000 / 2 / 10;
        let (mut asked, mut now) = (0_u64, 0);
        let mut refused = 0;
        while now < 60_000_000 {
            refused += u64::from(world.ask(asked, Does::Takes(ms(takes))).is_err());
            asked += 1;
            now += gap;
            world.run(std::time::Duration::from_micros(gap));
        }
        let capacity = 60_000 / takes * 2;
        let rendered = world.ended(Ok(())) as u64;
        let counts = world.pool.counts(world.now);
        println!("{takes} ms: {rendered} of {capacity}, {refused} refused at once");
        assert!(rendered * 10 >= capacity * 8, "{takes} ms: {rendered} of {capacity}: {counts:?}");
        assert_eq!((counts.killed, counts.died), (0, 0), "{takes} ms");
        world.run(ms(2_000));
        world.all_ended();
        assert_eq!(world.pool.counts(world.now).queued, 0);
    };
    [10, 50, 100, 200].into_iter().for_each(check);
}

#[test]
fn what_does_not_fit_is_refused_at_once() {
    let mut world = World::up(Settings { queue: 10, in_flight: 1, ..settings() });
    for number in 0..12 {
        world.ask(number, Does::Takes(ms(100))).unwrap();
    }
    assert_eq!(world.ask(12, Does::Takes(ms(1))), Err(Failure::Busy));
    let mut world = World::up(Settings { queue_bytes: 50, in_flight: 1, ..settings() });
    for number in 0..7 {
        world.ask(number, Does::Takes(ms(100))).unwrap();
    }
    assert_eq!(world.ask(7, Does::Takes(ms(1))), Err(Failure::Busy));
}

#[test]
fn a_render_waits_for_a_worker_for_half_of_its_deadline() {
    let mut world = World::up(Settings { workers: 1, in_flight: 1, ..settings() });
    world.ask(0, Does::Takes(ms(900))).unwrap();
    let waiting = world.ask(1, Does::Takes(ms(1))).unwrap();
    world.run(ms(2_000));
    let ending = world.endings[&waiting];
    assert_eq!((ending.result, ending.after), (Err(Failure::Busy), ms(500)));
}

#[test]
fn the_least_loaded_worker_gets_the_next_render() {
    let mut world = World::up(Settings { workers: 4, ..settings() });
    for number in 0..8 {
        world.ask(number, Does::Takes(ms(10))).unwrap();
    }
    // Two each: all are done after twice the time of one.
    world.run(ms(20));
    assert_eq!(world.ended(Ok(())), 8);
}

#[test]
fn a_caller_that_leaves_makes_room() {
    let mut world = World::up(Settings { queue: 1, workers: 1, in_flight: 1, ..settings() });
    let first = world.ask(0, Does::Takes(ms(10))).unwrap();
    let second = world.ask(1, Does::Takes(ms(10))).unwrap();
    assert_eq!(world.ask(2, Does::Takes(ms(10))), Err(Failure::Busy));
    world.forget(second);
    let third = world.ask(3, Does::Takes(ms(10))).unwrap();
    world.forget(first);
    world.run(ms(100));
    assert_eq!(world.endings[&third].after, ms(20));
    assert_eq!(world.pool.counts(world.now).cancelled, 2);
}

//! Whatever happens in whatever order: the world checks after every step what must always hold.

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::world::{Boot, Does, World, ms};
use crate::settings::Settings;

#[derive(Debug, Clone)]
enum Step {
    Ask(u64, Does),
    Wait(u64),
    Kill(usize),
    Forget(usize),
    Swap,
    Boot(Boot),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let does = prop_oneof![
        8 => (0_u64..300).prop_map(|time| Does::Takes(ms(time))),
        1 => Just(Does::Throws),
        1 => Just(Does::Dies),
        1 => Just(Does::Hangs),
    ];
    let boot = prop_oneof![
        3 => (1_u64..400).prop_map(|time| Boot::Ready(ms(time))),
        1 => (1_u64..400).prop_map(|time| Boot::Dies(ms(time))),
        1 => Just(Boot::Never),
    ];
    let step = prop_oneof![
        12 => (0_u64..20, does).prop_map(|(hash, does)| Step::Ask(hash, does)),
        6 => (0_u64..400).prop_map(Step::Wait),
        1 => any::<usize>().prop_map(Step::Kill),
        1 => any::<usize>().prop_map(Step::Forget),
        1 => Just(Step::Swap),
        1 => boot.prop_map(Step::Boot),
    ];
    proptest::collection::vec(step, 1..150)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_render_has_one_ending(
        steps in steps(),
        workers in 1_usize..5,
        in_flight in 1_usize..5,
        queue in 1_usize..20,
        grace in 0_u64..3_000,
    ) {
        let settings = Settings { workers, in_flight, queue, recycle: 20, ready: ms(1_000), ..Settings::default() };
        let mut world = World::new(settings);
        let (mut generation, mut asked) = (0, Vec::new());
        for step in steps {
            match step {
                Step::Ask(hash, does) => asked.extend(world.ask(hash, does)),
                Step::Wait(time) => world.run(ms(time)),
                Step::Kill(which) => {
                    let workers = world.processes();
                    if !workers.is_empty() {
                        world.kill(workers[which % workers.len()]);
                    }
                }
                Step::Forget(which) => {
                    let open: Vec<_> =
                        asked.iter().filter(|job| !world.endings.contains_key(job)).copied().collect();
                    if !open.is_empty() {
                        world.forget(open[which % open.len()]);
                    }
                }
                Step::Swap => {
                    generation += 1;
                    world.pool.swap(world.now, generation);
                }
                Step::Boot(boot) => world.boot = boot,
            }
        }
        world.pool.stop(world.now, ms(grace));
        world.run(ms(6_000));
        world.all_ended();
        assert!(world.processes().is_empty() && world.pool.has_ended());
        let counts = world.pool.counts(world.now);
        let endings = counts.rendered + counts.failed + counts.late + counts.crashed + counts.cancelled
            + counts.busy + counts.quarantined + counts.unavailable + counts.stopped;
        assert!(endings >= asked.len() as u64);
        assert_eq!((counts.queued, counts.in_flight, counts.ready), (0, 0, 0));
    }
}

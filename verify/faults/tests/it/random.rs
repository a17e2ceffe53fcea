//! Random numbers follow from their seed.

use mizan_faults::random::Random;

/// What the authors of splitmix64 give for the seed 1234567.
const KNOWN: [u64; 3] = [6457827717110365317, 3203168211198807973, 9817491932198370423];

#[test]
fn a_seed_gives_the_published_numbers() {
    let mut random = Random::seeded(1234567);
    assert_eq!([random.bits(), random.bits(), random.bits()], KNOWN);
}

#[test]
fn a_number_stays_below_its_bound_and_a_pick_inside_of_its_list() {
    let mut random = Random::seeded(7);
    let mut seen = [false; 5];
    for _ in 0..1_000 {
        seen[random.below(5)] = true;
        assert!(["a", "b"].contains(random.pick(&["a", "b"]).unwrap()));
    }
    assert_eq!(seen, [true; 5]);
    assert_eq!(random.below(0), 0);
    assert_eq!(random.pick::<u8>(&[]), None);
    assert_eq!(random.bytes(9).len(), 9);
}

//! One user who asks for tokens without an end, over sockets: nobody else is refused, and little is kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::case::{cases, note};
use crate::deep;

use crate::identity::support::{Browser, Store, World, reader};

/// Pairs of tokens that one session asks for.
const PAIRS: usize = 1_500;
/// Families of tokens that a session has at most.
const FAMILIES: usize = 16;

fn a_flood_of_tokens_refuses_nobody_else(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut flooder = Browser::signed_in(world.here(), "5");
    let cookie = Browser::signed_in(world.there(), "7").cookie_header();
    let (mut pairs, mut most) = (0, 0);
    let is_over = AtomicBool::new(false);
    let mut times = thread::scope(|scope| {
        let others = scope.spawn(|| {
            let (client, mut times) = (&mut world.there().client(), Vec::new());
            while !is_over.load(Ordering::Relaxed) {
                let start = Instant::now();
                assert_eq!(reader(client, &[("Cookie", &cookie)]), Ok("7".into()));
                times.push(start.elapsed());
            }
            times
        });
        let _over = OnDrop(&is_over);
        for at in 0..PAIRS * deep() {
            let answer = flooder.post("session/jwt/");
            match answer.status {
                200 => pairs += 1,
                // The rate of one caller.
                status => assert_eq!(status, 429, "{}", answer.seen()),
            }
            if at % 500 == 499 {
                most = most.max(world.keys());
            }
        }
        let end = Instant::now() + Duration::from_secs(30);
        while flooder.sign_out().status == 429 {
            assert!(Instant::now() < end, "the flooder cannot sign out");
        }
        is_over.store(true, Ordering::Relaxed);
        others.join().unwrap()
    });
    times.sort();
    note!("{pairs} pairs, {most} keys; p99 of another {:?}", times[times.len() * 99 / 100]);
    assert!(pairs > 10 * FAMILIES && times.len() > 20);
    // Each family, the sessions themselves, and an index of each; then the other session alone.
    assert!(most <= 3 * FAMILIES, "{most} keys");
    assert!(world.keys() <= FAMILIES, "{} keys are left", world.keys());
}

/// Ends the work of others when a test fails.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

cases! {
    "identity", SESSION, InBothStores =>
        a_flood_of_tokens_refuses_nobody_else;
}

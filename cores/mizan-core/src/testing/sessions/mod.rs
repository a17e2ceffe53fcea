//! What a [`SessionStore`] must do, as tests for a store of your own.
//!
//! The stores of Mizan run the same tests. Each function panics where a store breaks the contract, with
//! the scenario and the step. Call them from a test that runs on tokio:
//!
//! ```
//! use std::sync::Arc;
//! use mizan_core::testing::sessions;
//! use mizan_core::{MemorySessions, SessionStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // Two processes that share one store. It must be empty, and it is empty again at the end.
//! let one: Arc<dyn SessionStore> = Arc::new(MemorySessions::default());
//! let other = Arc::clone(&one);
//! sessions::check(&[one, other]).await;
//! # }
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod scenarios;
mod steps;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::session::{Exchange, MemorySessions, Refresh, SessionStore};

use scenarios::SCENARIOS;
pub use steps::step;

/// One store of sessions as two processes see it: two connections, or twice the same store.
pub type Stores = [Arc<dyn SessionStore>; 2];

/// Runs every scenario of the contract, then exchanges of one refresh token that race.
///
/// The stores must share their sessions and must be empty. They are empty again at the end.
pub async fn check(stores: &Stores) {
    for (title, steps) in SCENARIOS {
        scenario(title, stores, steps).await;
    }
    race(stores).await;
}

async fn scenario(title: &str, stores: &Stores, steps: &[&str]) {
    let (mut ids, mut subjects) = (BTreeSet::new(), BTreeSet::new());
    for (at, text) in steps.iter().enumerate() {
        let (text, wanted) = match text.rsplit_once(": ") {
            Some(parts) => parts,
            None => (text.trim_end_matches(':'), ""),
        };
        if let ["keep", id, subject, ..] = text.split(' ').collect::<Vec<_>>()[..] {
            ids.insert(id.to_owned());
            subjects.insert(subject.to_owned());
        }
        assert_eq!(step(&*stores[at % 2], text).await, wanted, "{title}: {text}");
    }
    for id in ids {
        stores[0].end(&id).await.unwrap();
        assert_eq!(stores[1].find(&id).await.unwrap(), None, "{title}: the end of {id}");
    }
    for subject in subjects {
        stores[0].end_all(&subject).await.unwrap();
        assert_eq!(step(&*stores[1], &format!("of {subject}")).await, "", "{title}: {subject}");
    }
}

/// Ten tasks in two processes exchange one token at one time: one gets `Rotated`. With a grace one more gets
/// `Repeated`, with the same successor. The others get `Reused`.
async fn race(stores: &Stores) {
    for round in 0..100 {
        let grace = Duration::from_secs(600 * (round % 2));
        let id = format!("race-{round}");
        step(&*stores[0], &format!("keep {id} 5 refresh=r1")).await;
        let tries: Vec<_> = (0..10)
            .map(|at| {
                let (store, id) = (Arc::clone(&stores[at % 2]), id.clone());
                tokio::spawn(async move {
                    let next = format!("next-{at}");
                    let tokens = Exchange { grace, ..steps::tokens("r1", &next) };
                    let exchanged = store.exchange(&id, tokens).await.unwrap();
                    (next, exchanged)
                })
            })
            .collect();
        let (mut rotated, mut repeated) = (Vec::new(), Vec::new());
        for tried in tries {
            match tried.await.unwrap() {
                (next, Refresh::Rotated) => rotated.push(next),
                (_, Refresh::Repeated { next, .. }) => repeated.push(next),
                (_, other) => assert_eq!(other, Refresh::Reused),
            }
        }
        assert_eq!(rotated.len(), 1, "round {round}");
        let wanted = if grace.is_zero() { vec![] } else { rotated };
        assert_eq!(repeated, wanted, "round {round}");
        stores[1].end(&id).await.unwrap();
    }
}

/// Keeps this number of pairs of tokens in one session, 16 at any time, and ends it. Prints how long another
/// session took to be found meanwhile, at the 99th percentile.
pub async fn flood(stores: &Stores, pairs: usize) {
    let [store, other] = stores;
    step(&**store, "keep a 5").await;
    step(&**store, "keep b 6").await;
    for at in 0..pairs {
        step(&**store, &format!("keep t{at} 5 parent=a refresh=r most=16")).await;
    }
    assert_eq!(store.of("5", 0, 100_000).await.unwrap().len(), 17);
    let mut times = Vec::new();
    for at in 0..200 {
        let start = Instant::now();
        assert_eq!(step(&**other, "find b").await, "6");
        times.push(start.elapsed());
        if at == 100 {
            step(&**store, "end a").await;
        }
    }
    times.sort();
    println!("{pairs} pairs: another session is found in {:?} (p99)", times[197]);
    assert_eq!(step(&**store, "of 5").await, "");
    step(&**store, "end b").await;
}

/// Runs random steps on this store and on [`MemorySessions`], and compares what each one returns. The store must
/// be empty, and is empty again at the end.
pub async fn history(store: &dyn SessionStore, seed: u64, steps: usize) {
    let memory = MemorySessions::default();
    let mut random = steps::Random::seeded(seed);
    let mut useful = 0;
    for round in 0..steps {
        let text = random.step();
        let wanted = step(&memory, &text).await;
        assert_eq!(step(store, &text).await, wanted, "seed {seed}, round {round}: {text}");
        useful += usize::from(!wanted.is_empty() && wanted != "none");
    }
    println!("{useful} of {steps} steps returned something");
    assert!(useful > steps / 4, "too few steps return something: {useful} of {steps}");
    for id in steps::IDS {
        store.end(id).await.unwrap();
    }
}

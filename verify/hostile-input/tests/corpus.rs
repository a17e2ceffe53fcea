//! Every input of the corpus, and mutations of them, through every target.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::cell::Cell;
use std::fs;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use mizan_hostile_input::{Rng, TARGETS, mutated};

const ROUNDS: usize = 30_000;
const DEEP_ROUNDS: usize = 3_000_000;

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// Counts panics, those too that somebody catches: the server answers 500 to one, and it is a fault.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            print(info);
        }));
    });
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn check(target: &str, rounds: usize) {
    count_panics();
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let corpus = corpus(target);
    assert!(corpus.len() >= 8, "{target}: {} inputs", corpus.len());
    let mut rng = Rng::new(0);
    let mutations = (0..rounds).map(|_| mutated(&mut rng, &corpus));
    for input in corpus.iter().cloned().chain(mutations) {
        let ended = catch_unwind(AssertUnwindSafe(|| run(&input)));
        let panics = PANICS.replace(0);
        assert!(ended.is_ok() && panics == 0, "{target} fails on: {}", input.escape_ascii());
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name), ROUNDS); })*

        mod deep {
            $(#[test] #[ignore = "long: cargo xtask deep"] fn $name() {
                super::check(stringify!($name), super::DEEP_ROUNDS);
            })*
        }

        #[test]
        fn every_target_is_run() {
            assert_eq!(TARGETS.map(|(name, _)| name), [$(stringify!($name)),*]);
        }
    };
}

targets! { cookie header json_body jwt mwt path query }

//! The long checks: properties with far more cases, the model with more actors and faults, more
//! schedules of the code that is shipped, more mutations of hostile input, and longer floods.

use crate::Result;
use crate::machine::Machine;
use crate::postgres::Postgres;
use crate::programs;
use crate::step::{cargo, command, loud, show};

/// The module that holds the long tests of a package, each ignored. `cargo xtask test` leaves it out.
pub(super) const MODULE: &str = "deep::";

/// The packages with such a module.
const PACKAGES: [&str; 3] = ["mizan-hostile-input", "mizan-cache-model", "mizan-cache-schedules"];

pub(crate) fn deep() -> Result {
    let machine = Machine::here();
    machine.need(&programs::REDIS)?;
    let missing = || format!("{} is missing", programs::POSTGRES.name);
    let postgres = Postgres::start(&machine)?.ok_or_else(missing)?;
    loud("properties with 100,000 cases each", || {
        let words =
            ["test", "--release", "-p", "mizan-core", "--test", "it", "--", "oracle", "no_"];
        let mut long = cargo(&words);
        long.env("PROPTEST_CASES", "100000");
        show(long)
    })?;
    loud("50,000 interleavings of the client kernel, its drafts and tabs", || {
        let test = ["test", "-w", "@mizan/base", "--", "--testTimeout", "3600000"];
        let files = ["order", "draft-random", "tabs-random"];
        let mut long = command(&[&["npm"], &test[..], &files].concat());
        long.env("MIZAN_INTERLEAVINGS", "50000");
        show(long)
    })?;
    loud("50,000 random lists of the client kernel", || {
        let mut long = command(&["npm", "test", "-w", "@mizan/base", "--", "list-random"]);
        long.env("MIZAN_LISTS", "50000");
        show(long)
    })?;
    PACKAGES.iter().try_for_each(|package| {
        loud(&format!("the long tests of {package}"), || {
            let words =
                ["test", "--release", "-p", package, "--", "--ignored", "--nocapture", MODULE];
            show(cargo(&words))
        })
    })?;
    loud("floods and random cases of the servers at ten times the size", || {
        let packages = ["-p", "mizan-conformance", "-p", "souk", "--all-features", "--tests"];
        let names = ["flood", "connections", "budget", "many_sign_ins", "mutations", "random"];
        let words = [&["test"], &packages[..], &["--", "--include-ignored", "--nocapture"], &names];
        let mut long = cargo(&words.concat());
        long.env("MIZAN_CONFORMANCE_DEEP", "10");
        show(long)
    })?;
    loud("the long tests of mizan-sqlx", || {
        let words =
            ["test", "-p", "mizan-sqlx", "--all-features", "--", "--ignored", "--nocapture"];
        let mut long = cargo(&[&words[..], &[MODULE]].concat());
        long.env("SOUK_TEST_POSTGRES", &postgres.url);
        show(long)
    })
}

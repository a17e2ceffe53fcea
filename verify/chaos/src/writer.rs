//! Writers: mutations at the pace of the reads, until the race is over.

use std::thread;
use std::time::Duration;

use mizan_faults::random::Random;

use crate::http::Connection;
use crate::keys;
use crate::race::Race;

/// Mutates until the race is over.
pub(crate) fn write(race: &Race, mut random: Random) {
    let mut connection = None;
    while !race.is_over() {
        if race.mutations_are_ahead() {
            thread::sleep(Duration::from_millis(1));
            continue;
        }
        match connection.take().or_else(|| race.fleet.connect(&mut random).ok()) {
            Some(open) => connection = mutate(race, open, &mut random),
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Sends one mutation and waits for its response; gives the connection back where it still works.
fn mutate(race: &Race, mut connection: Connection, random: &mut Random) -> Option<Connection> {
    let (checker, counts) = (&race.database.checker, &race.counts);
    let mutation = checker.sends();
    let call = call(race.item(random), mutation, random);
    let answer = connection.post("/api/mizan/call/", &call).and_then(|()| connection.answer());
    let committed = checker.ends(mutation, answer.is_ok());
    let Ok(answer) = answer else {
        counts.broken.add(1);
        counts.committed.add(u64::from(committed));
        return None;
    };
    counts.degraded.add(u64::from(answer.cache == "degraded"));
    match answer.status {
        200 => counts.mutations.add(1),
        _ => {
            counts.refused.add(1);
            thread::sleep(Duration::from_millis(5));
        }
    }
    Some(connection)
}

/// A call of any mutation; those that touch more are rarer.
fn call(item: usize, mutation: usize, random: &mut Random) -> String {
    let (function, own) = match random.below(100) {
        0..45 => ("bump", format!(r#""item":{item}"#)),
        45..70 => {
            let page = random.below(keys::PAGES);
            ("turn", format!(r#""item":{item},"page":{page}"#))
        }
        70..75 => ("turn", format!(r#""item":{item},"page":null"#)),
        75..98 => {
            let shelf = item / keys::ON_SHELF;
            ("bump_both", format!(r#""item":{item},"shelf":{shelf}"#))
        }
        _ => ("sweep", format!(r#""shelf":{}"#, item / keys::ON_SHELF)),
    };
    format!(r#"{{"fn":"{function}","args":{{{own},"mutation":{mutation}}}}}"#)
}

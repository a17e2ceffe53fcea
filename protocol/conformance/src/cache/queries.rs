//! Random query strings: what no one declared makes no entry.

use std::collections::BTreeSet;

use mizan_faults::random::Random;
use mizan_faults::redis::RedisServer;

use crate::backend::Backend;
use crate::cache::support::{App, Store, World, soon};
use crate::case::cases;

const ROUNDS: usize = 2_000;

/// A query of declared and undeclared names, with good and bad values, some of them twice.
fn query(random: &mut Random) -> String {
    let names = ["user_id", "user_id", "user_id", "page", "page", "x", "user", "USER_ID", "Page"];
    let values =
        ["1", "02", "+3", "%204", "5", "", "x", "%zz", "1.0", "-1", "99999999999999999999"];
    let mut pair = |_| {
        let name = random.pick(&names).unwrap();
        match (*name, random.below(3)) {
            ("x", _) | (_, 0) => format!("{name}{}={}", random.below(1_000), random.below(9)),
            _ => format!("{name}={}", random.pick(&values).unwrap()),
        }
    };
    let mut pairs: Vec<String> = (0..4).map(&mut pair).collect();
    pairs.push(format!("user_id={}", random.below(12)));
    pairs.rotate_left(random.below(5));
    pairs.truncate(1 + random.below(5));
    pairs.join("&")
}

/// How many keys of Redis hold a value, and how many a token.
fn kinds(redis: &RedisServer) -> (usize, usize) {
    let keys = redis.keys().unwrap();
    let of = |kind: &str| keys.iter().filter(|key| key.contains(kind)).count();
    assert_eq!(of(":ctx:user:") + of(":gen:user:"), keys.len(), "{keys:?}");
    (of(":ctx:user:"), of(":gen:user:"))
}

fn random_queries_make_no_more_entries_than_there_are_valid_parameters(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let mut app: App = world.app();
    let mut random = Random::seeded(25);
    let (mut valid, mut refused) = (BTreeSet::new(), 0);
    for round in 0..ROUNDS {
        let query = query(&mut random);
        let answer = app.read(&format!("user/?{query}"));
        match answer.status {
            200 => {
                let bundle = answer.json().unwrap();
                let number = |value: &serde_json::Value| value.as_i64().unwrap();
                let user = number(&bundle["profile"]["user_id"]);
                valid.insert((user, number(&bundle["orders"][0]["page"])));
            }
            400 | 422 => refused += 1,
            other => panic!("{round}: {query} gives {other}"),
        }
    }
    assert!(valid.len() > 20 && refused > 200, "{} and {refused}", valid.len());
    let users: BTreeSet<i64> = valid.iter().map(|(user, _)| *user).collect();
    // A token for each user, and one for all of them. Values are stored after the response.
    let wanted = (valid.len(), users.len() + 1);
    soon("values", || kinds(world.redis()).0 >= wanted.0);
    assert_eq!(kinds(world.redis()), wanted);
    let runs: u64 = users.iter().map(|user| world.data.counted(&format!("profile-{user}"))).sum();
    assert_eq!(runs, valid.len() as u64, "each entry was computed once");
}

cases! {
    "keys", READ, Redis =>
        random_queries_make_no_more_entries_than_there_are_valid_parameters;
}

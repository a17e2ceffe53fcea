//! Single flight: however many ask at one time, the functions run once in each process.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::Connection;

use crate::cache::support::{App, Store, World, bundle, read};

/// Connections at one time, shared evenly by the programs.
const CONNECTIONS: usize = 800;
/// In each, every connection reads one entry: 10,400 reads.
const WAVES: i64 = 13;

fn ten_thousand_misses_in_waves_run_once_in_each_process(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    world.set("slow", 400);
    // A crowd is many to connect, on a busy machine; a read that went past the cache would run alone.
    let start = || world.app_with(&[("CACHE_READ_TIMEOUT_MS", "10000")]);
    let mut apps: Vec<App> = vec![start()];
    if store == Store::Redis {
        apps.push(start());
    }
    apps.iter_mut().for_each(|app| app.warm("user_id=0", 0));
    for wave in 1..=WAVES {
        world.set(&format!("user-{wave}"), wave);
        let request = read(&format!("user/?user_id={wave}"));
        // A connection of an earlier wave could have been closed as idle.
        let send = |at: usize| {
            let address = apps[at % apps.len()].server.address();
            let mut connection = Connection::open(address).unwrap();
            connection.send(&request.bytes(address)).unwrap();
            connection
        };
        let connections: Vec<Connection> = (0..CONNECTIONS).map(send).collect();
        for mut connection in connections {
            let (_, bundle) = bundle(&connection.receive(false).unwrap());
            assert_eq!(bundle["profile"]["value"], wave);
        }
        let runs = world.data.counted(&format!("profile-{wave}"));
        assert!((1..=apps.len() as u64).contains(&runs), "wave {wave}: {runs} runs");
    }
    let joined: u64 = apps.iter_mut().map(|app| app.count("joined")).sum();
    assert!(joined > 2_000, "they did not meet: {joined} joined");
}

cases! {
    "cache", READ, InBothStores =>
        ten_thousand_misses_in_waves_run_once_in_each_process;
}

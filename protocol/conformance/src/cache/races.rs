//! Readers and mutations at the same time.

use crate::backend::Backend;
use crate::cache::support::{By, Store, World, bundle, read};
use crate::case::cases;

fn a_slow_reader_stores_nothing_that_a_mutation_has_made_old(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    // It has read the database, and not answered yet.
    let slow = world.hold(&app, "read-5", read("user/?user_id=5"));
    app.rename(5, 1);
    // A read that begins now neither waits for the slow one nor gets what it has.
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    app.warm("user_id=5", 1);
    let (_, old) = bundle(&slow.release());
    assert_eq!(old["profile"]["value"], 0, "it began before the mutation");
    for _ in 0..20 {
        assert_eq!(app.value("user_id=5").1, 1);
    }
    // The same where nothing is stored when the slow one ends.
    let slow = world.hold(&app, "read-6", read("user/?user_id=6"));
    app.rename(6, 1);
    assert_eq!(bundle(&slow.release()).1["profile"]["value"], 0);
    app.warm("user_id=6", 1);
}

fn while_a_mutation_runs_nothing_is_served_or_stored(backend: &Backend, store: Store) {
    let world = World::new(backend, store);
    let mut app = world.app();
    app.warm("user_id=5", 0);
    app.warm("user_id=6", 0);
    let mutation = world.hold_rename(&app, "before", 5, 1);
    assert_eq!(app.value("user_id=5"), (By::Bypass, 0));
    assert_eq!(app.value("user_id=6"), (By::Hit, 0), "what it does not cover is served");
    // A reader that reads before the commit and ends after the mutation.
    let slow = world.hold(&app, "read-5", read("user/?user_id=5"));
    mutation.succeed();
    assert_eq!(bundle(&slow.release()).1["profile"]["value"], 0);
    assert_eq!(app.value("user_id=5"), (By::Miss, 1));
    // After its commit and before its response, the new value is what everyone gets.
    let mutation = world.hold_rename(&app, "after", 5, 2);
    assert_eq!(app.value("user_id=5"), (By::Bypass, 2));
    mutation.succeed();
    assert_eq!(app.value("user_id=5"), (By::Miss, 2));
}

fn two_processes_see_what_the_other_changes(backend: &Backend) {
    let world = World::new(backend, Store::Redis);
    let (mut writer, mut reader) = (world.app(), world.app());
    for value in 1..20 {
        reader.warm("user_id=5", value - 1);
        assert_eq!(writer.value("user_id=5"), (By::Hit, value - 1), "they share entries");
        writer.rename(5, value);
        assert_eq!(reader.value("user_id=5"), (By::Miss, value));
    }
}

cases! {
    "cache", READ, InBothStores =>
        a_slow_reader_stores_nothing_that_a_mutation_has_made_old
        while_a_mutation_runs_nothing_is_served_or_stored;
    "cache", READ, Redis =>
        two_processes_see_what_the_other_changes;
}

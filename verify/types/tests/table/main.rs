//! One table of types, each tried in every position through the generated client; `docs/types.md` holds it.
//!
//! `UPDATE_EXPECT=1` writes the document.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic"
)]

mod attributes;
mod batches;
mod crates;
mod document;
mod meanings;
mod params;
mod program;
mod races;
mod random;
mod refused;
mod row;
mod std_types;

use mizan_core::{Builder, Function, Mizan};

use row::{Row, Versions};

/// Every row.
fn table() -> Vec<Row> {
    let mut rows = std_types::std_types();
    rows.extend(crates::crate_types());
    rows.extend(attributes::attribute_types());
    rows
}

fn functions() -> Vec<Function> {
    table().into_iter().flat_map(|row| row.functions).collect()
}

/// All functions of the table, without a cache.
fn registry() -> Mizan {
    let builder = Builder::empty().functions(functions()).state(Versions::default());
    builder.check_effects(false).build().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_table_has_at_least_250_rows_of_type_and_position() {
    let rows: usize = table().iter().map(|row| row.positions().len()).sum();
    assert!(rows >= 250, "{rows} rows");
}

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn every_type_comes_back_through_the_client_and_stands_in_the_document() {
    let rows = table();
    let main = program::program(&rows);
    let said = mizan_types::through_the_client("types", registry, &main);
    document::check(&rows, &said);
}

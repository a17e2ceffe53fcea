use std::ops::Range;

use mizan_core::client;

#[client(context = "seats")]
async fn seats(rows: Range<u32>) -> Vec<u32> {
    rows.collect()
}

fn main() {}

use mizan_core::{Page, Range, client};

#[client]
async fn order_list(range: Range<i64>) -> Page<i64> {
    range.page(Vec::new(), |row| *row)
}

fn main() {}

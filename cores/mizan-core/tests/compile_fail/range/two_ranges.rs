use mizan_core::{Page, Range, client};

#[client(context = "orders")]
async fn order_list(range: Range<i64>, other: Range<i64>) -> Page<i64> {
    let _ = other;
    range.page(Vec::new(), |row| *row)
}

fn main() {}

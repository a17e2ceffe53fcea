use mizan_core::{Page, Range, client};

#[client(context = "orders")]
async fn order_list(limit: i64, range: Range<i64>) -> Page<i64> {
    let _ = limit;
    range.page(Vec::new(), |row| *row)
}

fn main() {}

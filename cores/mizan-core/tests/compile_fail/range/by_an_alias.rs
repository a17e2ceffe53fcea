use mizan_core::{Page, Range, client};

type Part = Range<i64>;

#[client(context = "orders")]
async fn order_list(range: Part) -> Page<i64> {
    range.page(Vec::new(), |row| *row)
}

fn main() {}

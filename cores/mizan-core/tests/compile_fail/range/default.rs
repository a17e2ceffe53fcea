use mizan_core::{Page, Range, client};

#[client(context = "orders")]
async fn order_list(#[default = Range::first()] range: Range<i64>) -> Page<i64> {
    range.page(Vec::new(), |row| *row)
}

fn main() {}

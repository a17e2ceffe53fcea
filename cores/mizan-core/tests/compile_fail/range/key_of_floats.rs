use mizan_core::{Page, Range, client};

#[client(context = "orders")]
async fn order_list(range: Range<f64>) -> Page<f64> {
    range.page(Vec::new(), |row| *row)
}

fn main() {}

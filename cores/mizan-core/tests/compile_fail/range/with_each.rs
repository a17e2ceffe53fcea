use mizan_core::{Each, Page, Range, client};

#[client(context = "orders")]
async fn order_list(stall_id: Each<i64>, range: Range<i64>) -> Page<i64> {
    let _ = stall_id;
    range.page(Vec::new(), |row| *row)
}

fn main() {}

use mizan_core::{Context, Found, client};

#[derive(Context)]
struct CardContext;

#[client(context = CardContext)]
async fn card(stall_id: i64) -> Found<i64, i64> {
    [(stall_id, stall_id)].into_iter().collect()
}

fn main() {}

use mizan_core::{Context, Each, Found, client};

#[derive(Context)]
struct CardContext;

#[client(context = CardContext)]
async fn card(#[garde(range(min = 1))] stall_id: Each<i64>) -> Found<i64, i64> {
    stall_id.into_iter().map(|id| (id, id)).collect()
}

fn main() {}

use mizan_core::{Context, Each, Found, client};

#[derive(Context)]
struct CardContext;

#[client(context = CardContext)]
async fn card(stall_id: Each<i64>) -> Found<String, i64> {
    stall_id.into_iter().map(|id| (id.to_string(), id)).collect()
}

fn main() {}

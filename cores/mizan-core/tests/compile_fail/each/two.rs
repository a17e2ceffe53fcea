use mizan_core::{Context, Each, Found, client};

#[derive(Context)]
struct CardContext;

#[client(context = CardContext)]
async fn card(stall_id: Each<i64>, user_id: Each<i64>) -> Found<i64, i64> {
    stall_id.into_iter().zip(user_id).collect()
}

fn main() {}

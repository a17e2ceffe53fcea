use mizan_core::{Context, Each, Result, client};

#[derive(Context)]
struct CardContext;

#[client(context = CardContext)]
async fn card(stall_id: Each<i64>) -> Result<Vec<i64>> {
    Ok(stall_id.into_iter().collect())
}

fn main() {}

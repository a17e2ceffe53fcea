use mizan_core::{Context, Each, Found, client};

#[derive(Context)]
struct CardContext;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Stall(i64);

#[client(context = CardContext)]
async fn card(stall: Each<Stall>) -> Found<Stall, i64> {
    stall.into_iter().map(|stall| (stall.clone(), stall.0)).collect()
}

fn main() {}

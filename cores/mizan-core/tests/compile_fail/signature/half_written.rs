use mizan_core::client;

#[client]
fn profile(user_id: i64) -> i64 {
    let double = user_id * ;
    double
}

fn main() {}

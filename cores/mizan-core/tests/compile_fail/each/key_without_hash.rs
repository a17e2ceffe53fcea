use mizan_core::EachKey;

#[derive(EachKey, Clone, PartialEq, Eq)]
struct CardKey {
    stall_id: i64,
}

fn main() {}

use mizan_core::EachKey;

#[derive(EachKey, Clone, PartialEq, Eq, Hash)]
struct CardKey(i64, i64);

fn main() {}

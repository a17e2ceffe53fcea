use mizan_core::EachKey;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Stall(i64);

#[derive(EachKey, Clone, PartialEq, Eq, Hash)]
struct CardKey {
    stall: Stall,
}

fn main() {}

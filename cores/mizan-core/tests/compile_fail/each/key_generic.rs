use mizan_core::EachKey;

#[derive(EachKey, Clone, PartialEq, Eq, Hash)]
struct CardKey<T> {
    stall_id: T,
}

fn main() {}

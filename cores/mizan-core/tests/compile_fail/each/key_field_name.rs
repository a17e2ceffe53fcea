use mizan_core::EachKey;

#[derive(EachKey, Clone, PartialEq, Eq, Hash)]
#[allow(non_snake_case)]
struct CardKey {
    stallId: i64,
}

fn main() {}

use mizan_core::client;

#[client]
fn rename<'a>(name: std::borrow::Cow<'a, str>) {}

fn main() {}

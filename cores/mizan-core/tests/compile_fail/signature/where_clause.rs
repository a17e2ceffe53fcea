use mizan_core::client;

#[client]
fn rename()
where
    u8: Copy,
{
}

fn main() {}

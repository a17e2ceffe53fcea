use mizan_core::client;

struct Users;

impl Users {
    #[client]
    fn rename(&self, name: String) {}
}

fn main() {}

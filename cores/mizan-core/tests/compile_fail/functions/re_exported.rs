mod users {
    #[mizan_core::client]
    pub fn user_profile() {}
}

use users::user_profile;

fn main() {
    user_profile();
    let _ = mizan_core::functions![user_profile];
}

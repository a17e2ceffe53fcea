fn user_profile() {}

fn main() {
    let _ = mizan_core::functions![user_profile];
}

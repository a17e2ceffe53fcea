fn main() {
    let _ = mizan_core::functions![1];
}

//! Every mistake that the attribute, the derive and `functions!` report, with the message it gets.
//! The rules of the fixtures are in `compile_fail/README.md`.

#[test]
fn mistakes_are_reported_on_the_wrong_word() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*/*.rs");
}

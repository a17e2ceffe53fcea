//! Every mistake that the attribute, the derive and `functions!` report, with the message it gets.
//! The rules of the fixtures are in `compile_fail/README.md`.

#[test]
fn mistakes_are_reported_on_the_wrong_word() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*/*.rs");
}

#[test]
fn a_float_as_the_key_of_a_range_is_one_error() {
    let printed = include_str!("compile_fail/range/key_of_floats.stderr");
    let errors: Vec<&str> = printed.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(errors, ["error[E0277]: `f64` cannot be the key of a `Range`"]);
}

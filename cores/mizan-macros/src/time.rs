//! Times as the attribute takes them: `"5s"`.

/// How to write a time.
pub(crate) const FORM: &str = "write a whole number and a unit, from `\"1ms\"` to `\"1h\"`, for example `\"5s\"`; units are `ms`, `s`, `min` and `h`";

/// The longest time, in milliseconds.
const LONGEST: u64 = 60 * 60 * 1000;

/// The milliseconds that a text says; `None` if it says none.
pub(crate) fn millis(text: &str) -> Option<u64> {
    let split = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "min" => 60 * 1000,
        "h" => LONGEST,
        _ => return None,
    };
    let millis = number.parse::<u64>().ok()?.checked_mul(millis)?;
    (1..=LONGEST).contains(&millis).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, expected) in [
            ("5s", Some(5_000)),
            ("1ms", Some(1)),
            ("2min", Some(120_000)),
            ("1h", Some(3_600_000)),
            ("", None),
            ("5", None),
            ("s", None),
            ("0s", None),
            ("2h", None),
            ("5 s", None),
            ("-5s", None),
            ("1.5s", None),
            ("5sec", None),
            ("５s", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
    }
}

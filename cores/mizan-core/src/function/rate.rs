//! How often a function may be run: `"5/min"` for each caller, `"10/5min by name"` for each value of an argument.

use std::time::Duration;

/// The longest time of a rate.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How to write a rate.
pub(crate) const FORM: &str = "write a number of runs and a time, for example `5/min` or `10/5min by name`; times are `s`, `min`, `h` and `d`";

/// A number of runs in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Rate {
    /// How many runs there may be at once, and in each time on average.
    pub(crate) units: u32,
    pub(crate) per: Duration,
}

/// A rate, and whose runs are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateRule {
    /// As it was written.
    pub(crate) text: String,
    pub(crate) rate: Rate,
    /// The argument whose values are counted, over all callers; `None` counts callers.
    pub(crate) by: Option<String>,
}

impl Rate {
    /// The rate that a text says; `None` where it says none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (units, time) = text.trim().split_once('/')?;
        let split = time.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = time.split_at(split);
        let seconds = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return None,
        };
        let (units, number) =
            (integer(units)?, if number.is_empty() { 1 } else { integer(number)? });
        let per = Duration::from_secs(u64::from(number) * seconds);
        // A faster rate bounds nothing, and could not be counted exactly.
        let is_slow = per.as_micros() / u128::from(units) >= 1;
        (per <= LONGEST && is_slow).then_some(Self { units, per })
    }

    /// The time after which one more run is allowed.
    pub(crate) fn step(self) -> Duration {
        self.per / self.units
    }
}

impl RateRule {
    /// The rule that a text says; `None` where it says none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let rate = Rate::parse(words.next()?)?;
        let by = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some("by"), Some(argument), None) => Some(argument.to_owned()),
            _ => return None,
        };
        Some(Self { text: text.to_owned(), rate, by })
    }
}

/// An integer that is not 0, in digits alone.
fn integer(text: &str) -> Option<u32> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    (number > 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_of_runs_and_a_time() {
        for (text, units, seconds, by) in [
            ("5/min", 5, 60, None),
            ("10/5min by name", 10, 300, Some("name")),
            ("1/s", 1, 1, None),
            ("600/2h", 600, 7_200, None),
            (" 3/30d  by  user_id ", 3, 2_592_000, Some("user_id")),
        ] {
            let rule = RateRule::parse(text).unwrap();
            assert_eq!(rule.rate, Rate { units, per: Duration::from_secs(seconds) }, "{text}");
            assert_eq!(rule.by.as_deref(), by, "{text}");
        }
    }

    #[test]
    fn whatever_else_is_no_rate() {
        for text in [
            "",
            "5",
            "5/",
            "/min",
            "5 / min",
            "0/min",
            "5/0min",
            "-5/min",
            "+5/min",
            "5.5/min",
            "5/m",
            "5/min by",
            "5/min name",
            "5/min by a b",
            "5/31d",
            "1000001/s",
            "4294967296/min",
            "5/minute",
            "5/min, 6/h",
            "５/min",
        ] {
            assert_eq!(RateRule::parse(text), None, "{text}");
        }
    }
}

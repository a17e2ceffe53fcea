//! Rates as the attribute takes them. The grammar is that of `mizan-core`, which reads the text again at run time.

/// How to write a rate.
pub(crate) const FORM: &str = "write a number of runs and a time, for example `\"5/min\"` or `\"10/5min by name\"`; times are `s`, `min`, `h` and `d`";

/// The longest time of a rate, in seconds.
const LONGEST: u64 = 30 * 24 * 60 * 60;

/// The argument that a rate counts by, if it does; `Err` if the text is not a rate.
pub(crate) fn read(text: &str) -> Result<Option<&str>, ()> {
    let mut words = text.split_whitespace();
    if !words.next().is_some_and(is_rate) {
        return Err(());
    }
    match (words.next(), words.next(), words.next()) {
        (None, ..) => Ok(None),
        (Some("by"), Some(argument), None) => Ok(Some(argument)),
        _ => Err(()),
    }
}

fn is_rate(text: &str) -> bool {
    let parts = text.split_once('/').and_then(|(runs, time)| {
        let split = time.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = time.split_at(split);
        let number = if number.is_empty() { 1 } else { integer(number)? };
        Some((integer(runs)?, number, unit))
    });
    let Some((runs, number, unit)) = parts else { return false };
    let seconds = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return false,
    };
    let seconds = u64::from(number) * seconds;
    seconds <= LONGEST && seconds * 1_000_000 >= u64::from(runs)
}

/// An integer that is not 0, in digits alone.
fn integer(text: &str) -> Option<u32> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    (number > 0).then_some(number)
}

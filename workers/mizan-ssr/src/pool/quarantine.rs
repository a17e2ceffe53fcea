//! Inputs that kill workers are refused for a while.

use std::collections::HashMap;
use std::time::Duration;

use super::Time;

/// How long an input is refused, and how long a first death is remembered.
const TERM: Duration = Duration::from_secs(600);
/// How many inputs are remembered. The oldest is forgotten first.
const INPUTS: usize = 1_024;
/// Deaths after which an input is refused.
const DEATHS: u8 = 2;

/// What is known of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Clean,
    /// A worker died with it: the next run is alone in its worker, so that it is clear what to blame.
    Suspect,
    Refused,
}

#[derive(Debug)]
struct Strike {
    deaths: u8,
    last: Time,
}

#[derive(Debug, Default)]
pub(super) struct Quarantine(HashMap<u64, Strike>);

impl Quarantine {
    pub(super) fn verdict(&self, hash: u64, now: Time) -> Verdict {
        match self.0.get(&hash) {
            Some(strike) if strike.last + TERM <= now => Verdict::Clean,
            Some(strike) if strike.deaths >= DEATHS => Verdict::Refused,
            Some(_) => Verdict::Suspect,
            None => Verdict::Clean,
        }
    }

    /// A worker died with this input. `sure` means that no other input can be to blame: only such a
    /// death can be the second one. True if the input is refused from now on.
    pub(super) fn strike(&mut self, hash: u64, sure: bool, now: Time) -> bool {
        if self.0.len() >= INPUTS && !self.0.contains_key(&hash) {
            let oldest = self.0.iter().min_by_key(|(_, strike)| strike.last).map(|(hash, _)| *hash);
            oldest.and_then(|hash| self.0.remove(&hash));
        }
        let strike = self.0.entry(hash).or_insert(Strike { deaths: 0, last: now });
        if strike.last + TERM <= now {
            strike.deaths = 0;
        }
        let before = strike.deaths;
        strike.deaths = if sure { before.saturating_add(1) } else { before.max(1) };
        strike.last = now;
        strike.deaths >= DEATHS && before < DEATHS
    }

    /// The input has been rendered: it was not to blame.
    pub(super) fn clear(&mut self, hash: u64) {
        if !self.0.is_empty() {
            self.0.remove(&hash);
        }
    }

    /// How many inputs are refused.
    pub(super) fn refused(&self, now: Time) -> usize {
        self.0.values().filter(|strike| strike.deaths >= DEATHS && strike.last + TERM > now).count()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{INPUTS, Quarantine, TERM, Verdict};

    const NOW: Duration = Duration::from_secs(5);

    #[test]
    fn only_two_deaths_of_which_the_last_is_sure_refuse_an_input() {
        let check = |what: &str, sure: &[bool], expected: Verdict| {
            let mut quarantine = Quarantine::default();
            for sure in sure {
                quarantine.strike(7, *sure, NOW);
            }
            assert_eq!(quarantine.verdict(7, NOW), expected, "{what}");
            assert_eq!(quarantine.verdict(8, NOW), Verdict::Clean, "{what}: another input");
            assert_eq!(
                quarantine.verdict(7, NOW + TERM),
                Verdict::Clean,
                "{what}: ten minutes later"
            );
            assert_eq!(
                quarantine.refused(NOW),
                usize::from(expected == Verdict::Refused),
                "{what}"
            );
            quarantine.clear(7);
            assert_eq!(quarantine.verdict(7, NOW), Verdict::Clean, "{what}: after a render");
        };
        check("none", &[], Verdict::Clean);
        check("in company", &[false], Verdict::Suspect);
        check("often in company", &[false; 9], Verdict::Suspect);
        check("alone", &[true], Verdict::Suspect);
        check("in company, then alone", &[false, true], Verdict::Refused);
        check("twice alone", &[true, true], Verdict::Refused);
    }

    #[test]
    fn it_is_bounded_and_forgets_the_oldest() {
        let mut quarantine = Quarantine::default();
        for hash in 0..=INPUTS {
            quarantine.strike(hash as u64, true, NOW + Duration::from_millis(hash as u64));
        }
        assert_eq!(quarantine.0.len(), INPUTS);
        assert_eq!(quarantine.verdict(0, NOW), Verdict::Clean);
        assert_eq!(quarantine.verdict(1, NOW), Verdict::Suspect);
    }
}

//! Counts of one process, by `governor`. Memory is bounded: what is used up is let go, and beyond the bound what
//! will be used up first.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::{Ask, Key};
use crate::function::Rate;

/// The number of callers that are counted at one time.
const MOST: usize = 100_000;
/// With fewer nothing is let go.
const FEW: usize = 1_024;

/// The time since some moment.
pub(crate) type Time = Arc<dyn Fn() -> Duration + Send + Sync>;

#[derive(Clone)]
struct Ticks(Time);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

/// The counts of this process.
pub(super) struct MemoryRates {
    limiters: HashMap<Rate, RateLimiter<Key, Shared, Ticks, NoOpMiddleware<Duration>>>,
    kept: Arc<Kept>,
    time: Time,
    start: Duration,
    /// Held while the counts of one request are taken, so that they are taken together.
    together: Mutex<()>,
}

/// For each caller the time at which everything that was counted is used up.
struct Kept {
    times: Mutex<Times>,
    most: usize,
}

#[derive(Default)]
struct Times {
    all: HashMap<Key, Nanos>,
    /// At this number, those that are used up are released.
    next: usize,
}

/// The counts as every limiter holds them.
struct Shared(Arc<Kept>);

impl StateStore for Shared {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut times = self.0.times();
        let (outcome, time) = measure(times.all.get(key).copied())?;
        times.all.insert(*key, time);
        Ok(outcome)
    }
}

impl Kept {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts back what was known of a caller.
    fn restore(&self, key: Key, known: Option<Nanos>) {
        let mut times = self.times();
        match known {
            Some(time) => times.all.insert(key, time),
            None => times.all.remove(&key),
        };
    }

    /// Lets go what is used up, and beyond the bound what will be first.
    fn make_room(&self, now: Nanos) {
        let mut times = self.times();
        if times.all.len() < times.next.clamp(FEW.min(self.most), self.most) {
            return;
        }
        times.all.retain(|_, time| *time > now);
        if times.all.len() >= self.most {
            let mut ends: Vec<Nanos> = times.all.values().copied().collect();
            let middle = ends.len() / 4;
            let (_, first, _) = ends.select_nth_unstable(middle);
            let first = *first;
            times.all.retain(|_, time| *time > first);
        }
        times.all.shrink_to_fit();
        times.next = times.all.len().saturating_mul(2);
    }
}

impl MemoryRates {
    pub(super) fn new(rates: impl IntoIterator<Item = Rate>, time: Time) -> Self {
        Self::bounded(rates, time, MOST)
    }

    fn bounded(rates: impl IntoIterator<Item = Rate>, time: Time, most: usize) -> Self {
        let kept = Arc::new(Kept { times: Mutex::default(), most });
        let start = time();
        let limiter = |rate: Rate| {
            let quota = Quota::with_period(rate.step())?.allow_burst(NonZeroU32::new(rate.units)?);
            Some((
                rate,
                RateLimiter::new(quota, Shared(Arc::clone(&kept)), Ticks(Arc::clone(&time))),
            ))
        };
        let limiters = rates.into_iter().filter_map(limiter).collect();
        Self { limiters, kept, time, start, together: Mutex::default() }
    }

    /// Counts everything that is asked for, or nothing where one has no room.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn take(&self, asks: &[Ask]) -> Result<(), Duration> {
        let _together = self.together.lock().unwrap_or_else(PoisonError::into_inner);
        self.kept.make_room((self.time)().duration_since(self.start));
        let mut taken = Vec::with_capacity(asks.len());
        for ask in asks {
            let known = self.kept.times().all.get(&ask.key).copied();
            let Some(limiter) = self.limiters.get(&ask.rate) else { continue };
            let Some(runs) = NonZeroU32::new(ask.runs) else { continue };
            let wait = match limiter.check_key_n(&ask.key, runs) {
                Ok(Ok(())) => {
                    taken.push((ask.key, known));
                    continue;
                }
                Ok(Err(refused)) => refused.wait_time_from((self.time)()),
                // `Ask` counts no more at once than the rate allows.
                Err(_) => ask.rate.per,
            };
            for (key, known) in taken.into_iter().rev() {
                self.kept.restore(key, known);
            }
            return Err(wait);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn clock() -> (Arc<AtomicU64>, Time) {
        let millis = Arc::new(AtomicU64::new(1_000));
        let read = Arc::clone(&millis);
        (millis, Arc::new(move || Duration::from_millis(read.load(Ordering::SeqCst))))
    }

    fn ask(caller: u32, rate: Rate) -> Ask {
        let mut key = Key::default();
        key[..4].copy_from_slice(&caller.to_be_bytes());
        Ask { key, rate, runs: 1 }
    }

    const RATE: Rate = Rate { units: 5, per: Duration::from_secs(60) };

    #[test]
    fn a_burst_and_then_one_for_each_part_of_the_time() {
        let (millis, time) = clock();
        let rates = MemoryRates::new([RATE], time);
        for _ in 0..5 {
            rates.take(&[ask(1, RATE)]).unwrap();
        }
        assert_eq!(rates.take(&[ask(1, RATE)]), Err(Duration::from_secs(12)));
        assert_eq!(rates.take(&[ask(2, RATE)]), Ok(()));
        millis.fetch_add(12_000, Ordering::SeqCst);
        assert_eq!(rates.take(&[ask(1, RATE)]), Ok(()));
        assert_eq!(rates.take(&[ask(1, RATE)]), Err(Duration::from_secs(12)));
    }

    #[test]
    fn what_one_rate_refuses_the_others_do_not_count() {
        let (_, time) = clock();
        let tight = Rate { units: 1, ..RATE };
        let rates = MemoryRates::new([RATE, tight], time);
        rates.take(&[ask(1, RATE), ask(2, tight)]).unwrap();
        for _ in 0..100 {
            rates.take(&[ask(1, RATE), ask(2, tight)]).unwrap_err();
        }
        for _ in 0..4 {
            rates.take(&[ask(1, RATE)]).unwrap();
        }
        rates.take(&[ask(1, RATE)]).unwrap_err();
    }

    #[test]
    fn memory_is_bounded_and_who_has_no_room_is_kept_longest() {
        let (millis, time) = clock();
        let rates = MemoryRates::bounded([RATE], time, 4_000);
        for _ in 0..5 {
            rates.take(&[ask(0, RATE)]).unwrap();
        }
        for caller in 1..100_000 {
            rates.take(&[ask(caller, RATE)]).unwrap();
            assert!(rates.kept.times().all.len() <= 4_000);
        }
        rates.take(&[ask(0, RATE)]).unwrap_err();
        millis.fetch_add(60_001, Ordering::SeqCst);
        for caller in 1..=2_001 {
            rates.take(&[ask(caller, RATE)]).unwrap();
        }
        assert!(rates.kept.times().all.len() <= 2_001, "what is used up is let go");
    }
}

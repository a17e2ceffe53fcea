//! Which reads of strangers are stored: a budget for each context, so that a caller who invents parameters does not
//! fill the store.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Entry;
use crate::keys::Name;
use crate::millis;

/// The entries of strangers that this process has stored, by context.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    hasher: RandomState,
    contexts: Mutex<HashMap<Arc<str>, Budget>>,
}

/// What strangers have read of one context. Names are kept as hashes.
#[derive(Debug, Default)]
struct Budget {
    stored: Recent,
    /// Misses that were not stored.
    missed: Recent,
}

impl Admission {
    /// Whether the result of a read that found nothing may be stored: at once while fewer than `budget` entries of
    /// strangers were stored within their time, and beyond that from the second miss on.
    pub(crate) fn admits(&self, entry: &Entry, budget: usize, now: u64) -> bool {
        if !entry.is_anonymous {
            return true;
        }
        let name = self.hash(&entry.lookup.value);
        let mut contexts = self.contexts.lock().unwrap_or_else(PoisonError::into_inner);
        let context = contexts.entry(Arc::clone(&entry.lookup.context)).or_default();
        context.stored.forget_before(now.saturating_sub(millis(entry.ttl)));
        if context.stored.names.contains(&name) {
            return true;
        }
        if context.stored.names.len() < budget || context.missed.names.contains(&name) {
            context.stored.add(name, now);
            // What was missed more than once counts too, and must not fill the memory of this process.
            context.stored.keep(budget.saturating_mul(2));
            return true;
        }
        context.missed.add(name, now);
        context.missed.keep(budget);
        false
    }

    fn hash(&self, name: &Name) -> u64 {
        self.hasher.hash_one(name)
    }
}

/// Names with the time at which each came, oldest first.
#[derive(Debug, Default)]
struct Recent {
    names: HashSet<u64>,
    order: VecDeque<(u64, u64)>,
}

impl Recent {
    fn add(&mut self, name: u64, now: u64) {
        if self.names.insert(name) {
            self.order.push_back((name, now));
        }
    }

    fn forget_before(&mut self, time: u64) {
        while self.order.front().is_some_and(|(_, came)| *came < time) {
            self.pop();
        }
    }

    fn keep(&mut self, most: usize) {
        while self.order.len() > most {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some((name, _)) = self.order.pop_front() {
            self.names.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::keys::Keys;
    use crate::keys::Owner;
    use crate::store::Lookup;

    fn entry(context: &str, at: usize, is_anonymous: bool) -> Entry {
        let (context, at): (Arc<str>, _) = (context.into(), at.to_string());
        let value = Keys::Plain.value(&context, [("at", &*at)], 0, Owner::default());
        let lookup = Lookup { context, value, tokens: Vec::new(), build: 0 };
        Entry { lookup, layout: 0, ttl: Duration::from_millis(1_000), is_anonymous }
    }

    /// A row for each read: context, entry, whether a stranger asks, when, and whether it may be stored.
    fn check(rows: &[(&str, usize, bool, u64, bool)]) {
        let admission = Admission::default();
        for (row, (context, at, is_anonymous, now, admitted)) in rows.iter().enumerate() {
            let entry = entry(context, *at, *is_anonymous);
            assert_eq!(admission.admits(&entry, 2, *now), *admitted, "row {row}");
        }
    }

    #[test]
    fn beyond_the_budget_an_entry_is_stored_from_the_second_miss_on() {
        check(&[
            ("a", 1, true, 0, true),
            ("a", 2, true, 1, true),
            ("a", 3, true, 2, false),
            ("a", 1, true, 3, true),
            ("a", 3, true, 4, true),
            ("a", 3, true, 5, true),
            ("b", 1, true, 6, true),
            ("a", 4, false, 7, true),
        ]);
    }

    #[test]
    fn what_has_run_out_counts_no_longer() {
        check(&[
            ("a", 1, true, 0, true),
            ("a", 2, true, 500, true),
            ("a", 3, true, 1_000, false),
            ("a", 4, true, 1_001, true),
            ("a", 5, true, 1_002, false),
            ("a", 5, true, 1_501, true),
        ]);
    }

    #[test]
    fn callers_who_are_signed_in_are_not_counted() {
        let many = (0..100).map(|at| ("a", at, false, 0, true));
        let then = [("a", 1, true, 0, true), ("a", 2, true, 0, true), ("a", 3, true, 0, false)];
        check(&many.chain(then).collect::<Vec<_>>());
    }

    /// However much is invented, this process remembers little of it.
    #[test]
    fn the_memory_of_it_is_bounded() {
        let admission = Admission::default();
        let (mut admitted, budget) = (0, 100);
        for at in 0..100_000 {
            // Each twice, so that every one is stored in the end.
            for _ in 0..2 {
                admitted += usize::from(admission.admits(&entry("a", at, true), budget, 0));
            }
        }
        assert_eq!(admitted, 100_000 + budget);
        let contexts = admission.contexts.lock().unwrap();
        let context = &contexts["a"];
        assert!(context.stored.order.len() <= 2 * budget && context.missed.order.len() <= budget);
        assert_eq!(context.stored.names.len(), context.stored.order.len());
    }
}

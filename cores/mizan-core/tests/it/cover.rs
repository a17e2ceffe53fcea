//! Tokens against an oracle that knows nothing of shapes: whenever a mutation can have changed an
//! entry, it marks a token that the entry reads; whatever user the entry belongs to.

use std::collections::BTreeSet;
use std::sync::Arc;

use mizan_cache::Shapes;
use proptest::prelude::*;

const NAMES: [&str; 5] = ["account", "org", "page", "tag", "user_id"];

#[derive(Debug, Clone)]
struct Registry {
    /// For each parameter whether the context has it, and whether an entry may hold null there.
    params: Vec<Option<bool>>,
    /// For each mutation which arguments it has, and whether each may be null.
    mutations: Vec<Vec<Option<bool>>>,
    /// What an entry and a call hold.
    entry: Vec<Option<u8>>,
    call: Vec<Option<u8>>,
}

fn registry() -> impl Strategy<Value = Registry> {
    let declared = || prop::collection::vec(prop::option::of(any::<bool>()), NAMES.len());
    let value = || prop::collection::vec(prop::option::weighted(0.7, 0..3u8), NAMES.len());
    (declared(), prop::collection::vec(declared(), 0..8), value(), value())
        .prop_map(|(params, mutations, entry, call)| Registry { params, mutations, entry, call })
}

type Token = BTreeSet<(String, Option<String>)>;

impl Registry {
    fn names(&self) -> Vec<usize> {
        (0..NAMES.len()).filter(|at| self.params[*at].is_some()).collect()
    }

    fn shapes(&self) -> Shapes {
        let names = self.names();
        let params = names.iter().map(|at| (Arc::from(NAMES[*at]), self.params[*at] == Some(true)));
        let narrowing = |mutation: &Vec<Option<bool>>| {
            names.iter().enumerate().filter_map(|(at, name)| Some((at, mutation[*name]?))).collect()
        };
        let mutations: Vec<_> = self.mutations.iter().map(narrowing).collect();
        Shapes::new(params.collect(), &mutations)
    }

    /// The texts of an entry or call. Only what may be null is.
    fn texts(&self, drawn: &[Option<u8>], declared: &[Option<bool>]) -> Vec<Option<String>> {
        let text = |at: &usize| {
            let nullable = declared[*at]?;
            drawn[*at].or((!nullable).then_some(0)).map(|value| value.to_string())
        };
        self.names().iter().map(text).collect()
    }
}

/// Tokens without borrows.
fn plain<'a>(tokens: impl IntoIterator<Item = Vec<(&'a str, Option<&'a str>)>>) -> Vec<Token> {
    let owned = |(name, text): (&str, Option<&str>)| (name.to_owned(), text.map(str::to_owned));
    tokens.into_iter().map(|pins| pins.into_iter().map(owned).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(100_000), ..ProptestConfig::default() })]

    #[test]
    fn whatever_may_have_changed_is_covered(registry in registry()) {
        let shapes = registry.shapes();
        prop_assert!(shapes.shapes.len() <= 6 && shapes.shapes[0].is_empty());
        let entry = registry.texts(&registry.entry, &registry.params);
        let cover = plain(shapes.cover(&entry));
        for mutation in &registry.mutations {
            let call = registry.texts(&registry.call, mutation);
            let touched = plain(shapes.touched(&call));
            prop_assert!(touched.len() <= 4);
            let met = touched.iter().any(|token| cover.contains(token));
            let pairs = || entry.iter().zip(&call);
            let may_change = pairs().all(|(own, arg)| own.is_none() || arg.is_none() || own == arg);
            prop_assert!(met || !may_change, "{shapes:?} {entry:?} {call:?}");
            // Where no shape was merged or cut, nothing else is covered.
            let optional = pairs().zip(&shapes.params);
            let optional = optional.filter(|((_, arg), (_, null))| arg.is_some() && *null).count();
            let cut = shapes.merged || optional > 2;
            prop_assert!(!met || may_change || cut, "{shapes:?} {entry:?} {call:?}");
        }
    }
}

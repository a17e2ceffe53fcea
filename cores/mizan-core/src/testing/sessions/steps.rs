//! One step of a scenario, and steps by chance.

use std::time::{Duration, Instant};

use crate::session::{Exchange, Refresh, Session, SessionStore};

/// The ids in [`Random::step`].
pub(super) const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

const STARTED: u64 = 1_700_000_000;
const ISSUED: u64 = 1_700_000_007;
const LABEL: &str = "a \"label\" of é";

/// Runs one step and returns what it gave, as text. For tests of what is particular to a store.
///
/// | step | result |
/// | --- | --- |
/// | `keep <id> <subject>`, then any of `parent=<id>`, `refresh=<name>`, `ms=<lifetime>`, `most=<number>` | empty |
/// | `find <id>`, `first <id> <id> …` | the subject, `parent=`, `refresh=`; or `none` |
/// | `until <id>`: waits until it is not found | `none` |
/// | `exchange <id> <last> <next>`, then `grace=<milliseconds>` | the variant of [`Refresh`], and the successor |
/// | `end <id>`, `endall <subject>`, `wait <milliseconds>` | empty |
/// | `of <subject>` | all ids, sorted |
/// | `page <subject> <skip> <count>` | the ids of that page |
///
/// # Panics
/// Where the store fails, or the text is not a step.
pub async fn step(store: &dyn SessionStore, step: &str) -> String {
    let words: Vec<&str> = step.split(' ').collect();
    match words[..] {
        ["find", id] => match store.find(id).await.unwrap() {
            Some(session) => shown(&session),
            None => "none".into(),
        },
        ["first", ref ids @ ..] => {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            match store.find_first(&ids).await.unwrap() {
                Some((at, session)) => format!("{at} {}", shown(&session)),
                None => "none".into(),
            }
        }
        ["until", id] => {
            let end = Instant::now() + Duration::from_secs(10);
            while store.find(id).await.unwrap().is_some() {
                assert!(Instant::now() < end, "{id} does not end");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            "none".into()
        }
        ["keep", id, subject, ref more @ ..] => {
            keep(store, id, subject, more).await;
            String::new()
        }
        ["end", id] => {
            store.end(id).await.unwrap();
            String::new()
        }
        ["endall", subject] => {
            store.end_all(subject).await.unwrap();
            String::new()
        }
        ["page", subject, skip, count] => {
            let (skip, count) = (skip.parse().unwrap(), count.parse().unwrap());
            let page = store.of(subject, skip, count).await.unwrap();
            let ids: Vec<String> = page.into_iter().map(|(id, _)| id).collect();
            ids.join(" ")
        }
        ["exchange", id, last, next, ref grace @ ..] => {
            let grace = grace.first().and_then(|word| word.strip_prefix("grace="));
            let grace = Duration::from_millis(grace.map_or(0, |grace| grace.parse().unwrap()));
            match store.exchange(id, Exchange { grace, ..tokens(last, next) }).await.unwrap() {
                Refresh::Repeated { next, issued: ISSUED } => format!("Repeated {next}"),
                other => format!("{other:?}"),
            }
        }
        ["wait", ms] => {
            tokio::time::sleep(Duration::from_millis(ms.parse().unwrap())).await;
            String::new()
        }
        ["of", subject] => {
            let all = store.of(subject, 0, 1_000).await.unwrap();
            all.iter().for_each(|(_, session)| assert_eq!(session.subject, subject));
            let mut ids: Vec<String> = all.into_iter().map(|(id, _)| id).collect();
            ids.sort();
            ids.join(" ")
        }
        _ => panic!("`{step}` is not a step"),
    }
}

async fn keep(store: &dyn SessionStore, id: &str, subject: &str, more: &[&str]) {
    let value = |name: &str| {
        let mut found = more.iter().filter_map(|word| word.split_once('='));
        found.find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
    };
    let mut session = Session::new(subject, STARTED);
    session.parent = value("parent");
    session.refresh = value("refresh");
    session.label = LABEL.into();
    let ms = value("ms").map_or(600_000, |ms| ms.parse().unwrap());
    let most = value("most").map_or(1_000, |most| most.parse().unwrap());
    store.keep(id, session, Duration::from_millis(ms), most).await.unwrap();
}

fn shown(session: &Session) -> String {
    let mut text = session.subject.clone();
    for (name, value) in [("parent", &session.parent), ("refresh", &session.refresh)] {
        if let Some(value) = value {
            text += &format!(" {name}={value}");
        }
    }
    assert_eq!((session.started, session.label.as_str()), (STARTED, LABEL));
    text
}

/// An exchange without a grace.
pub(super) fn tokens<'a>(last: &'a str, next: &'a str) -> Exchange<'a> {
    let (time, grace) = (Duration::from_secs(600), Duration::ZERO);
    Exchange { last, next, issued: ISSUED, time, grace }
}

/// Chance that a seed repeats.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below this one, by SplitMix64.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap_or(0)
    }

    /// A step on few ids and few tokens, so that most of them meet.
    pub(super) fn step(&mut self) -> String {
        let id = IDS[self.below(IDS.len())];
        let subject = self.below(2);
        let [last, next] = [(); 2].map(|()| self.below(3));
        match self.below(6) {
            0 => format!("keep {id} {subject} refresh=r{last}"),
            1 => match IDS[self.below(IDS.len())] {
                // Tokens depend on the session of a cookie, which depends on none.
                parent @ ("a" | "b") if id > "b" => {
                    format!("keep {id} {subject} parent={parent} refresh=r{last}")
                }
                _ => format!("find {id}"),
            },
            2 => format!("end {id}"),
            3 if last != next => {
                // Neither is over before the test is.
                let grace = self.below(2) * 600_000;
                format!("exchange {id} r{last} r{next} grace={grace}")
            }
            4 => format!("of {subject}"),
            _ => format!("find {id}"),
        }
    }
}

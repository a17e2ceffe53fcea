//! The contexts, entries and tokens of a schedule, and what each mutation covers.
//!
//! The context `stall` has the parameters `a` and `b` and three entries, `mood` has one. Build 0
//! knows the shapes ∅ and `a` of `stall`, build 1 also `a,b`. Digests are fixed: keys are not what is
//! tested here.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use mizan_cache::{BuildId, Entry, Lookup, Name, Scope, Stamp};

/// Entries: `stall` with (0, 0), (0, 1) and (1, 0), then `mood`.
pub(crate) const ENTRIES: usize = 4;
/// Tokens: ∅ of `stall`, its two of `a`, its three of `a,b`, and ∅ of `mood`.
pub(crate) const TOKENS: usize = 7;
/// Each entry has a value, and a page that it belongs to; where the two builds differ in revision each has its own.
pub(crate) const VALUES: usize = 4 * ENTRIES;

const MOOD: usize = 3;
const MOOD_TOKEN: usize = 6;

/// The names of the contexts, and which builds there are.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    stall: Arc<str>,
    mood: Arc<str>,
    /// Whether both builds use the same keys of values.
    pub(crate) shared_values: bool,
    /// Whether the store is notified that the builds are one.
    pub(crate) alike: bool,
}

/// What a mutation covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Everything of `stall`.
    All,
    /// Entries of `stall` with `a = 0`.
    First,
    /// One entry of `stall`.
    One(usize),
    /// All of `mood`.
    Mood,
}

/// What `slot` stands for in a digest.
pub(crate) fn slot(digest: &Name) -> usize {
    usize::from(digest.as_bytes()[0])
}

fn digest(slot: usize) -> Name {
    let mut bytes = [0; 32];
    bytes[0] = slot as u8;
    Name::from(bytes)
}

impl Places {
    pub(crate) fn new(shared_values: bool, alike: bool) -> Self {
        Self { stall: "stall".into(), mood: "mood".into(), shared_values, alike }
    }

    fn build_id(&self, build: usize) -> BuildId {
        if self.alike { 10 } else { 10 + build as BuildId }
    }

    /// An entry as a build reads it.
    pub(crate) fn entry(&self, build: usize, entry: usize) -> Entry {
        let tokens = match entry {
            MOOD => vec![digest(MOOD_TOKEN)],
            _ => {
                let mut tokens = Vec::with_capacity(3);
                tokens.extend([digest(0), digest(1 + entry / 2)]);
                tokens.extend((build == 1).then(|| digest(3 + entry)));
                tokens
            }
        };
        let own = if self.shared_values { 0 } else { build * ENTRIES };
        Entry {
            lookup: Lookup {
                context: Arc::clone(if entry == MOOD { &self.mood } else { &self.stall }),
                value: digest(own + entry),
                tokens,
                build: if entry == MOOD { 7 } else { self.build_id(build) },
            },
            // The digest of a layout has the shapes in it.
            layout: if entry == MOOD { 0 } else { build as u64 },
            ttl: Duration::from_secs(3_600),
            is_anonymous: false,
        }
    }

    /// What a page reads besides the entry that it belongs to.
    pub(crate) fn bundle_of(entry: usize) -> usize {
        if entry == MOOD { 0 } else { MOOD }
    }

    /// The page of an entry, by the stamp of what else it reads: its name has that stamp in it.
    pub(crate) fn page(&self, build: usize, entry: usize, stamp: &Stamp) -> Entry {
        let page = self.entry(build, entry);
        let mut hasher = DefaultHasher::new();
        stamp.hash(&mut hasher);
        let hash = hasher.finish();
        let mut name = [0; 32];
        name[0] = (slot(&page.lookup.value) + 2 * ENTRIES) as u8;
        name[1..9].copy_from_slice(&hash.to_be_bytes());
        // Values of a schedule have few places. The name of one that lies there is compared by its layout.
        let lookup = Lookup { value: Name::from(name), ..page.lookup };
        Entry { lookup, layout: hash ^ page.layout, ..page }
    }

    /// The scope of a cover, as a build computes it.
    pub(crate) fn scope(&self, build: usize, cover: Cover) -> Scope {
        let narrow = match cover {
            Cover::All | Cover::Mood => Vec::new(),
            Cover::First => vec![digest(1)],
            // A build that does not know the shape `a,b` marks the smallest that it knows.
            Cover::One(entry) if build == 0 => vec![digest(1 + entry / 2)],
            Cover::One(entry) => vec![digest(3 + entry)],
        };
        let mood = cover == Cover::Mood;
        Scope {
            context: Arc::clone(if mood { &self.mood } else { &self.stall }),
            build: if mood { 7 } else { self.build_id(build) },
            broad: digest(if mood { MOOD_TOKEN } else { 0 }),
            narrow,
        }
    }
}

impl Cover {
    /// The entries that it covers.
    pub(crate) fn entries(self) -> &'static [usize] {
        match self {
            Self::All => &[0, 1, 2],
            Self::First => &[0, 1],
            Self::One(0) => &[0],
            Self::One(1) => &[1],
            Self::One(_) => &[2],
            Self::Mood => &[MOOD],
        }
    }
}

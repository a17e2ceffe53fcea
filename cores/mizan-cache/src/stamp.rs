//! The stamp of a stored value, and what it means at the time of a read.
//!
//! Every value carries the stamp under which it was computed: the run of the store, and the
//! generation of each token that covers the entry, all seen *before* the functions ran. A hit is a
//! comparison. Values and tokens need not be read at one instant: a value never changes, and says
//! alone under what it was computed.

use std::sync::Arc;

use bytes::Bytes;

use crate::token::{BuildId, Generation, State, Token};

/// Which run of the store generations belong to. A restart may bring old tokens back.
pub type Incarnation = u64;

/// What the tokens of an entry were when its functions began to run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The run of the store.
    pub incarnation: Incarnation,
    /// A generation for each token of the cover, in its order.
    pub generations: Box<[Generation]>,
}

/// A value as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Under what it was computed.
    pub stamp: Stamp,
    /// A digest of what the bundle is made of. Another build of the application may know the same
    /// key and make another bundle.
    pub layout: u64,
    /// When it was computed, in milliseconds since the epoch.
    pub filled_at: u64,
    /// The bundle.
    pub body: Bytes,
}

/// What a read found: the value, and the tokens in the order of the cover.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The run of the store that answered.
    pub incarnation: Incarnation,
    /// The value, if there is one.
    pub value: Option<Arc<Stored>>,
    /// Each token, if it is there.
    pub tokens: Vec<Option<Token>>,
}

/// How strictly a read treats marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consistency {
    /// Hits are linearizable with declared mutations: nothing is served from the cache while a
    /// mutation that covers it is under way.
    #[default]
    Strict,
    /// Never older than a mutation that has answered; while one is under way the value from before
    /// it is still served, and after a crash for at most one lease.
    AfterResponse,
    /// Tokens change after the mutation only. Saves a round trip; a server that is killed between
    /// the change and that leaves the stale value until its time to live ends.
    Ttl,
}

/// What to do after a lookup.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// Answer with this.
    Hit(Bytes),
    /// Run the functions and store what they give under this stamp.
    Fill(Stamp),
    /// Create the tokens at these positions first.
    Create(Vec<usize>),
    /// Run the functions and store nothing.
    Bypass {
        /// Positions of tokens with a lease that looks over.
        over: Vec<usize>,
        /// The build does not be in the broad token yet.
        join: bool,
    },
}

/// What a read must know of itself to judge a lookup.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The layout of its bundle.
    pub layout: u64,
    /// Its build; `None` where the store is shared with no other build.
    pub build: Option<BuildId>,
    /// How it treats marks.
    pub consistency: Consistency,
    /// The time, in milliseconds since the epoch.
    pub now: u64,
}

impl Reader {
    /// The body of a value that is served: nothing is marked, and every token has the generation under
    /// which the value was computed. The usual case, without building a stamp.
    #[inline]
    fn hit(&self, look: &Snapshot) -> Option<Bytes> {
        let value = look.value.as_ref().filter(|value| value.layout == self.layout)?;
        let Stamp { incarnation, generations } = &value.stamp;
        let is_now = |(token, generation): (&Option<Token>, &Generation)| matches!(token, Some(Token { state: State::Open(now), .. }) if now == generation);
        let same = *incarnation == look.incarnation
            && generations.len() == look.tokens.len()
            && look.tokens.iter().zip(generations).all(is_now);
        (same && self.is_known(look)).then(|| value.body.clone())
    }

    /// Whether the build of the reader is in the broad token, so that no mutation misses it.
    fn is_known(&self, look: &Snapshot) -> bool {
        match (self.build, look.tokens.first()) {
            (Some(build), Some(Some(broad))) => broad.builds.iter().any(|(own, _)| *own == build),
            _ => true,
        }
    }

    /// Judges a lookup. The first token is the broad one. Nothing is answered from the cache, and
    /// nothing is stored, on any path but by the comparison of stamps here.
    #[inline]
    pub fn judge(&self, look: &Snapshot) -> Verdict {
        if let Some(body) = self.hit(look) {
            return Verdict::Hit(body);
        }
        let (mut missing, mut over, mut marked) = (Vec::new(), Vec::new(), false);
        let mut generations = Vec::with_capacity(look.tokens.len());
        for (at, token) in look.tokens.iter().enumerate() {
            match token.as_ref().map(|token| &token.state) {
                None => missing.push(at),
                Some(State::Open(generation)) => generations.push(*generation),
                Some(State::Marked { last, leases }) => {
                    marked = true;
                    // The holder of a lease that is over may have died after its change, so what was
                    // before it is good no longer, however relaxed a read is.
                    if leases.iter().any(|(_, until)| *until <= self.now) {
                        over.push(at);
                    } else {
                        generations.extend(*last);
                    }
                }
            }
        }
        let known = self.is_known(look);
        let complete = generations.len() == look.tokens.len();
        if complete && known && (!marked || self.consistency == Consistency::AfterResponse) {
            let generations = generations.into_boxed_slice();
            let stamp = Stamp { incarnation: look.incarnation, generations };
            match &look.value {
                Some(value) if value.stamp == stamp && value.layout == self.layout => {
                    return Verdict::Hit(value.body.clone());
                }
                _ if !marked => return Verdict::Fill(stamp),
                _ => {}
            }
        }
        if marked || !known {
            Verdict::Bypass { over, join: !marked && !known }
        } else {
            Verdict::Create(missing)
        }
    }
}

/// The first byte of a stored value: the version of its form.
const MAGIC: u8 = 0xA1;
const HEAD: usize = 1 + 8 + 8 + 8 + 1;
const GENERATION: usize = 16;

impl Stored {
    /// The bytes of a value: `version(1) | incarnation(8) | layout(8) | filled_at(8) | n(1) |
    /// generation(16) × n | body`, numbers in big-endian order.
    pub fn encode(&self) -> Vec<u8> {
        let generations = &self.stamp.generations;
        let length = HEAD + generations.len() * GENERATION + self.body.len();
        let mut bytes = Vec::with_capacity(length);
        bytes.push(MAGIC);
        for number in [self.stamp.incarnation, self.layout, self.filled_at] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.push(u8::try_from(generations.len()).unwrap_or(u8::MAX));
        for generation in generations {
            bytes.extend_from_slice(&generation.to_be_bytes());
        }
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Reads a value back; `None` for bytes of another form, which are a miss.
    pub fn decode(bytes: Bytes) -> Option<Self> {
        let mut rest = bytes.get(..)?;
        let [MAGIC] = take::<1>(&mut rest)? else { return None };
        let incarnation = u64::from_be_bytes(take(&mut rest)?);
        let layout = u64::from_be_bytes(take(&mut rest)?);
        let filled_at = u64::from_be_bytes(take(&mut rest)?);
        let [count] = take::<1>(&mut rest)?;
        let generations: Option<Box<[Generation]>> = (0..count)
            .map(|_| take::<GENERATION>(&mut rest).map(Generation::from_be_bytes))
            .collect();
        let stamp = Stamp { incarnation, generations: generations? };
        let body = bytes.slice(bytes.len() - rest.len()..);
        Some(Self { stamp, layout, filled_at, body })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Judges a value of generation 7 under one token.
    #[track_caller]
    fn check(consistency: Consistency, token: Option<State>, expected: Verdict) {
        let reader = Reader { layout: 1, build: None, consistency, now: 100 };
        let stamp = Stamp { incarnation: 9, generations: [7].into() };
        let value = Stored { stamp, layout: 1, filled_at: 0, body: "old".into() };
        let token = token.map(|state| Token { state, builds: Vec::new() });
        let look = Snapshot { incarnation: 9, value: Some(value.into()), tokens: vec![token] };
        assert_eq!(reader.judge(&look), expected);
    }

    fn marked(last: Option<Generation>, until: u64) -> Option<State> {
        Some(State::Marked { last, leases: vec![(1, until)] })
    }

    #[test]
    fn a_value_is_served_under_its_own_stamp_only() {
        use Consistency::{AfterResponse, Strict};
        let bypass = |over: &[usize]| Verdict::Bypass { over: over.into(), join: false };
        let fill = Stamp { incarnation: 9, generations: [8].into() };
        for consistency in [Strict, AfterResponse] {
            check(consistency, Some(State::Open(7)), Verdict::Hit("old".into()));
            check(consistency, Some(State::Open(8)), Verdict::Fill(fill.clone()));
            check(consistency, None, Verdict::Create(vec![0]));
            check(consistency, marked(None, 200), bypass(&[]));
            check(consistency, marked(Some(8), 200), bypass(&[]));
            // A mutation that died may have changed something.
            check(consistency, marked(Some(7), 100), bypass(&[0]));
        }
        check(Strict, marked(Some(7), 200), bypass(&[]));
        check(AfterResponse, marked(Some(7), 200), Verdict::Hit("old".into()));
    }

    #[test]
    fn a_value_of_another_run_or_layout_or_build_is_no_hit() {
        let token = |builds| Some(Token { state: State::Open(7), builds });
        let look = |incarnation, builds| {
            let stamp = Stamp { incarnation: 9, generations: [7].into() };
            let value = Stored { stamp, layout: 1, filled_at: 0, body: "old".into() };
            Snapshot { incarnation, value: Some(value.into()), tokens: vec![token(builds)] }
        };
        let reader =
            |layout, build| Reader { layout, build, consistency: Consistency::Strict, now: 0 };
        let hit = Verdict::Hit("old".into());
        assert_eq!(reader(1, Some(5)).judge(&look(9, vec![(5, 0), (6, 0)])), hit);
        assert!(matches!(reader(1, Some(5)).judge(&look(8, vec![(5, 0)])), Verdict::Fill(_)));
        assert!(matches!(reader(2, Some(5)).judge(&look(9, vec![(5, 0)])), Verdict::Fill(_)));
        let join = Verdict::Bypass { over: Vec::new(), join: true };
        assert_eq!(reader(1, Some(5)).judge(&look(9, vec![(6, 0)])), join);
    }

    proptest! {
        #[test]
        fn a_value_reads_back_as_it_was_written(
            incarnation: u64, layout: u64, filled_at: u64,
            generations in prop::collection::vec(any::<u128>(), 0..9),
            body in prop::collection::vec(any::<u8>(), 0..50),
        ) {
            let stamp = Stamp { incarnation, generations: generations.into() };
            let stored = Stored { stamp, layout, filled_at, body: body.into() };
            let read = Stored::decode(stored.encode().into()).unwrap();
            prop_assert_eq!((&read.stamp, read.layout, read.filled_at), (&stored.stamp, layout, filled_at));
            prop_assert_eq!(read.body, stored.body);
        }

        #[test]
        fn bytes_of_another_form_are_a_miss(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(read) = Stored::decode(bytes.clone().into()) {
                prop_assert_eq!(read.encode(), bytes);
            }
        }
    }
}

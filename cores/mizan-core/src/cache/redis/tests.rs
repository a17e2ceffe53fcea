//! The script against `Change::apply`, on random histories and a real server.

use ::redis::Arg;
use mizan_faults::random::Random;
use mizan_faults::redis::RedisServer;
use mizan_faults::resp::{Client as Plain, Reply};

use super::*;
use mizan_cache::Change;

/// The line of the script that asks for the time, and one that takes it from two more arguments.
const TIME: &str = "local t = redis.call('TIME')";
const TOLD: &str = "local t = { ARGV[10], ARGV[11] }";

/// The tokens of one context: the broad one first.
const TOKENS: usize = 4;
const STEPS: usize = 40_000;

/// The script and its model, side by side.
struct Pair {
    inner: Inner,
    plain: Plain,
    script: String,
    now: u64,
    tokens: [Option<Token>; TOKENS],
    keys: Vec<String>,
}

fn digest(at: usize) -> Name {
    Name::from([u8::try_from(at).unwrap(); 32])
}

impl Pair {
    fn new(server: &RedisServer) -> Self {
        let cache = RedisCache::new(&server.url()).unwrap().prefix("test:");
        let (policy, runtime) = (CachePolicy::default(), Runtime::find().unwrap());
        let longest = Duration::from_secs(50);
        let shell =
            RedisStore::new(cache, policy, longest, Arc::default(), (runtime, Arc::default()));
        let Ok(inner) = Arc::try_unwrap(shell.0) else { panic!("somebody holds the shell") };
        assert_eq!(SCRIPT.matches(TIME).count(), 1);
        let mut plain = Plain::connect(server.address(), Duration::from_secs(5)).unwrap();
        let told = SCRIPT.replace(TIME, TOLD);
        let script = plain.call(&["SCRIPT", "LOAD", &told]).unwrap().accepted().unwrap();
        let keys = (0..TOKENS).map(|at| inner.token_key("c", &digest(at))).collect();
        let script = script.text().unwrap();
        Self { inner, plain, script, now: 1_700_000_000_000, tokens: Default::default(), keys }
    }

    /// One operation on both. The command is the one that the shell sends.
    fn step(&mut self, op: Op, id: MarkId, scope: &Scope) {
        let command = self.inner.script(&self.script, (op, id), scope, false);
        let mut words: Vec<Vec<u8>> = command
            .args_iter()
            .filter_map(|arg| match arg {
                Arg::Simple(word) => Some(word.to_vec()),
                _ => None,
            })
            .collect();
        let fresh = words[3 + 1 + scope.narrow.len() + 2].clone();
        let (seconds, micros) = (self.now / 1_000, self.now % 1_000 * 1_000);
        words.extend([seconds, micros].map(|part| part.to_string().into_bytes()));
        self.plain.call(&words).unwrap().accepted().unwrap();

        let change = Change {
            op,
            id,
            fresh: Generation::from_str_radix(std::str::from_utf8(&fresh).unwrap(), 16).unwrap(),
            build: scope.build,
            lease: millis(self.inner.policy.lease),
            settle: millis(self.inner.policy.settle),
        };
        let wide = scope.narrow.is_empty() || change.goes_for_broad(self.tokens[0].as_ref());
        let narrow = scope.narrow.iter().map(|digest| (usize::from(digest.as_bytes()[0]), false));
        for (at, broad) in wide.then_some((0, true)).into_iter().chain(narrow) {
            if let Some(next) = change.apply(self.tokens[at].as_ref(), broad, self.now) {
                self.tokens[at] = Some(next);
            }
        }
    }

    fn evict(&mut self, at: usize) {
        self.plain.call(&["DEL", &self.keys[at]]).unwrap().accepted().unwrap();
        self.tokens[at] = None;
    }

    /// Fails where the server has other texts than the model, or, if `lives` is asked for, a mark that
    /// can expire.
    fn compare(&mut self, said: &str, lives: bool) {
        let mut words = vec!["MGET"];
        words.extend(self.keys.iter().map(String::as_str));
        let Reply::Array(texts) = self.plain.call(&words).unwrap() else { panic!("no list") };
        let texts: Vec<Option<String>> = texts.iter().map(Reply::text).collect();
        let expected: Vec<Option<String>> =
            self.tokens.iter().map(|token| token.as_ref().map(Token::to_text)).collect();
        assert_eq!(texts, expected, "after {said}");
        for (key, token) in self.keys.iter().zip(&self.tokens) {
            let Some(token) = token.as_ref().filter(|_| lives) else { continue };
            let expires = self.plain.call(&["PTTL", key]).unwrap() != Reply::Integer(-1);
            assert_eq!(expires, matches!(token.state, State::Open(_)), "after {said}");
        }
    }
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn the_script_does_what_apply_does() {
    let server = RedisServer::start().unwrap();
    let mut pair = Pair::new(&server);
    let mut random = Random::seeded(7);
    let mut changed = 0;
    for step in 0..STEPS {
        let lease = [300, 5_000, 30_000][random.below(3)];
        pair.inner.policy.lease = Duration::from_millis(lease);
        pair.inner.policy.settle = Duration::from_millis([0, 0, 0, 700][random.below(4)]);
        pair.now += [0, 0, 1, 250, lease, 60_000, BUILD_MEMORY / 2, BUILD_MEMORY][random.below(8)];
        if random.below(10) == 0 {
            pair.evict(random.below(TOKENS));
        }
        let op =
            [Op::Begin, Op::Begin, Op::End, Op::Resolve, Op::Cancel, Op::Join][random.below(6)];
        // A reader that resolves or joins has a number that no one else has.
        let id = match op {
            Op::Resolve | Op::Join => 100 + step as MarkId,
            _ => random.below(3) as MarkId,
        };
        let narrow = (1..TOKENS).filter(|_| random.below(2) == 0).map(digest).collect();
        let build = 1 + random.below(3) as u32;
        let scope = Scope { context: "c".into(), build, broad: digest(0), narrow };
        let before = pair.tokens.clone();
        pair.step(op, id, &scope);
        changed += usize::from(before != pair.tokens);
        let said = format!("step {step}: {op:?} by {id} at {} on {scope:?}", pair.now);
        pair.compare(&said, step % 8 == 0);
    }
    println!("{STEPS} steps, {changed} of them changed something");
    assert!(changed > STEPS / 2);
}

//! The faults: what is broken next, and when it may be.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mizan_faults::random::Random;

use crate::options::Options;
use crate::race::Race;
use crate::server::LEASE;

/// After a restart of Redis no server is killed for this time: a mutation that was under way at a
/// restart and whose server dies is the documented double fault.
const CALM: Duration = LEASE.saturating_add(Duration::from_secs(1));
/// After a kill Redis is not restarted for this time, for the same reason.
const SETTLED: Duration = Duration::from_millis(300);
/// Removes what `volatile-*` policies may remove, each key by a chance of `ARGV[2]` in 100.
const EVICT: &str = "math.randomseed(ARGV[1]) local n = 0 \
    for _, key in ipairs(redis.call('KEYS', '*')) do \
      if redis.call('PTTL', key) > 0 and math.random(100) <= tonumber(ARGV[2]) then \
        n = n + redis.call('DEL', key) end end \
    return n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Kill,
    Cut,
    Stall,
    Restart,
    Evict,
}

/// Injects every fault that is asked for, spread over the race, each kind at random moments.
pub(crate) fn inject(race: &Race, options: &Options, mut random: Random) -> io::Result<()> {
    let mut left = Vec::new();
    for (fault, count) in [
        (Fault::Kill, options.kills),
        (Fault::Cut, options.cuts),
        (Fault::Stall, options.cuts / 2),
        (Fault::Restart, options.restarts),
        (Fault::Evict, options.evictions),
    ] {
        left.extend((0..count).map(|_| fault));
    }
    let all = left.len();
    let (mut restarted, mut killed) = (None::<Instant>, None::<Instant>);
    let calm = |since: Option<Instant>, time| since.is_none_or(|since| since.elapsed() >= time);
    while !left.is_empty() {
        thread::sleep(Duration::from_micros(random.bits() % 10_000));
        if race.is_given_up() {
            return Ok(());
        }
        if !race.is_due(all - left.len(), all) {
            continue;
        }
        let at = random.below(left.len());
        let Some(fault) = left.get(at).copied() else { continue };
        match fault {
            Fault::Kill | Fault::Stall if !calm(restarted, CALM) => continue,
            Fault::Restart if !calm(killed, SETTLED) || !calm(restarted, CALM) => continue,
            Fault::Kill => kill(race, &mut random)?,
            Fault::Cut => {
                race.proxy.cut_all();
                race.counts.cuts.add(1);
            }
            Fault::Stall => {
                race.proxy.stall();
                thread::sleep(Duration::from_micros(20_000 + random.bits() % 300_000));
                race.proxy.flow();
                race.counts.stalls.add(1);
            }
            Fault::Restart => restart(race, &mut random)?,
            Fault::Evict => evict(race, &mut random)?,
        }
        left.swap_remove(at);
        match fault {
            Fault::Kill => killed = Some(Instant::now()),
            Fault::Restart => restarted = Some(Instant::now()),
            _ => {}
        }
    }
    Ok(())
}

/// Kills a server; every other time soon after it has committed something, which is where it hurts.
fn kill(race: &Race, random: &mut Random) -> io::Result<()> {
    let server = random.below(race.fleet.len());
    if random.below(2) == 0 {
        let (before, start) = (race.database.commits(server), Instant::now());
        while race.database.commits(server) == before && start.elapsed() < Duration::from_secs(1) {
            thread::sleep(Duration::from_micros(50));
        }
        thread::sleep(Duration::from_micros(random.bits() % 2_000));
    }
    race.counts.kills.add(1);
    race.fleet.kill(server)
}

/// Restarts Redis: in turn without data, and with those of an old snapshot.
fn restart(race: &Race, random: &mut Random) -> io::Result<()> {
    let (empty, snapshot) = (&race.counts.empty, &race.counts.snapshot);
    let old = empty.get() > snapshot.get();
    race.checker().restart_begins();
    race.redis.kill();
    thread::sleep(Duration::from_micros(random.bits() % 300_000));
    if old {
        race.redis.restart_from_snapshot()?;
    } else {
        race.redis.restart_empty()?;
    }
    race.checker().restart_ends();
    if old {
        snapshot.add(1);
        return Ok(());
    }
    empty.add(1);
    // The snapshot of the next restart: from when the cache has filled again. Not at every turn, so
    // that one and the same snapshot comes back twice.
    if snapshot.get().is_multiple_of(2) {
        thread::sleep(Duration::from_secs(1));
        race.redis.save()?;
    }
    Ok(())
}

fn evict(race: &Race, random: &mut Random) -> io::Result<()> {
    let (seed, share) = ((random.bits() >> 34).to_string(), 1 + random.below(60));
    let reply = race.redis.command(&["EVAL", EVICT, "0", &seed, &share.to_string()])?.accepted()?;
    race.counts.evictions.add(1);
    race.counts.evicted.add(reply.text().and_then(|text| text.parse().ok()).unwrap_or_default());
    Ok(())
}

//! The threads of one connection through the proxy: in each direction one reads and one writes.
//!
//! Two, because a byte that waits for its latency must not keep the next one from being read: the
//! moment of its arrival is what its delay counts from.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::proxy::Shared;

/// How many pieces may be under way; more stay with their sender, as in a full pipe.
const UNDER_WAY: usize = 64;
/// A throttled direction passes this many pieces a second.
const PIECES: u64 = 50;

/// Bytes, and when they arrived. No bytes are the end of the stream.
type Piece = (Instant, Vec<u8>);

/// Passes a connection in both directions until both have ended or it is cut.
pub(crate) fn both(shared: &Shared, id: u64, client: &TcpStream, server: &TcpStream) {
    // Without this, small pieces would wait for one another, which is no fault that was asked for.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    thread::scope(|scope| {
        for (from, to, to_client) in [(client, server, false), (server, client, true)] {
            let (sender, receiver) = sync_channel(UNDER_WAY);
            scope.spawn(move || read(shared, id, from, &sender));
            let direction = Direction { shared, id, to, to_client };
            scope.spawn(move || direction.write(receiver));
        }
    });
}

fn read(shared: &Shared, id: u64, mut from: &TcpStream, sender: &SyncSender<Piece>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(count) = from.read(&mut buffer) else { return shared.close(id) };
        let bytes = buffer.get(..count).unwrap_or_default().to_vec();
        if sender.send((Instant::now(), bytes)).is_err() || count == 0 {
            return;
        }
    }
}

#[derive(Clone, Copy)]
struct Direction<'a> {
    shared: &'a Shared,
    id: u64,
    to: &'a TcpStream,
    to_client: bool,
}

impl Direction<'_> {
    fn write(self, pieces: Receiver<Piece>) {
        let mut to = self.to;
        let mut free = Instant::now();
        for (arrived, bytes) in pieces {
            if bytes.is_empty() && self.turn(arrived, free).is_some() {
                return self.finish();
            }
            let mut rest = &*bytes;
            while !rest.is_empty() {
                let Some((rate, muted)) = self.turn(arrived, free) else { return };
                let (now, later) = rest.split_at(portion(rate, rest.len()));
                if !muted && to.write_all(now).is_err() && !self.is_muted() {
                    return self.shared.close(self.id);
                }
                let taken = u64::try_from(now.len()).unwrap_or(u64::MAX);
                let nanos = taken.saturating_mul(1_000_000_000).checked_div(rate);
                free = free.max(Instant::now()) + Duration::from_nanos(nanos.unwrap_or_default());
                rest = later;
            }
        }
    }

    /// Waits until bytes that arrived then may pass; the rate, and whether they are dropped.
    /// `None` where the connection is gone.
    fn turn(self, arrived: Instant, free: Instant) -> Option<(u64, bool)> {
        let mut state = self.shared.lock();
        loop {
            let muted = state.links.get(&self.id)?.muted && self.to_client;
            let due = (arrived + state.latency).max(if state.rate > 0 { free } else { arrived });
            let left = due.saturating_duration_since(Instant::now());
            if !state.stalled && left.is_zero() {
                return Some((state.rate, muted));
            }
            // A stalled connection waits for a change alone; the hour is as good as forever.
            let left = if state.stalled { Duration::from_secs(3600) } else { left };
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the client was told, perhaps during a write, that nothing more comes.
    fn is_muted(self) -> bool {
        self.to_client && self.shared.lock().links.get(&self.id).is_some_and(|link| link.muted)
    }

    /// Passes the end of the stream on, and forgets a connection that has ended both ways.
    fn finish(self) {
        // An end that is gone needs no telling.
        let _ = self.to.shutdown(Shutdown::Write);
        let mut state = self.shared.lock();
        let Some(link) = state.links.get_mut(&self.id) else { return };
        link.finished += 1;
        if link.finished == 2 {
            state.links.remove(&self.id);
        }
    }
}

/// How many bytes pass in one piece.
fn portion(rate: u64, length: usize) -> usize {
    match rate {
        0 => length,
        rate => usize::try_from(rate / PIECES).unwrap_or(usize::MAX).clamp(1, length),
    }
}

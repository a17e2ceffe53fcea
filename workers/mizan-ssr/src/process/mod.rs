//! The processes of workers: started, written to, read from and ended.

mod frames;
mod kill;
pub(crate) mod message;
mod spawn;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until, timeout};

use frames::{Frame, Frames};
use kill::Group;
use message::Message;

use crate::command::WorkerCommand;
use crate::pool::WorkerId;
use crate::supervisor::Supervisor;

/// How long a worker has between the request to end and its end.
const TERM: Duration = Duration::from_millis(100);
/// How long what a dead worker has written is read, where another process holds its pipes.
const DRAIN: Duration = Duration::from_millis(100);
/// How long a worker that has closed its stdout may stay.
const CLOSED: Duration = Duration::from_secs(1);
/// As much as is read at one time.
const CHUNK: usize = 64 << 10;

/// A line for a worker, in parts.
pub(crate) type Line = [Bytes; 3];

/// The ends that the supervisor holds. Without `lines` the worker's stdin is closed.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) lines: Option<UnboundedSender<Line>>,
    /// True to end it at once.
    pub(crate) kill: UnboundedSender<bool>,
}

/// Reports the end of a process in any case, also of one that could not be started.
struct Ended {
    supervisor: Arc<Supervisor>,
    worker: WorkerId,
    how: String,
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.supervisor.died(self.worker, &self.how);
    }
}

impl Process {
    /// Starts a worker on the runtime of the supervisor.
    pub(crate) fn start(
        supervisor: &Arc<Supervisor>,
        worker: WorkerId,
        command: Arc<WorkerCommand>,
    ) -> Self {
        let (lines, lines_of) = unbounded_channel();
        let (kill, kills) = unbounded_channel();
        let own = Arc::clone(supervisor);
        supervisor.runtime.spawn(async move {
            let how = "the supervisor has ended".to_owned();
            let mut ended = Ended { supervisor: Arc::clone(&own), worker, how };
            ended.how = run(&own, worker, &command, lines_of, kills).await;
        });
        Self { lines: Some(lines), kill }
    }
}

/// Runs a worker to its end, and says how that was.
async fn run(
    supervisor: &Arc<Supervisor>,
    worker: WorkerId,
    command: &WorkerCommand,
    lines: UnboundedReceiver<Line>,
    kills: UnboundedReceiver<bool>,
) -> String {
    let tag = spawn::tag();
    let mut child = match spawn::spawn(command, &tag, &supervisor.settings) {
        Ok(child) => child,
        Err(error) => {
            let how = format!("{} could not be started: {error}", command.program.display());
            supervisor.write(worker, how.as_bytes());
            return how;
        }
    };
    let group = Group::of(&child);
    let writer = child.stdin.take().map(|stdin| tokio::spawn(write(stdin, lines)));
    let frames = Frames::tagged(&tag, supervisor.settings.html);
    let own = Arc::clone(supervisor);
    let mut stdout = child.stdout.take().map(|pipe| tokio::spawn(read(pipe, frames, own, worker)));
    let own = Arc::clone(supervisor);
    let mut stderr =
        child.stderr.take().map(|pipe| tokio::spawn(read(pipe, Frames::others(), own, worker)));
    let closed = async {
        if let Some(stdout) = &mut stdout {
            let _ = stdout.await;
        }
    };
    let how = until_end(&mut child, &group, kills, closed).await;
    group.kill();
    if let Some(writer) = writer {
        writer.abort();
    }
    // What it wrote before its end counts, and says why it ended.
    let until = Instant::now() + DRAIN;
    for pipe in [&mut stdout, &mut stderr].into_iter().flatten().filter(|pipe| !pipe.is_finished())
    {
        let _ = timeout(until - Instant::now(), &mut *pipe).await;
        pipe.abort();
    }
    how
}

/// Waits for the end of a worker, and brings it about where that is asked for.
async fn until_end(
    child: &mut Child,
    group: &Group,
    mut kills: UnboundedReceiver<bool>,
    closed: impl Future<Output = ()>,
) -> String {
    tokio::pin!(closed);
    let mut is_closed = false;
    let mut kill_at: Option<Instant> = None;
    loop {
        let at = kill_at.unwrap_or_else(Instant::now);
        tokio::select! {
            // The pipe is read first: what is in it counts.
            status = child.wait() => {
                return match status {
                    Ok(status) => status.to_string(),
                    Err(error) => error.to_string(),
                };
            }
            Some(now) = kills.recv() => {
                if now {
                    group.kill();
                } else {
                    group.terminate();
                }
                kill_at.get_or_insert(Instant::now() + TERM);
            }
            () = &mut closed, if !is_closed => {
                is_closed = true;
                kill_at.get_or_insert(Instant::now() + CLOSED);
            }
            () = sleep_until(at), if kill_at.is_some() => {
                group.kill();
                let _ = child.start_kill();
                kill_at = Some(Instant::now() + TERM);
            }
        }
    }
}

/// Writes lines until there are no more, then closes the pipe.
async fn write(mut pipe: ChildStdin, mut lines: UnboundedReceiver<Line>) {
    while let Some(line) = lines.recv().await {
        for part in line {
            // A worker that reads no more is about to end, and that is noticed elsewhere.
            if pipe.write_all(&part).await.is_err() {
                return;
            }
        }
    }
}

/// Reads a pipe to its end, whatever is in it.
async fn read(
    mut pipe: impl AsyncRead + Unpin,
    mut frames: Frames,
    supervisor: Arc<Supervisor>,
    worker: WorkerId,
) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
        frames.push(&chunk[..length], |frame| match frame {
            Frame::Own(line) => match Message::read(line) {
                Some(message) => supervisor.received(worker, message),
                None => {
                    supervisor.write(worker, b"a line with the worker's tag is not of the protocol")
                }
            },
            Frame::TooLong(head, bytes) => match message::number(head) {
                Some(request) => supervisor.too_long(worker, request, bytes),
                None => supervisor
                    .write(worker, b"a line over `html_limit` has no number at its beginning"),
            },
            Frame::Other(line) => supervisor.write(worker, line),
        });
    }
    if let Some(rest) = frames.rest() {
        supervisor.write(worker, rest);
    }
}

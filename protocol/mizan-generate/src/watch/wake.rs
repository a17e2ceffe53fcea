//! When to look: as soon as the system says that something happened, and else from time to time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// How often to look where the system says nothing.
const POLL: Duration = Duration::from_millis(300);
/// And where it does: not every file system tells of every change.
#[cfg(feature = "notify")]
const DOUBT: Duration = Duration::from_secs(2);

/// Waits for something to happen in directories.
pub(super) struct Waker {
    #[cfg(feature = "notify")]
    events: Option<events::Events>,
}

impl Waker {
    pub(super) fn new() -> Self {
        Self {
            #[cfg(feature = "notify")]
            events: events::Events::new().map_err(|error| complain(&error)).ok(),
        }
    }

    /// Listens to exactly these directories, not to those below them.
    #[cfg(feature = "notify")]
    pub(super) fn follow(&mut self, folders: &BTreeSet<PathBuf>) {
        if let Some(events) = &mut self.events
            && let Err(error) = events.follow(folders)
        {
            complain(&error);
            self.events = None;
        }
    }

    #[cfg(not(feature = "notify"))]
    pub(super) fn follow(&mut self, _: &BTreeSet<PathBuf>) {}

    /// Comes back when it is time to look, and no later than `longest`.
    pub(super) fn wait(&mut self, longest: Option<Duration>) {
        let limit = |usual: Duration| longest.map_or(usual, |longest| longest.min(usual));
        #[cfg(feature = "notify")]
        if let Some(events) = &mut self.events {
            events.wait(limit(DOUBT));
            return;
        }
        std::thread::sleep(limit(POLL));
    }
}

#[cfg(feature = "notify")]
fn complain(error: &notify::Error) {
    eprintln!("warning: the system does not tell of changes ({error}); looking for them instead");
}

#[cfg(feature = "notify")]
mod events {
    //! The watcher of the operating system. Directories are followed one by one, so that builds
    //! and packages below them cost nothing.

    use std::collections::BTreeSet;
    use std::path::PathBuf;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use notify::event::{Event, EventKind};
    use notify::{RecommendedWatcher, RecursiveMode, Watcher};

    pub(super) struct Events {
        watcher: RecommendedWatcher,
        happened: Receiver<()>,
        followed: BTreeSet<PathBuf>,
    }

    impl Events {
        pub(super) fn new() -> notify::Result<Self> {
            let (sender, happened) = channel();
            let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
                // A compiler that reads a file changes nothing.
                let read = matches!(event, Ok(Event { kind: EventKind::Access(_), .. }));
                if !read {
                    // No one listens any more once the program ends.
                    let _ = sender.send(());
                }
            })?;
            Ok(Self { watcher, happened, followed: BTreeSet::new() })
        }

        pub(super) fn follow(&mut self, folders: &BTreeSet<PathBuf>) -> notify::Result<()> {
            for gone in self.followed.difference(folders) {
                // The system has forgotten a directory that was removed.
                let _ = self.watcher.unwatch(gone);
            }
            for folder in folders.difference(&self.followed) {
                match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                    // It was removed since; the next look sees that.
                    Err(_) if !folder.exists() => {}
                    other => other?,
                }
            }
            self.followed.clone_from(folders);
            Ok(())
        }

        pub(super) fn wait(&mut self, longest: Duration) {
            if self.happened.recv_timeout(longest).is_ok() {
                // One check covers all events so far.
                while self.happened.try_recv().is_ok() {}
            }
        }
    }
}

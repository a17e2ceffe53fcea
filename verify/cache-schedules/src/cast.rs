//! What the tasks of a schedule do: reads and mutations, as dispatch does them.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use mizan_cache::{Ended, Engine, Outcome, Run, Scope, Store};
use mizan_cache::{Fault, IfUnmarkFails};

use crate::case::Defect;
use crate::places::{Cover, Places};
use crate::store::{SimStore, step};
use crate::world::{LEASE, Shared};

/// One process: its build and its engine.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) world: Shared,
    pub(crate) places: Arc<Places>,
    pub(crate) process: usize,
    pub(crate) build: usize,
    pub(crate) engine: Arc<Engine<SimStore, Fault>>,
}

/// What a mutation does.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What it marks at first.
    pub(crate) begins: Vec<Cover>,
    /// What its body adds.
    pub(crate) adds: Vec<Cover>,
    /// What its body narrows to.
    pub(crate) narrows: Option<Vec<Cover>>,
    /// Whether its body takes its time.
    pub(crate) sleeps: bool,
    /// Whether it fails before its commit.
    pub(crate) fails: bool,
}

/// A version as the body of a bundle.
static VERSIONS: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut at = 0;
    while at < 256 {
        bytes[at] = at as u8;
        at += 1;
    }
    bytes
};

impl Server {
    /// Reads an entry, and has the response judged. With `patience` the client goes away after so many
    /// steps.
    pub(crate) async fn read(&self, at: usize, patience: Option<u32>) {
        step().await;
        let entry = self.places.entry(self.build, at);
        let start = {
            let mut world = self.world.lock();
            world.observer.counts.reads += 1;
            let version = world.database[at];
            world.note(|| format!("process {} begins to read entry {at}", self.process));
            world.observer.start(at, version)
        };
        let reading = self.engine.read(entry, None, self.functions(at));
        let Some((result, outcome)) = patient(reading, patience).await else {
            self.world.note(|| "the client is gone".to_owned());
            return;
        };
        let mut world = self.world.lock();
        let world = &mut *world;
        match outcome {
            Outcome::Hit => world.observer.counts.hits += 1,
            Outcome::Miss => world.observer.counts.misses += 1,
            Outcome::Bypass => world.observer.counts.bypasses += 1,
        }
        let got = result.map(|body| u64::from(body.first().copied().unwrap_or_default()));
        world.note(|| format!("process {} read entry {at}: {got:?}, {outcome:?}", self.process));
        if let Ok(got) = got {
            let linearizable = world.case.consistency == mizan_cache::Consistency::Strict;
            world.observer.check(start, got, world.database[at], linearizable);
        }
    }

    /// Reads the page of an entry, which is made of that entry and of another one, and has both judged.
    pub(crate) async fn read_page(&self, at: usize, patience: Option<u32>) {
        step().await;
        let both = [at, Places::bundle_of(at)];
        let starts = {
            let mut world = self.world.lock();
            world.observer.counts.pages += 1;
            world.note(|| format!("process {} begins to read page {at}", self.process));
            both.map(|at| world.observer.start(at, world.database[at]))
        };
        let Some((result, outcome)) = patient(self.page(both), patience).await else {
            self.world.note(|| "the client is gone".to_owned());
            return;
        };
        let mut world = self.world.lock();
        let world = &mut *world;
        world.observer.counts.page_hits += u64::from(outcome == Outcome::Hit);
        world.note(|| format!("process {} read page {at}: {result:?}, {outcome:?}", self.process));
        let Ok(body) = result else { return };
        let linearizable = world.case.consistency == mizan_cache::Consistency::Strict;
        for ((at, start), got) in both.into_iter().zip(starts).zip(body) {
            world.observer.check(start, u64::from(got), world.database[at], linearizable);
        }
    }

    /// What dispatch does for a page: the stamps of its bundles, then the page under its own, then its functions.
    async fn page(&self, both: [usize; 2]) -> (Result<Bytes, Arc<Fault>>, Outcome) {
        let [at, bundle] = both;
        let defect = self.world.lock().case.defect;
        let early = match defect {
            Defect::PageReadEarly => Some(self.page_functions(both).await),
            _ => None,
        };
        let run: Run<'static, Fault> = match early {
            Some(result) => Box::pin(async move { result }),
            None => self.page_functions(both),
        };
        let stamps = self.engine.stamps(&[self.places.entry(self.build, bundle)]).await;
        let Ok(Some(stamps)) = stamps else {
            return (run.await.map_err(Arc::new), Outcome::Bypass);
        };
        let [stamp] = &stamps[..] else { return (run.await.map_err(Arc::new), Outcome::Bypass) };
        let mut page = self.places.page(self.build, at, stamp);
        if defect == Defect::PageWithoutOwn {
            page.lookup.tokens = self.places.entry(self.build, bundle).lookup.tokens;
        }
        self.engine.read(page, None, run).await
    }

    /// The functions of a page: the view function reads one entry, and the bundle is read after it.
    fn page_functions(&self, both: [usize; 2]) -> Run<'static, Fault> {
        let world = self.world.clone();
        Box::pin(async move {
            let mut body = Vec::with_capacity(2);
            for at in both {
                step().await;
                let version = world.lock().database[at] as usize;
                world.note(|| format!("a page sees version {version} of entry {at}"));
                body.push(VERSIONS[version]);
                step().await;
            }
            Ok(Bytes::from(body))
        })
    }

    /// The functions of an entry: they read the database in a step of their own.
    fn functions(&self, at: usize) -> Run<'static, Fault> {
        let world = self.world.clone();
        Box::pin(async move {
            step().await;
            let (version, fails) = {
                let mut world = world.lock();
                world.observer.runs[at] += 1;
                let fails = world.budget.failures > 0 && world.random.one_in(8);
                world.budget.failures -= u8::from(fails);
                (world.database[at] as usize, fails)
            };
            world.note(|| format!("the functions of entry {at} see version {version}"));
            step().await;
            if fails {
                Err(Fault("a function failed".into()))
            } else {
                Ok(Bytes::from_static(&VERSIONS[version..=version]))
            }
        })
    }

    /// Runs a mutation, as dispatch does: in a task that ends for no caller that goes away.
    pub(crate) async fn mutate(&self, mutation: usize, plan: Plan) {
        step().await;
        {
            let mut world = self.world.lock();
            world.observer.begins(mutation);
            world.note(|| format!("process {} begins mutation {mutation}: {plan:?}", self.process));
        }
        let Ok(marks) = self.engine.begin(self.scopes(&plan.begins)).await else {
            self.over(mutation, false);
            return;
        };
        let defect = self.world.lock().case.defect;
        let mut commits = !plan.fails;
        if !plan.adds.is_empty() {
            commits &= marks.add(self.scopes(&plan.adds)).await.is_ok();
        }
        if let Some(narrows) = plan.narrows.as_ref().filter(|_| defect != Defect::NarrowedLate) {
            commits &= marks.narrow(self.scopes(narrows)).await.is_ok();
        }
        if plan.sleeps {
            let time = self.world.lock().random.time(3 * LEASE);
            self.sleep(time).await;
        }
        if defect == Defect::EndBeforeCommit {
            marks.end().await;
        }
        step().await;
        if commits {
            self.world.lock().observer.sent(mutation);
            step().await;
            self.world.lock().commit(mutation);
        }
        step().await;
        if defect == Defect::NarrowedLate && commits {
            let _ = marks.narrow(Vec::new()).await;
        }
        let ended = match defect {
            Defect::EndBeforeCommit => Ended::Clean,
            _ => marks.end().await,
        };
        self.world.note(|| format!("mutation {mutation} is answered: {ended:?}"));
        self.over(mutation, commits && self.promises(mutation, ended));
    }

    /// Whether a response promises everyone what it changed.
    fn promises(&self, mutation: usize, ended: Ended) -> bool {
        let world = self.world.lock();
        // Marks that were lost and an end that did not come through are two faults.
        let held = !world.observer.exposed(mutation)
            && (world.case.if_unmark_fails == IfUnmarkFails::Hold
                || world.case.consistency == mizan_cache::Consistency::Strict);
        ended == Ended::Clean || held
    }

    fn over(&self, mutation: usize, answered: bool) {
        self.world.lock().observer.over(mutation, answered);
    }

    /// Waits for so many milliseconds.
    pub(crate) async fn sleep(&self, time: u64) {
        let shell = SimStore::new(&self.world, self.process);
        shell.sleep(Duration::from_millis(time)).await;
    }

    fn scopes(&self, covers: &[Cover]) -> Vec<Scope> {
        covers.iter().map(|cover| self.places.scope(self.build, *cover)).collect()
    }
}

/// Polls a future so many times, and then drops it.
async fn patient<T>(future: impl Future<Output = T>, patience: Option<u32>) -> Option<T> {
    let Some(mut left) = patience else { return Some(future.await) };
    let mut future: Pin<Box<_>> = Box::pin(future);
    poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

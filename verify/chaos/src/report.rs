//! What is shown: a line every few seconds, and the table at the end.

use std::time::Duration;

use crate::counts::Counts;
use crate::options::{Cache, Options};
use crate::race::Outcome;
use crate::server::Adapter;

const TITLE: usize = 34;
const COLUMN: usize = 14;

impl Cache {
    fn title(self) -> &'static str {
        match self {
            Self::Mizan => "Mizan",
            Self::Delete => "delete",
        }
    }
}

pub(crate) fn begin(options: &Options, cache: Cache) {
    let what = match cache {
        Cache::Mizan => "Mizan's cache",
        Cache::Delete => "a cache that deletes after the commit",
    };
    println!(
        "\n{what}: {} servers, {} reads against {} mutations (seed {})",
        options.servers, options.reads, options.mutations, options.seed
    );
}

pub(crate) fn progress(counts: &Counts, time: Duration) {
    println!(
        "{:>5} s  {} reads, {} % hits, {} mutations, {} kills, {} cuts, {} restarts, {} stale",
        time.as_secs(),
        counts.reads.get(),
        percent(counts),
        counts.mutations.get(),
        counts.kills.get(),
        counts.cuts.get() + counts.stalls.get(),
        counts.empty.get() + counts.snapshot.get(),
        counts.stale.get(),
    );
}

/// Prints the table, and what should not have been; whether Mizan kept its word.
pub(crate) fn table(results: &[(Cache, Outcome)]) -> bool {
    let line = |title: &str, cells: &mut dyn Iterator<Item = String>| {
        let cells: String = cells.map(|cell| format!("{cell:>COLUMN$}")).collect();
        println!("{title:<TITLE$}{cells}");
    };
    println!();
    line("", &mut results.iter().map(|(cache, _)| cache.title().to_owned()));
    line("seconds", &mut results.iter().map(|(_, outcome)| outcome.time.as_secs().to_string()));
    let columns: Vec<_> = results.iter().map(|(_, outcome)| outcome.counts.rows()).collect();
    for (at, (title, _)) in Counts::default().rows().into_iter().enumerate() {
        let cells = columns.iter().filter_map(|rows| rows.get(at));
        line(title, &mut cells.map(|(_, count)| count.to_string()));
    }
    let servers = results.iter().map(|(_, outcome)| outcome.hits.len()).max().unwrap_or_default();
    for number in 0..servers {
        let title = format!("hits of server {number} ({})", Adapter::of(number).name());
        let cells = results.iter().filter_map(|(_, outcome)| outcome.hits.get(number));
        line(&title, &mut cells.map(u64::to_string));
    }
    println!();
    let mut kept = true;
    for (cache, outcome) in results {
        for finding in &outcome.findings {
            println!("{}: {finding}", cache.title());
        }
        if *cache == Cache::Mizan {
            kept = verdict(&outcome.counts);
        }
    }
    kept
}

fn verdict(counts: &Counts) -> bool {
    let old = counts.stale.get() + counts.not_linearizable.get();
    let bad = old + counts.wrong.get() + counts.failed.get();
    match (bad, counts.hits.get()) {
        (0, 0) => println!("✗ Mizan served nothing from its cache, so this shows nothing"),
        (0, _) => println!("✓ Mizan: {} % hits, and nothing stale", percent(counts)),
        _ => println!("✗ Mizan: {bad} reads that should not have been"),
    }
    bad == 0 && counts.hits.get() > 0
}

fn percent(counts: &Counts) -> u64 {
    (counts.hits.get() * 100).checked_div(counts.reads.get()).unwrap_or_default()
}

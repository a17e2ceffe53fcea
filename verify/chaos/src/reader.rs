//! Readers: on each connection one question at a time, and every response judged.

use std::thread;
use std::time::Duration;

use mizan_faults::random::Random;
use serde::Deserialize;

use crate::checker::Judgement;
use crate::clock;
use crate::http::{Answer, Connection};
use crate::keys;
use crate::race::Race;

/// Connections of one reader.
const CONNECTIONS: usize = 12;
/// How many entries one batch asks for.
const BATCH: usize = 8;
/// One question of so many is a single read; the others are batches.
const SINGLE: usize = 3;

/// A question that was sent.
struct Question {
    entries: Vec<Entry>,
    /// Whether the response has a line for each entry.
    batch: bool,
    began: u64,
    /// The number of the server that was asked.
    server: usize,
}

/// What is asked for.
struct Entry {
    context: &'static str,
    /// The names and values of its parameters.
    params: Vec<(&'static str, usize)>,
    /// The numbers that the response must tell, in order.
    numbers: Vec<usize>,
}

/// A line of a batch.
#[derive(Deserialize)]
struct Line<'a> {
    e: Option<usize>,
    end: Option<usize>,
    #[serde(borrow)]
    data: Option<&'a serde_json::value::RawValue>,
    cache: Option<&'a str>,
}

/// Reads until the race is over.
pub(crate) fn read(race: &Race, mut random: Random) {
    let mut connections: Vec<Option<Connection>> = (0..CONNECTIONS).map(|_| None).collect();
    while !race.is_over() {
        let mut questions = Vec::with_capacity(CONNECTIONS);
        for connection in &mut connections {
            questions.push(ask(race, connection, &mut random));
        }
        if questions.iter().all(Option::is_none) {
            thread::sleep(Duration::from_millis(2));
        }
        for (place, question) in connections.iter_mut().zip(questions) {
            let (Some(connection), Some(question)) = (&mut *place, question) else { continue };
            match connection.answer() {
                Ok(answer) => answered(race, &question, &answer),
                // Its server was killed.
                Err(_) => *place = None,
            }
        }
    }
}

/// Sends a question; `None` where there is no server to send it to.
fn ask(race: &Race, place: &mut Option<Connection>, random: &mut Random) -> Option<Question> {
    if place.is_none() {
        *place = race.fleet.connect(random).ok();
    }
    let connection = place.as_mut()?;
    let batch = random.below(SINGLE) > 0;
    let entries: Vec<Entry> =
        (0..if batch { BATCH } else { 1 }).map(|_| entry(race, random)).collect();
    let path = match &entries[..] {
        [one] if !batch => one.path(),
        all => format!("?{}", all.iter().map(Entry::in_batch).collect::<Vec<_>>().join("&")),
    };
    let began = clock::now();
    if connection.get(&format!("/api/mizan/ctx/{path}")).is_err() {
        *place = None;
        return None;
    }
    Some(Question { entries, batch, began, server: connection.server })
}

fn entry(race: &Race, random: &mut Random) -> Entry {
    let item = race.item(random);
    match random.below(8) {
        0 => {
            let shelf = item / keys::ON_SHELF;
            let numbers = vec![keys::shelf(shelf)];
            Entry { context: "shelf", params: vec![("shelf", shelf)], numbers }
        }
        at => {
            let page = Some(at).filter(|at| *at <= 2 * keys::PAGES).map(|at| at % keys::PAGES);
            let params = [("item", Some(item)), ("page", page)];
            let params =
                params.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            let mut numbers = keys::pages(item, page);
            numbers.push(keys::item(item));
            Entry { context: "item", params, numbers }
        }
    }
}

impl Entry {
    /// Its own address.
    fn path(&self) -> String {
        let pairs: Vec<_> =
            self.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}/?{}", self.context, pairs.join("&"))
    }

    /// Its part of the query of a batch.
    fn in_batch(&self) -> String {
        let pair = |(name, value): &(&str, usize)| format!("%3B{name}%3D{value}");
        format!("e={}{}", self.context, self.params.iter().map(pair).collect::<String>())
    }
}

fn answered(race: &Race, question: &Question, answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status != 200 {
        return failed(race, &text);
    }
    match &question.entries[..] {
        [one] if !question.batch => {
            judge(race, one, question, &text, answer.cache == "hit");
        }
        _ => lines(race, question, &text),
    }
}

/// Judges every line of a batch, each as the read of its entry.
fn lines(race: &Race, question: &Question, text: &str) {
    let counts = &race.counts;
    let mut answered = 0;
    for text in text.lines() {
        let Ok(line) = serde_json::from_str::<Line<'_>>(text) else { return counts.wrong.add(1) };
        if line.end.is_some() {
            break;
        }
        answered += 1;
        let Some(entry) = line.e.and_then(|at| question.entries.get(at)) else {
            return counts.wrong.add(1);
        };
        let Some(data) = line.data else {
            failed(race, text);
            continue;
        };
        counts.batched.add(1);
        let hit = line.cache.is_some_and(|status| status.eq_ignore_ascii_case("hit"));
        judge(race, entry, question, data.get(), hit);
    }
    if answered != question.entries.len() {
        counts.wrong.add(1);
    }
}

/// A living server answered with an error.
fn failed(race: &Race, text: &str) {
    race.counts.failed.add(1);
    eprintln!("a read failed: {text}");
}

/// Judges the read of one entry of a question.
fn judge(race: &Race, entry: &Entry, question: &Question, text: &str, hit: bool) {
    let counts = &race.counts;
    counts.reads.add(1);
    let hit = hit || text.contains(r#""from":"cache""#);
    if hit {
        counts.hits.add(1);
        race.fleet.hit(question.server);
    }
    let seen = versions(text);
    let numbers: Vec<usize> = seen.iter().map(|(number, _)| *number).collect();
    if numbers != entry.numbers {
        return counts.wrong.add(1);
    }
    match race.database.checker.judge(&seen, question.began, if hit { "a hit" } else { "no hit" }) {
        Judgement::Current => {}
        Judgement::Excused => counts.excused.add(1),
        Judgement::NotLinearizable => counts.not_linearizable.add(1),
        Judgement::Stale => counts.stale.add(1),
        Judgement::Wrong => counts.wrong.add(1),
    }
}

/// Every `"number=version"` of a bundle.
fn versions(body: &str) -> Vec<(usize, u64)> {
    let pair = |text: &str| {
        let (number, version) = text.split_once('=')?;
        Some((number.parse().ok()?, version.parse().ok()?))
    };
    body.split('"').filter_map(pair).collect()
}

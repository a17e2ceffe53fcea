//! Readers: on each connection one question at a time, and every response judged.

use std::thread;
use std::time::Duration;

use mizan_faults::random::Random;

use crate::checker::Judgement;
use crate::clock;
use crate::http::{Answer, Connection};
use crate::keys;
use crate::race::Race;

/// Connections of one reader.
const CONNECTIONS: usize = 12;

/// A question that was sent.
struct Question {
    /// The numbers that the response must tell, in order.
    numbers: Vec<usize>,
    began: u64,
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
                Ok(answer) => judge(race, &question, &answer),
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
    let item = race.item(random);
    let (path, numbers) = match random.below(8) {
        0 => {
            let shelf = item / keys::ON_SHELF;
            (format!("shelf/?shelf={shelf}"), vec![keys::shelf(shelf)])
        }
        at => {
            let page = Some(at).filter(|at| *at <= 2 * keys::PAGES).map(|at| at % keys::PAGES);
            let query = page.map_or(String::new(), |page| format!("&page={page}"));
            let mut numbers = keys::pages(item, page);
            numbers.push(keys::item(item));
            (format!("item/?item={item}{query}"), numbers)
        }
    };
    let began = clock::now();
    if connection.get(&format!("/api/mizan/ctx/{path}")).is_err() {
        *place = None;
        return None;
    }
    Some(Question { numbers, began })
}

fn judge(race: &Race, question: &Question, answer: &Answer) {
    let counts = &race.counts;
    if answer.status != 200 {
        return counts.failed.add(1);
    }
    counts.reads.add(1);
    let text = String::from_utf8_lossy(&answer.body);
    let hit = answer.cache == "hit" || text.contains(r#""from":"cache""#);
    counts.hits.add(u64::from(hit));
    let seen = versions(&text);
    let numbers: Vec<usize> = seen.iter().map(|(number, _)| *number).collect();
    if numbers != question.numbers {
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

//! The table of backends and groups, in Markdown.

use std::collections::{BTreeMap, BTreeSet};

use super::{Job, Outcome};
use crate::case::Case;

/// What came of the cases of one group for one backend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// How many there are.
    pub cases: usize,
    /// How many do not hold.
    pub failed: usize,
    /// How many were left out.
    pub skipped: usize,
    /// Why.
    pub reasons: BTreeSet<String>,
}

/// What came of each group for each backend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report(BTreeMap<(String, String), Row>);

impl Report {
    /// Counts an outcome.
    pub fn add(&mut self, job: &Job<'_>, outcome: &Outcome) {
        let key = (job.case.group.to_owned(), job.backend.name().to_owned());
        let row = self.0.entry(key).or_default();
        row.cases += 1;
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed(_) => row.failed += 1,
            Outcome::Skipped(reason) => {
                row.skipped += 1;
                row.reasons.insert(reason.clone());
            }
        }
    }

    /// Whether nothing failed.
    pub fn holds(&self) -> bool {
        self.0.values().all(|row| row.failed == 0)
    }

    /// The groups of a backend that do not hold.
    pub fn failed_groups(&self, backend: &str) -> Vec<&str> {
        let rows = self.0.iter().filter(|((_, name), row)| name == backend && row.failed > 0);
        rows.map(|((group, _), _)| group.as_str()).collect()
    }

    /// One line a group, with what failed and what was left out for each backend, and the sums.
    pub fn table(&self) -> String {
        table(&self.0)
    }
}

fn table(rows: &BTreeMap<(String, String), Row>) -> String {
    let backends: BTreeSet<&str> = rows.keys().map(|(_, backend)| backend.as_str()).collect();
    let groups: BTreeSet<&str> = rows.keys().map(|(group, _)| group.as_str()).collect();
    let mut text = String::from("| group | cases |");
    for backend in &backends {
        text.push_str(&format!(" {backend}: failed | skipped |"));
    }
    text.push_str("\n| --- | ---: |");
    text.push_str(&" ---: | ---: |".repeat(backends.len()));
    text.push('\n');
    let mut sums = vec![Row::default(); backends.len()];
    for group in groups {
        let row = |backend: &str| {
            rows.get(&(group.to_owned(), backend.to_owned())).cloned().unwrap_or_default()
        };
        let all: Vec<Row> = backends.iter().map(|backend| row(backend)).collect();
        line(&mut text, group, &all);
        for (sum, row) in sums.iter_mut().zip(&all) {
            sum.cases += row.cases;
            sum.failed += row.failed;
            sum.skipped += row.skipped;
            sum.reasons.extend(row.reasons.iter().cloned());
        }
    }
    line(&mut text, "**all**", &sums);
    text
}

fn line(text: &mut String, name: &str, rows: &[Row]) {
    let cases = rows.iter().map(|row| row.cases).max().unwrap_or(0);
    text.push_str(&format!("| {name} | {cases} |"));
    for Row { failed, skipped, reasons, .. } in rows {
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        match reasons.as_slice() {
            [] => text.push_str(&format!(" {failed} | {skipped} |")),
            reasons => text.push_str(&format!(" {failed} | {skipped} ({}) |", reasons.join("; "))),
        }
    }
    text.push('\n');
}

/// The names of the cases by group, each with the paragraph that it proves.
pub fn cases_of_groups(cases: &[Case]) -> String {
    let mut groups = BTreeMap::<&str, Vec<&Case>>::new();
    for case in cases {
        groups.entry(case.group).or_default().push(case);
    }
    let mut text = String::new();
    for (group, cases) in groups {
        let word = if cases.len() == 1 { "case" } else { "cases" };
        text.push_str(&format!("### {group}: {} {word}\n\n", cases.len()));
        let mut modules = BTreeMap::<&str, Vec<&Case>>::new();
        for case in cases {
            modules.entry(case.paragraph).or_default().push(case);
        }
        for (paragraph, cases) in modules {
            let page = paragraph.strip_prefix("docs/").unwrap_or(paragraph);
            text.push_str(&format!("[{paragraph}]({page}):\n\n"));
            for case in cases {
                text.push_str(&format!("- `{}`\n", case.name()));
            }
            text.push('\n');
        }
    }
    text.trim_end().to_owned() + "\n"
}

//! The table in `docs/types.md`, between two marks.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::refused;
use crate::row::Row;

const BEGIN: &str = "<!-- the table: written by the tests of `verify/types` -->\n";
const END: &str = "<!-- the end of the table -->\n";

/// Compares the document with the table; `said` is what the program printed, a line for each row.
#[track_caller]
pub(crate) fn check(rows: &[Row], said: &str) {
    let said: HashMap<String, Value> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| (row["name"].as_str().unwrap().to_owned(), row["texts"].clone()))
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/types.md");
    let found = fs::read_to_string(&path).unwrap();
    let (head, rest) = found.split_once(BEGIN).expect("the first mark");
    let (_, tail) = rest.split_once(END).expect("the second mark");
    let expected = format!("{head}{BEGIN}{}{END}{tail}", table(rows, &said));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, expected).unwrap();
    } else {
        assert!(
            found == expected,
            "docs/types.md differs from the table: UPDATE_EXPECT=1 writes it"
        );
    }
}

fn table(rows: &[Row], said: &HashMap<String, Value>) -> String {
    let count: usize = rows.iter().map(|row| row.positions().len()).sum();
    let mut text = format!(
        "\n{} types, {count} pairs of type and position.\n\n### Parameters of reads\n\n\
         Each may be an argument and a result too. The texts are those of the last value.\n\n\
         | Rust | TypeScript | values | in a query | in `X-Mizan-Invalidate` |\n| --- | --- | --- | --- | --- |\n",
        rows.len()
    );
    for row in rows.iter().filter(|row| row.is_param) {
        let texts = said[row.name].as_array().and_then(|texts| texts.last()).unwrap();
        let cell = |member: &str| code(texts[member].as_str().unwrap_or_default());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            code(row.rust),
            typescript(row),
            code(row.values),
            cell("query"),
            cell("header")
        );
    }
    text.push_str(
        "\n### Arguments of calls, and results\n\n| Rust | TypeScript | values |\n| --- | --- | --- |\n",
    );
    for row in rows.iter().filter(|row| !row.is_param) {
        let _ =
            writeln!(text, "| {} | {} | {} |", code(row.rust), typescript(row), code(row.values));
    }
    text.push_str("\n### Refused at start\n\n| Rust | the report |\n| --- | --- |\n");
    for row in refused::table() {
        let _ = writeln!(text, "| {} | {} |", code(row.rust), code(row.report));
    }
    text.push('\n');
    text
}

fn typescript(row: &Row) -> String {
    match row.written {
        Some(written) => format!("read {}, written {}", code(row.typescript), code(written)),
        None => code(row.typescript),
    }
}

/// Text in a cell of a table.
fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let fence = if text.contains('`') { "``" } else { "`" };
    if text.is_empty() { String::new() } else { format!("{fence}{text}{fence}") }
}

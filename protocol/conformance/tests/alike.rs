//! Both adapters answer every request of the corpus alike, to the byte.

use mizan_conformance::backend::Backend;
use mizan_conformance::{corpus, runner};

fn backends() -> [Backend; 2] {
    let programs = [
        ("actix", env!("CARGO_BIN_EXE_conformance-actix")),
        ("axum", env!("CARGO_BIN_EXE_conformance-axum")),
    ];
    programs.map(|(name, program)| {
        Backend::command(format!("corpus-{name}"), program).with_folder(env!("CARGO_TARGET_TMPDIR"))
    })
}

#[test]
fn both_adapters_answer_the_corpus_alike() {
    let [actix, axum] = backends();
    let entries = corpus::entries();
    assert!(corpus::count(&entries) >= 2_000, "{}", corpus::count(&entries));
    let differences = corpus::differences(&actix, &axum, &entries);
    runner::clean(&[actix, axum]);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

/// What is masked is what differs between two runs of one program, and nothing else does.
#[test]
fn one_adapter_answers_the_corpus_alike_twice() {
    let [actix, _] = backends();
    let again = Backend::command("corpus-again", env!("CARGO_BIN_EXE_conformance-actix"))
        .with_folder(env!("CARGO_TARGET_TMPDIR"));
    let differences = corpus::differences(&actix, &again, &corpus::entries());
    runner::clean(&[actix, again]);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

//! Schema documents and generated clients of the examples: files in the tree, written by a command
//! and compared by a test.

use std::fs;

use crate::Result;
use crate::step::{cargo, quiet, root, step};

/// An application whose documents and client are committed.
struct Generated {
    package: &'static str,
    binary: &'static str,
    /// Where the documents stand.
    documents: &'static str,
    config: &'static str,
}

const ALL: &[Generated] = &[
    Generated {
        package: "hello",
        binary: "hello",
        documents: "examples/hello",
        config: "examples/hello/client/mizan.toml",
    },
    Generated {
        package: "souk",
        binary: "souk",
        documents: "examples/souk",
        config: "examples/souk/client/mizan.toml",
    },
    Generated {
        package: "mizan-conformance",
        binary: "conformance-actix",
        documents: "protocol/conformance",
        config: "protocol/conformance/client/mizan.toml",
    },
];

/// Builds one application by another profile, which links in another order, and compares what it
/// prints with the committed document: clients are generated from that, so they are the same bytes.
pub(crate) fn second_profile() -> Result {
    step("compare what a second build profile prints", || {
        let words = [
            "run",
            "-q",
            "--profile",
            "second",
            "-p",
            "mizan-conformance",
            "--bin",
            "conformance-actix",
        ];
        for document in ["schema", "manifest"] {
            let text = quiet(cargo(&[&words[..], &["--", "mizan", document]].concat()))?;
            let known =
                fs::read_to_string(root().join(format!("protocol/conformance/{document}.json")));
            if known.unwrap_or_default() != text {
                return Err(format!("the {document} depends on the build profile"));
            }
        }
        Ok(())
    })
}

/// Writes everything anew, or says what is stale.
pub(crate) fn codegen(check: bool) -> Result {
    let mut stale = Vec::new();
    for application in ALL {
        let name = if check { "compare" } else { "write" };
        step(&format!("{name} what is generated for {}", application.package), || {
            for document in ["schema", "manifest"] {
                let text = quiet(cargo(&[
                    "run",
                    "-q",
                    "-p",
                    application.package,
                    "--bin",
                    application.binary,
                    "--",
                    "mizan",
                    document,
                ]))?;
                let path = format!("{}/{document}.json", application.documents);
                let known = fs::read_to_string(root().join(&path)).unwrap_or_default();
                if known != text && check {
                    stale.push(path);
                } else if known != text {
                    fs::write(root().join(&path), text)
                        .map_err(|error| format!("{path}: {error}"))?;
                }
            }
            let mut words =
                vec!["run", "-q", "-p", "mizan-generate", "--", "--config", application.config];
            if check {
                words.push("--check");
            }
            match quiet(cargo(&words)) {
                Ok(_) => Ok(()),
                Err(error) if check => {
                    stale.push(error);
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })?;
    }
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!("stale: run `cargo xtask codegen`\n{}", stale.join("\n"))),
    }
}

//! Schema documents and generated clients of the examples: files in the tree, written by a command
//! and compared by a test.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::packages::Workspace;
use crate::step::{cargo, command, quiet, root, step};

/// An application whose documents and client are committed.
struct Generated {
    package: &'static str,
    binary: &'static str,
    /// The folder of its documents.
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
        package: "scenarios",
        binary: "scenarios",
        documents: "frontends/scenarios/server",
        config: "frontends/scenarios/mizan.toml",
    },
    CONFORMANCE,
];

const CONFORMANCE: Generated = Generated {
    package: "mizan-conformance",
    binary: "conformance-actix",
    documents: "protocol/conformance",
    config: "protocol/conformance/client/mizan.toml",
};

const GENERATOR: &str = "mizan-generate";

/// Writes everything again, or says what is stale.
pub(crate) fn codegen(check: bool) -> Result {
    step("build the examples and the generator", || {
        let mut words = vec!["build", "--quiet", "--bins", "--package", GENERATOR];
        words.extend(ALL.iter().flat_map(|application| ["--package", application.package]));
        quiet(cargo(&words))
    })?;
    run(&programs()?, check)
}

/// Compares by the programs that are built already.
pub(crate) fn compare_built() -> Result {
    run(&programs()?, true)
}

/// The folder where cargo puts programs.
fn programs() -> Result<PathBuf> {
    Ok(Workspace::read()?.target.join("debug"))
}

fn run(programs: &Path, check: bool) -> Result {
    let mut stale = Vec::new();
    for application in ALL {
        let name = if check { "compare" } else { "write" };
        step(&format!("{name} what is generated for {}", application.package), || {
            for (path, text) in application.print(programs)? {
                let known = fs::read_to_string(root().join(&path)).unwrap_or_default();
                if known != text && check {
                    stale.push(path);
                } else if known != text {
                    fs::write(root().join(&path), text)
                        .map_err(|error| format!("{path}: {error}"))?;
                }
            }
            let config = application.over_document()?;
            let mut words = vec!["--config", &*config];
            if check {
                words.push("--check");
            }
            match quiet(program(programs, GENERATOR, &words)) {
                Ok(_) => Ok(()),
                Err(error) if check => {
                    stale.push(error);
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })?;
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("stale: run `cargo xtask codegen`\n{}", stale.join("\n")))
}

/// Builds one application so that its functions are linked in another order, and compares what it
/// prints with the committed documents: clients are generated from those, so they are the same bytes.
///
/// Only the crate with the functions is compiled again. In one unit of code, it lists its functions
/// in the order of their declaration; in many, in that of the units.
pub(crate) fn second_order() -> Result {
    step("compare what another link order prints", || {
        let profile = format!("profile.dev.package.{}", CONFORMANCE.package);
        let units = format!("{profile}.codegen-units=1");
        let whole = format!("{profile}.incremental=false");
        let words = ["build", "--quiet", "--workspace", "--all-features", "--bin"];
        // A test among what is built turns on what tests turn on, so that no dependency is built again.
        let test = ["--test", "size"];
        let settings = ["--config", &*units, "--config", &whole];
        let words = [&words[..], &[CONFORMANCE.binary], &test, &settings];
        quiet(cargo(&words.concat()))?;
        for (path, text) in CONFORMANCE.print(&programs()?)? {
            if fs::read_to_string(root().join(&path)).unwrap_or_default() != text {
                return Err(format!("{path} depends on the order in which functions are linked"));
            }
        }
        Ok(())
    })
}

impl Generated {
    /// A configuration that reads the committed document, which has been written or compared by now. The
    /// command that users run would build the application a second time, with the features it has alone.
    fn over_document(&self) -> Result<String> {
        let folder = Workspace::read()?.target.join("compared").join(self.package);
        let config = folder.join("mizan.toml");
        let own = root().join(self.config);
        let documents = root().join(self.documents);
        let text = fs::read_to_string(&own).map_err(|error| format!("{}: {error}", self.config))?;
        let beside = own.parent().map(Path::to_path_buf).unwrap_or_default();
        let beside = beside.display();
        let line = |line: &str| match line.split_once(" = ") {
            Some(("command", _)) => format!("file = \"{}/schema.json\"\n", documents.display()),
            Some(("dir", dir)) => format!("dir = \"{beside}/{}\"\n", dir.trim_matches('"')),
            _ => format!("{line}\n"),
        };
        let text: String = text.lines().map(line).collect();
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&config, text));
        written.map_err(|error| format!("{}: {error}", config.display()))?;
        Ok(config.to_string_lossy().into_owned())
    }

    /// The documents, as the program prints them: `(path, text)`.
    fn print(&self, programs: &Path) -> Result<Vec<(String, String)>> {
        let print = |document: &str| {
            let text = quiet(program(programs, self.binary, &["mizan", document]))?;
            Ok((format!("{}/{document}.json", self.documents), text))
        };
        ["schema", "manifest"].into_iter().map(print).collect()
    }
}

fn program(programs: &Path, name: &str, words: &[&str]) -> std::process::Command {
    let path = programs.join(name);
    command(&[&[&*path.to_string_lossy()], words].concat())
}

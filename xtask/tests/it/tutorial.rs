//! `docs/tutorial.md`, followed to the letter: every file, every command, every response that it shows.
//!
//! Four commands have a stand-in, because they need a network, take long or do not end: `cargo install` is a
//! build of the same program, `npm run pack:generator` packs that one, `npm install` links the packages that are
//! installed here once their versions are compared, and `npm run dev` is left out.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::place::{at_home, get, link_packages, put, root, same_profile, target};
use crate::running::Running;
use crate::{ci, http, launcher};

/// Seconds of a build on a busy machine, where another test may hold the folder of builds first.
const BUILT: u64 = 900;

/// A fenced block: its language and its text.
struct Block {
    kind: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut parts = page.split("```").skip(1).step_by(2);
    let read = |part: &str| {
        let (kind, text) = part.split_once('\n').unwrap();
        Block { kind: kind.to_owned(), text: text.to_owned() }
    };
    parts.by_ref().map(read).collect()
}

impl Block {
    /// What the comment of the first line says: a path, and perhaps where in that file.
    fn place(&self) -> Option<&str> {
        let mut lines = self.text.lines();
        let first = lines.next()?;
        match self.kind.as_str() {
            "sh" | "text" => None,
            "json" if first == "{" => {
                lines.next()?.trim().strip_prefix("\"//\": \"")?.strip_suffix("\",")
            }
            "html" | "vue" | "svelte" => first.strip_prefix("<!-- ")?.strip_suffix(" -->"),
            _ => first.strip_prefix("// ").or_else(|| first.strip_prefix("# ")),
        }
    }
}

/// A reader of the page.
struct Reader {
    folder: PathBuf,
    server: Option<(Running, String)>,
    /// A file as it was before a mistake was put into it.
    before_mistake: Option<(PathBuf, String)>,
    output: String,
}

impl Reader {
    /// Always the same folder for one checkout, so that the crates are not built again every time.
    fn new() -> Self {
        let mut hasher = DefaultHasher::new();
        target().hash(&mut hasher);
        let folder = std::env::temp_dir().join(format!("mizan-tutorial-{:x}", hasher.finish()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        same_profile(&folder);
        std::os::unix::fs::symlink(root(), folder.join("mizan")).unwrap();
        Self { folder, server: None, before_mistake: None, output: String::new() }
    }

    fn follow(&mut self, block: &Block) {
        match (block.kind.as_str(), block.place()) {
            ("sh", _) => block.text.lines().for_each(|line| self.command(line)),
            (_, Some(place)) => self.edit(place, &block.text),
            ("json", None) => assert_eq!(self.output.trim(), block.text.trim()),
            ("text", None) => {
                for line in block.text.lines() {
                    assert!(self.output.contains(line), "no {line:?} in:\n{}", self.output);
                }
            }
            (kind, None) => panic!("a block of {kind} without a path:\n{}", block.text),
        }
        if block.kind == "text"
            && let Some((path, text)) = self.before_mistake.take()
        {
            put(&path, &text);
        }
    }

    fn edit(&mut self, place: &str, text: &str) {
        let (path, place) = place.split_once(": ").unwrap_or((place, ""));
        let (path, mistake) = match path.strip_suffix(", a mistake") {
            Some(path) => (self.folder.join(path), true),
            None => (self.folder.join(path), false),
        };
        if place.is_empty() {
            return put(&path, text);
        }
        let old = get(&path);
        let new = text.split_once('\n').map(|(_, rest)| rest).unwrap();
        let (how, line) = place.trim_end_matches('`').split_once(" `").unwrap();
        let found = old.lines().find(|other| other.trim_start().starts_with(line));
        let found = format!("{}\n", found.unwrap_or_else(|| panic!("no {line} in {old}")));
        let new = match how {
            "above" => format!("{new}{found}"),
            "instead of" => new.to_owned(),
            other => panic!("what is {other:?}?"),
        };
        put(&path, &old.replacen(&found, &new, 1));
        if mistake {
            self.before_mistake = Some((path, old));
        }
    }

    fn command(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("cd ") {
            self.folder.push(name);
            // The same versions as in this repository, none of them from a network.
            fs::copy(root().join("Cargo.lock"), self.folder.join("Cargo.lock")).unwrap();
        } else if line.starts_with("cargo install ") {
            let built = self.run("cargo build --quiet -p mizan-generate", &root());
            assert!(built.status.success(), "{}", self.output);
        } else if line == "npm run --prefix ../mizan pack:generator" {
            launcher::pack(&self.packed());
        } else if let Some(page) = line.strip_prefix("npm install --prefix ") {
            packages(&self.folder.join(page));
        } else if line.starts_with("npm run dev") {
        } else if line.ends_with("cargo run") && self.before_mistake.is_none() {
            self.serve(line);
        } else {
            let line = match &self.server {
                Some((_, address)) => line.replace("127.0.0.1:8080", address),
                None => line.to_owned(),
            };
            let line = line.replace("../mizan/target/npm", &self.packed().to_string_lossy());
            let line = match std::env::consts::ARCH {
                "aarch64" => line.replace("-linux-x64-", "-linux-arm64-"),
                _ => line,
            };
            let ran =
                self.run(&line.replace("curl ", "curl -sS --max-time 20 "), &self.folder.clone());
            let wanted = self.before_mistake.is_none();
            assert_eq!(ran.status.success(), wanted, "{line}\n{}", self.output);
        }
    }

    /// Where the generator is packed. The page names a folder of the checkout.
    fn packed(&self) -> PathBuf {
        self.folder.with_file_name("npm")
    }

    fn run(&mut self, line: &str, folder: &Path) -> Output {
        let output = self.shell(line).current_dir(folder).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.output = text(&output.stdout) + &text(&output.stderr);
        output
    }

    /// A command line, with the programs that were built here found first.
    fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        let path = std::env::var("PATH").unwrap_or_default();
        // The compilers of Vue and Svelte come last: npm finds those that a page links first.
        let compilers = root().join(INSTALLED[1]).join(".bin");
        let path = format!("{}:{path}:{}", target().join("debug").display(), compilers.display());
        at_home(&mut command).args(["-c", line]).env("PATH", path).current_dir(&self.folder);
        launcher::offline(&mut command, &self.folder.with_file_name("cache"));
        command
    }

    fn serve(&mut self, line: &str) {
        self.server = None;
        let running = Running::start(self.shell(line).env("MIZAN_ADDR", "127.0.0.1:0"));
        running.wait(0, "mizan: serving http://", BUILT);
        let printed = running.printed();
        let address = printed.split("serving http://").nth(1).unwrap().lines().next().unwrap();
        self.server = Some((running, address.to_owned()));
    }
}

/// Where packages are installed here: those of the second folder need TypeScript 6.
const INSTALLED: [&str; 2] = ["node_modules", "frontends/check/node_modules"];

/// Compares what `package.json` asks for with what is installed, and links it.
fn packages(client: &Path) {
    let manifest = get(&client.join("package.json"));
    let mut compared = 0;
    for section in manifest.split("ependencies\": {").skip(1) {
        for line in section.split('}').next().unwrap().lines().filter(|line| !line.is_empty()) {
            let mut words = line.split('"').skip(1).step_by(2);
            let (Some(name), Some(wanted)) = (words.next(), words.next()) else { continue };
            match wanted.strip_prefix("file:") {
                Some(path) => assert!(client.join(path).join("package.json").is_file(), "{path}"),
                None => {
                    let version = format!("\"version\": \"{wanted}\"");
                    let is_wanted = |folder| {
                        let package = root().join(folder).join(name).join("package.json");
                        fs::read_to_string(package).is_ok_and(|text| text.contains(&version))
                    };
                    assert!(INSTALLED.into_iter().any(is_wanted), "{name} is not {wanted}");
                }
            }
            compared += 1;
        }
    }
    assert!(compared >= 7, "{compared}");
    link_packages(client);
}

#[test]
#[ignore = "needs npm packages: cargo xtask test"]
fn the_tutorial_works_to_the_letter_and_so_do_the_steps_of_its_ci() {
    let mut reader = Reader::new();
    let outside = reader.folder.clone();
    let blocks = blocks(&get(&root().join("docs/tutorial.md")));
    assert!(blocks.len() > 30, "{}", blocks.len());
    blocks.iter().for_each(|block| reader.follow(block));
    // The last command serves the page as well.
    let (_, address) = reader.server.as_ref().unwrap();
    assert!(http::get(address, "/").unwrap().contains("<title>Guestbook</title>"));
    assert!(reader.folder.join("client/src/mizan/contexts/likes.ts").is_file());
    reader.server = None;
    let run = |line: &str| reader.shell(line).output().unwrap();
    ci::follow(&reader.folder, &reader.packed(), &run);
    drop(reader);
    fs::remove_dir_all(outside).unwrap();
}

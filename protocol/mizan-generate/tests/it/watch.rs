//! `--watch` with real files: what starts a run, what does not, and what survives a mistake.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::project::Project;

const TEN_SECONDS: Duration = Duration::from_secs(10);
/// Longer than the program ever waits before it looks.
const NOTHING_HAPPENS: Duration = Duration::from_millis(2600);

/// A program that stays, and everything that it has printed so far.
struct Watching {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Watching {
    /// Starts it and waits until the first client is there, or the first error.
    fn start(project: &Project) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mizan-generate"))
            .arg("--config")
            .arg(project.root.join("mizan.toml"))
            .arg("--watch")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let printed = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &printed);
        collect(child.stderr.take().unwrap(), &printed);
        let watching = Self { child, printed };
        watching.wait(|text| text.contains("start: "));
        watching
    }

    fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    #[track_caller]
    fn wait(&self, done: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !done(&self.printed()) {
            assert!(start.elapsed() < TEN_SECONDS, "{}", self.printed());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it has printed a text: what it says comes by two pipes, so the line of a run may come first.
    #[track_caller]
    fn says(&self, text: &str) {
        self.wait(|printed| printed.contains(text));
    }

    /// Lines that each tell of one run.
    fn runs(&self) -> usize {
        self.printed().lines().filter(|line| line.ends_with(" s)")).count()
    }

    /// Does something and waits for the run that it starts.
    #[track_caller]
    fn after(&self, act: impl FnOnce()) {
        let before = self.runs();
        act();
        self.wait(|_| self.runs() > before);
        assert_eq!(self.runs(), before + 1, "{}", self.printed());
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn collect(mut from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut chunk) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..length]));
        }
    });
}

/// A package whose command prints a document, as an application does, and counts its runs.
fn package(name: &str) -> Project {
    let project = Project::hello(name);
    project.put("Cargo.toml", "[package]\nname = \"app\"\n[workspace]\n");
    project.put("src/main.rs", "fn main() {}\n");
    project.put("client/page.tsx", "// a page\n");
    project.put(
        "mizan.toml",
        "[source]\ncommand = \"echo ran >> target/log && cat src/main.rs > target/read && sh document.sh\"\n\
         [output]\ndir = \"client/out\"\ntargets = [\"react\"]\n",
    );
    project.put("document.sh", "cat schema.json\n");
    project.put("target/log", "");
    project
}

fn changed(project: &Project, path: &str) -> SystemTime {
    fs::metadata(project.root.join(path)).unwrap().modified().unwrap()
}

fn with_mail(project: &Project) {
    let schema = project.get("schema.json");
    let field = "\"properties\": {\n        \"mail\": { \"type\": \"string\" },";
    let added = schema.replacen("\"properties\": {", field, 1);
    assert_ne!(schema, added);
    project.put("schema.json", &added);
}

#[test]
fn a_document_that_is_a_file() {
    let project = Project::hello("watch-file");
    let watching = Watching::start(&project);
    watching.says("5 written, 0 unchanged");
    let kept = changed(&project, "out/calls.ts");
    watching.after(|| with_mail(&project));
    assert!(project.get("out/types.ts").contains("mail"));
    assert_eq!(changed(&project, "out/calls.ts"), kept, "a file without changes was written");
    let printed = watching.printed();
    assert!(printed.contains("schema.json: "), "{printed}");
    assert!(printed.contains("1 written, 4 unchanged, 0 removed ("), "{printed}");
}

#[test]
fn a_command_follows_the_rust_sources_of_its_package() {
    let project = package("watch-command");
    let watching = Watching::start(&project);
    with_mail(&project);
    watching.after(|| project.put("src/main.rs", "fn main() { }\n"));
    assert!(project.get("client/out/types.ts").contains("mail"));
    watching.says("src/main.rs: ");
    // A directory that came later counts too, and so does what is removed from it.
    watching.after(|| project.put("src/deep/er/new.rs", "// new\n"));
    watching.after(|| fs::remove_file(project.root.join("src/deep/er/new.rs")).unwrap());
    // An editor that writes next to the file and renames.
    watching.after(|| {
        project.put("src/.main.rs.swp", "fn main() {  }\n");
        fs::rename(project.root.join("src/.main.rs.swp"), project.root.join("src/main.rs"))
            .unwrap();
    });
}

#[test]
fn nothing_runs_for_what_is_no_change() {
    let project = package("watch-quiet");
    let watching = Watching::start(&project);
    let files = project.list("client/out");
    let times: Vec<SystemTime> = files.iter().map(|path| changed(&project, path)).collect();
    // The same text again, the program's own output, and what no Rust build reads.
    project.put("src/main.rs", "fn main() {}\n");
    project.put("client/out/calls.ts", &project.get("client/out/calls.ts"));
    project.put("client/out/mine.rs", "// not a source\n");
    project.put("client/page.tsx", "// another page\n");
    project.put("target/debug/build.rs", "// written by a build\n");
    project.put("client/node_modules/x/y.rs", "// a package\n");
    project.put(".git/x.rs", "// history\n");
    thread::sleep(NOTHING_HAPPENS);
    assert_eq!(project.get("target/log"), "ran\n", "{}", watching.printed());
    // A run that changes nothing writes nothing.
    fs::remove_file(project.root.join("client/out/mine.rs")).unwrap();
    project.put("client/out/calls.ts", &project.get("client/out/calls.ts"));
    let times = {
        let mut times = times;
        let place = files.iter().position(|path| path.ends_with("calls.ts")).unwrap();
        times[place] = changed(&project, &files[place]);
        times
    };
    watching.after(|| project.put("src/main.rs", "fn main() { }\n"));
    let later: Vec<SystemTime> = files.iter().map(|path| changed(&project, path)).collect();
    assert_eq!(times, later);
    thread::sleep(NOTHING_HAPPENS);
    assert_eq!(project.get("target/log"), "ran\nran\n", "{}", watching.printed());
}

#[test]
fn a_mistake_keeps_the_client_and_is_said_once() {
    let project = package("watch-mistake");
    let watching = Watching::start(&project);
    let client: Vec<String> =
        project.list("client/out").iter().map(|path| project.get(path)).collect();
    let unchanged = || {
        let now: Vec<String> =
            project.list("client/out").iter().map(|path| project.get(path)).collect();
        assert_eq!(client, now);
    };
    project.put("document.sh", "echo 'error: expected `;`' >&2; exit 101\n");
    watching.after(|| project.put("src/main.rs", "fn main( {}\n"));
    watching.after(|| project.put("src/main.rs", "fn main(( {}\n"));
    watching.says("error: expected `;`");
    let printed = watching.printed();
    assert_eq!(printed.matches("error: expected `;`").count(), 1, "{printed}");
    assert!(printed.contains("src/main.rs: failed, the last client stays ("), "{printed}");
    assert!(printed.contains("src/main.rs: the same error, the last client stays ("), "{printed}");
    unchanged();

    project.put("document.sh", "echo '{\"mizan\": 1, \"functions\": 5}'\n");
    watching.after(|| project.put("src/main.rs", "fn main() {;}\n"));
    watching.says("is not a schema document");
    unchanged();

    let config = project.get("mizan.toml");
    watching.after(|| project.put("mizan.toml", "[source]\n"));
    watching.says("missing field `output`");
    unchanged();

    project.put("document.sh", "cat schema.json\n");
    with_mail(&project);
    watching.after(|| project.put("mizan.toml", &config));
    assert!(project.get("client/out/types.ts").contains("mail"), "{}", watching.printed());
}

#[test]
fn named_paths_and_a_configuration_that_changes() {
    let project = package("watch-named");
    let config = project.get("mizan.toml");
    project.put("mizan.toml", &config.replace("[output]", "watch = [\"document.sh\"]\n[output]"));
    let watching = Watching::start(&project);
    project.put("src/main.rs", "fn main() { }\n");
    thread::sleep(NOTHING_HAPPENS);
    assert_eq!(watching.runs(), 1, "{}", watching.printed());
    watching.after(|| project.put("document.sh", "cat schema.json # again\n"));
    watching.after(|| {
        let text = config.replace("[output]", "watch = [\"client\"]\n[output]");
        project.put("mizan.toml", &text);
    });
    watching.after(|| project.put("client/any.file", "counts\n"));
}

#[cfg(feature = "url")]
#[test]
fn a_url_is_asked_again() {
    use std::io::Write;
    use std::net::TcpListener;

    let project = Project::hello("watch-url");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = project.get("mizan.toml").replace(
        "file = \"schema.json\"",
        &format!("url = \"http://{}/\"", listener.local_addr().unwrap()),
    );
    project.put("mizan.toml", &config);
    let document = project.root.join("schema.json");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 1024];
            let _ = stream.read(&mut head);
            let text = fs::read_to_string(&document).unwrap_or_default();
            let length = text.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
            );
        }
    });
    let watching = Watching::start(&project);
    // It is asked every two seconds, and says nothing unless something is new.
    watching.after(|| {
        thread::sleep(2 * NOTHING_HAPPENS);
        assert_eq!(watching.runs(), 1, "{}", watching.printed());
        with_mail(&project);
    });
    assert!(project.get("out/types.ts").contains("mail"));
    let schema = project.get("schema.json");
    watching.after(|| project.put("schema.json", "not a document"));
    watching.says("is not JSON");
    watching.after(|| project.put("schema.json", &schema));
}

#[test]
fn without_a_configuration_there_is_nothing_to_watch() {
    let project = Project::new("watch-none");
    let ran = project.run(&["--watch"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("cannot read ./mizan.toml"), "{}", ran.stderr);
    assert!(!Path::new("out").exists());
    assert_eq!(project.run(&["--watch", "--check"]).code, Some(2));
}

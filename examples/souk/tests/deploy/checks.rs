//! The checkers of the programs find no fault in the files of `docs/deploy`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mizan_faults::process::{Folder, find};

use crate::{files, proxies};

/// Ports that no one has to listen on.
const PORTS: [u16; 2] = [3001, 3002];

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn run(mut command: Command) -> (bool, String) {
    let output = command.output().unwrap();
    (output.status.success(), said(&output))
}

#[test]
#[ignore = "needs nginx and openssl: cargo xtask test"]
fn nginx_accepts_the_file() {
    let folder = Folder::new("mizan-nginx").unwrap();
    let test = |name: &str, file: &str| {
        let folder = folder.path().join(name);
        let mut command =
            proxies::nginx(&folder, &file.replace("{folder}", &folder.to_string_lossy()));
        command.arg("-t");
        run(command)
    };
    let file = files::nginx(PORTS, 3080, 3443, Path::new("{folder}"));
    let (accepted, said) = test("good", &file);
    assert!(accepted && !said.contains("[warn]"), "{said}");
    let (accepted, said) = test("bad", &file.replace("keepalive 64", "keep_alive 64"));
    assert!(!accepted && said.contains("keep_alive"), "{said}");
}

#[test]
#[ignore = "needs caddy: cargo xtask test"]
fn caddy_validates_the_file() {
    let folder = Folder::new("mizan-caddy").unwrap();
    let test = |name: &str, file: &str| {
        run(proxies::caddy(&folder.path().join(name), "validate", (3080, 3443), file))
    };
    let file = files::deployed("Caddyfile", &[]);
    let (valid, said) = test("good", &file);
    assert!(valid && said.contains("Valid configuration"), "{said}");
    assert!(!said.contains("not formatted"), "{said}");
    let (valid, said) = test("bad", &file.replace("health_uri", "health_way"));
    assert!(!valid && said.contains("health_way"), "{said}");
}

#[test]
#[ignore = "needs systemd-analyze: cargo xtask test"]
fn systemd_verifies_the_unit() {
    let folder = Folder::new("mizan-unit").unwrap();
    let test = |text: &str| {
        fs::write(folder.path().join("shop@.service"), text).unwrap();
        let mut command = Command::new(find("systemd-analyze").expect("systemd is installed"));
        command.args(["verify", "--man=no", "shop@3001.service"]).current_dir(folder.path());
        let (_, said) = run(command);
        // Units of this machine are loaded too; only lines about this one count.
        said.lines().filter(|line| line.contains("shop@")).map(str::to_owned).collect::<Vec<_>>()
    };
    let unit = files::unit(Path::new(env!("CARGO_BIN_EXE_souk")));
    assert_eq!(test(&unit), Vec::<String>::new());
    let said = test(&unit.replace("TimeoutStopSec", "TimeoutStopSeconds"));
    assert!(said.iter().any(|line| line.contains("TimeoutStopSeconds")), "{said:?}");
}

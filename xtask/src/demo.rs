//! The example application, from a fresh clone to a page in the browser.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::Result;
use crate::machine;
use crate::step::{announce, cargo, command, quiet, root, step};

/// The first port that is tried.
const PORT: u16 = 8080;

/// An example application: its package, and a read that works without a page.
pub(crate) struct Example {
    package: &'static str,
    title: &'static str,
    read: &'static str,
}

/// The market hall.
pub(crate) const SOUK: Example = Example { package: "souk", title: "Souk", read: "hall/" };
/// The smallest application.
pub(crate) const HELLO: Example =
    Example { package: "hello", title: "hello", read: "user/?user_id=5" };

/// Builds server and client, and serves them until Ctrl-C.
pub(crate) fn demo(example: &Example) -> Result {
    let package = example.package;
    // Without Node there is no page, and the API is served all the same.
    let page = build(example, true)?;
    if let Err(error) = &page {
        println!("! no page: {error}");
    }
    let port = free_port()?;
    let address = format!("127.0.0.1:{port}");
    let path =
        if page.is_ok() { String::new() } else { format!("/api/mizan/ctx/{}", example.read) };
    let mut server = Command::new(root().join("target/debug").join(package));
    server.current_dir(root()).env("MIZAN_ADDR", &address).stdout(Stdio::piped());
    // What only a demo may do: the market has a button that kills a worker.
    server.env(format!("{}_DEMO", package.to_uppercase()), "1");
    if page.is_ok() {
        server.env("MIZAN_ASSETS", root().join(format!("examples/{package}/client/dist")));
    }
    let mut server =
        server.spawn().map_err(|error| format!("{package} could not be started: {error}"))?;
    let output = server.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    let mut output = output.map_while(std::io::Result::ok);
    let said = step("start it and listen", || {
        let mut said = Vec::new();
        for line in output.by_ref() {
            if line.starts_with("mizan: serving") {
                return Ok(said);
            }
            said.push(line);
        }
        Err(format!("{package} ended before it listened; its output is above"))
    })?;
    let mut shown =
        vec![format!("{} is at http://{address}{path}   (Ctrl-C stops it)", example.title)];
    for line in said {
        match line.strip_prefix(&format!("{package}: sign in as ")) {
            Some(sign_in) => shown.push(format!("sign in as {sign_in}")),
            None => println!("  {line}"),
        }
    }
    announce(&shown);
    output.for_each(|line| println!("{line}"));
    // Ctrl-C reaches the server as well, which is in the same group and ends its calls itself.
    let status = server.wait().map_err(|error| format!("{package}: {error}"))?;
    if status.success() || status.code().is_none() {
        Ok(())
    } else {
        Err("the server ended with an error".into())
    }
}

/// Builds the server, and the page where Node is there, with the devtools or without them.
pub(crate) fn build(example: &Example, devtools: bool) -> Result<Result> {
    let package = example.package;
    let mut build = cargo(&["build", "--quiet", "--package", package]);
    build.env("CARGO_TERM_PROGRESS_WHEN", "never");
    step("build the server", || quiet(build))?;
    Ok(client(package, devtools))
}

fn client(package: &str, devtools: bool) -> Result {
    machine::node_packages()?;
    step("generate the client", || {
        let config = &*format!("examples/{package}/client/mizan.toml");
        quiet(cargo(&["run", "--quiet", "-p", "mizan-generate", "--", "--config", config]))
    })?;
    step("build the page", || {
        let workspace = format!("{package}-client");
        let mut build = command(&["npm", "run", "--silent", "build", "-w", &workspace]);
        build.env("MIZAN_DEVTOOLS", if devtools { "1" } else { "0" });
        quiet(build)
    })?;
    Ok(())
}

fn free_port() -> Result<u16> {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (PORT..PORT + 100).find(free).ok_or("no port between 8080 and 8179 is free")?;
    if port != PORT {
        println!("! port {PORT} is taken, so this is port {port}");
    }
    Ok(port)
}

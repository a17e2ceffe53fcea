//! The example application, from a fresh clone to a page in the browser.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::Result;
use crate::machine;
use crate::step::{cargo, command, quiet, root, step};

/// The first port that is tried.
const PORT: u16 = 8080;

/// Builds server and client, and serves them until Ctrl-C.
pub(crate) fn demo() -> Result {
    let mut build = cargo(&["build", "--quiet", "--package", "souk"]);
    build.env("CARGO_TERM_PROGRESS_WHEN", "never");
    step("build the server", || quiet(build))?;
    // Without Node there is no page, and the API is served all the same.
    let page = client();
    if let Err(error) = &page {
        println!("! no page: {error}");
    }
    let port = free_port()?;
    let address = format!("127.0.0.1:{port}");
    let path = if page.is_ok() { "" } else { "/api/mizan/ctx/hall/" };
    let mut server = Command::new(root().join("target/debug/souk"));
    server.current_dir(root()).env("MIZAN_ADDR", &address).stdout(Stdio::piped());
    if page.is_ok() {
        server.env("MIZAN_ASSETS", root().join("examples/souk/client/dist"));
    }
    let mut server =
        server.spawn().map_err(|error| format!("souk could not be started: {error}"))?;
    let output = server.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    let mut output = output.map_while(std::io::Result::ok);
    let said = step("open the database and listen", || {
        let said: Vec<String> =
            output.by_ref().take_while(|line| !line.starts_with("mizan: serving")).collect();
        Ok(said)
    })?;
    said.iter().for_each(|line| println!("  {line}"));
    announce(&format!("http://{address}{path}"));
    output.for_each(|line| println!("{line}"));
    // Ctrl-C reaches the server as well, which is in the same group: waiting is all there is to do.
    let status = server.wait().map_err(|error| format!("souk: {error}"))?;
    match status.success() || status.code().is_none() {
        true => Ok(()),
        false => Err("the server ended with an error".into()),
    }
}

fn client() -> Result {
    machine::node_packages()?;
    step("generate the client", || {
        let config = "examples/souk/client/mizan.toml";
        quiet(cargo(&["run", "--quiet", "-p", "mizan-generate", "--", "--config", config]))
    })?;
    step("build the page", || {
        quiet(command(&["npm", "run", "--silent", "build", "-w", "souk-client"]))
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

fn announce(address: &str) {
    let text = format!("  Souk is at {address}   (Ctrl-C stops it)  ");
    let line = "─".repeat(text.chars().count());
    println!("\n┌{line}┐\n│{text}│\n└{line}┘\n");
}

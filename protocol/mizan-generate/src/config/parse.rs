//! `mizan.toml` as it was typed, and the way from there to a [`Config`].

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Config, Source};
use crate::check::check_error_class;
use crate::names::{is_wire_name, pascal};
use crate::{Options, Target};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    source: Spanned<RawSource>,
    output: RawOutput,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    command: Option<Spanned<String>>,
    file: Option<Spanned<PathBuf>>,
    url: Option<Spanned<String>>,
    sha256: Option<Spanned<String>>,
    watch: Option<Spanned<Vec<Spanned<PathBuf>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutput {
    dir: Spanned<PathBuf>,
    targets: Spanned<Vec<Spanned<String>>>,
    error: Option<Spanned<String>>,
    backend: Option<Spanned<String>>,
}

pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) help: String,
    pub(super) span: Option<Range<usize>>,
}

impl Mistake {
    fn at(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), span: Some(span) }
    }
}

/// The first mistake ends it.
pub(super) fn parse(path: &Path, text: &str) -> Result<Config, Mistake> {
    let raw: RawConfig = toml::from_str(text).map_err(|error| Mistake {
        message: error.message().to_owned(),
        help: "a configuration has `[source]` with one of `command`, `file`, `url`, and \
               `[output]` with `dir`, `targets` and perhaps `error` or `backend`"
            .to_owned(),
        // What is missing from the whole has no place.
        span: error.span().filter(|span| *span != (0..0)),
    })?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let watch = raw.source.get_ref().watch.as_ref();
    Ok(Config {
        watch: watch.map(|paths| watched(paths, &directory)).transpose()?,
        source: source(raw.source, &directory)?,
        output: output(&raw.output.dir, &directory)?,
        options: Options {
            targets: targets(&raw.output.targets)?,
            error: error_class(&raw.output)?,
            config: file_name(path),
        },
        directory,
    })
}

fn source(raw: Spanned<RawSource>, directory: &Path) -> Result<Source, Mistake> {
    let span = raw.span();
    match raw.into_inner() {
        RawSource { sha256: Some(sha256), url: None, .. } => Err(Mistake::at(
            sha256.span(),
            "`sha256` pins the content of a `url`, and there is none",
            "remove `sha256`",
        )),
        RawSource { command: Some(command), file: None, url: None, .. } => {
            Ok(Source::Command(command.into_inner()))
        }
        RawSource { command: None, file: Some(file), url: None, .. } => {
            Ok(Source::File(directory.join(file.into_inner())))
        }
        RawSource { command: None, file: None, url: Some(url), sha256, .. } => {
            check_url(&url)?;
            let sha256 = sha256.map(pin).transpose()?;
            Ok(Source::Url { url: url.into_inner(), sha256 })
        }
        RawSource { command: None, file: None, url: None, .. } => Err(Mistake::at(
            span,
            "`[source]` names no source",
            "give one of `command = \"cargo run -q -- mizan schema\"`, `file` or `url`",
        )),
        _ => Err(Mistake::at(
            span,
            "`[source]` names more than one source",
            "keep one of `command`, `file` and `url`",
        )),
    }
}

fn watched(
    paths: &Spanned<Vec<Spanned<PathBuf>>>,
    directory: &Path,
) -> Result<Vec<PathBuf>, Mistake> {
    if paths.get_ref().is_empty() {
        return Err(Mistake::at(
            paths.span(),
            "`watch` is empty",
            "name files or directories, or remove `watch`: a command then follows the Rust sources",
        ));
    }
    let existing = |path: &Spanned<PathBuf>| {
        let full = directory.join(path.get_ref());
        if full.exists() {
            return Ok(full);
        }
        Err(Mistake::at(
            path.span(),
            format!("`watch` names {}, which does not exist", full.display()),
            "paths are relative to the configuration",
        ))
    };
    paths.get_ref().iter().map(existing).collect()
}

/// Documents over plain http could be changed on the way, except on this machine.
fn check_url(url: &Spanned<String>) -> Result<(), Mistake> {
    let (scheme, rest) = url.get_ref().split_once("://").unwrap_or(("", ""));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = match authority.split_once(']') {
        Some((bracketed, _)) => bracketed.trim_start_matches('['),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<std::net::IpAddr>();
    let loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let plain = !authority.contains('@') && !url.get_ref().contains(|char: char| char.is_control());
    if !host.is_empty() && plain && (scheme == "https" || (scheme == "http" && loopback)) {
        return Ok(());
    }
    Err(Mistake::at(
        url.span(),
        format!("`{}` is not a URL that a document may come from", url.get_ref().escape_debug()),
        "use https, or http to localhost, 127.0.0.1 or [::1], without user and password",
    ))
}

fn pin(sha256: Spanned<String>) -> Result<String, Mistake> {
    let text = sha256.get_ref().to_ascii_lowercase();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(Mistake::at(
        sha256.span(),
        "`sha256` is not 64 hexadecimal digits",
        "print it with `sha256sum` of the document",
    ))
}

fn output(dir: &Spanned<PathBuf>, directory: &Path) -> Result<PathBuf, Mistake> {
    if dir.get_ref().as_os_str().is_empty() {
        return Err(Mistake::at(
            dir.span(),
            "`dir` is empty",
            "name a directory for generated files alone, such as `src/mizan`",
        ));
    }
    Ok(directory.join(dir.get_ref()))
}

/// What `targets` may hold.
const TARGETS: &str = "\"react\", \"vue\", \"svelte\" or \"vanilla\"";

fn targets(targets: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Target>, Mistake> {
    if targets.get_ref().is_empty() {
        return Err(Mistake::at(targets.span(), "`targets` is empty", format!("name {TARGETS}")));
    }
    let target = |name: &Spanned<String>| match name.get_ref().as_str() {
        "react" => Ok(Target::React),
        "vanilla" => Ok(Target::Vanilla),
        "vue" => Ok(Target::Vue),
        "svelte" => Ok(Target::Svelte),
        other => Err(Mistake::at(
            name.span(),
            format!("there is no target `{}`", other.escape_debug()),
            format!("name {TARGETS}"),
        )),
    };
    targets.get_ref().iter().map(target).collect()
}

fn error_class(output: &RawOutput) -> Result<Option<String>, Mistake> {
    let (name, span) = match (&output.error, &output.backend) {
        (None, None) => return Ok(None),
        (Some(error), None) => (error.get_ref().clone(), error.span()),
        (None, Some(backend)) if is_wire_name(backend.get_ref()) => {
            (pascal(backend.get_ref()) + "Error", backend.span())
        }
        (None, Some(backend)) => {
            return Err(Mistake::at(
                backend.span(),
                format!("{:?} is not a name of a backend", backend.get_ref()),
                "use a name such as \"actix\", which makes `ActixError`",
            ));
        }
        (Some(error), Some(_)) => {
            return Err(Mistake::at(
                error.span(),
                "`error` and `backend` both name the error class",
                "keep one of them",
            ));
        }
    };
    match check_error_class(&name) {
        None => Ok(Some(name)),
        Some(problem) => Err(Mistake::at(span, problem.message, problem.help)),
    }
}

/// The file name alone, so that the output does not depend on where the command was started.
fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

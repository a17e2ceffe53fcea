//! `app mizan export <folder>`: the public pages as files, for a server that knows no Rust.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::kept::{html, listed, page_of};
use super::page::service;
use crate::error::{Error, Result};
use crate::pages::PageId;
use crate::percent::push_component;
use crate::registry::Mizan;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Exported {
    /// How many pages.
    pub pages: usize,
    /// How many other files.
    pub files: usize,
}

impl Mizan {
    /// Answers `mizan export <folder>` on the command line, and ends the process. Returns at once for any other
    /// command line: [`handle_cli`](crate::handle_cli) answers those that need no registry.
    pub async fn handle_cli(&self) {
        let arguments: Vec<String> = std::env::args().skip(1).take(3).collect();
        let [mizan, export, folder] = &arguments[..] else { return };
        if mizan != "mizan" || export != "export" {
            return;
        }
        match self.export(folder).await {
            Ok(Exported { pages, files }) => {
                let _ =
                    writeln!(io::stdout().lock(), "{folder}: {pages} pages, {files} other files");
                std::process::exit(0)
            }
            Err(error) => {
                let _ = writeln!(io::stderr().lock(), "{error:?}");
                std::process::exit(1)
            }
        }
    }

    /// Writes every public page below a folder, as `<path>/index.html`, and the files of the client. Public pages are those
    /// that are kept: of views without arguments, and those that `pages = …` lists.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where no page is kept, one cannot be rendered, or a file cannot be written.
    pub async fn export(&self, folder: impl AsRef<Path>) -> Result<Exported> {
        let (folder, service) = (folder.as_ref(), service(self)?);
        if service.plans.is_empty() {
            return Err(Error::internal(
                "no page is kept: it needs a worker, a cache and a public view with a context",
            ));
        }
        let mut pages = Vec::new();
        for view in service.plans.keys() {
            let function = &self.0.graph[*view].function;
            let listing = service.listed.iter().find(|(own, _)| own == view);
            match listing {
                Some(of) => pages.extend(listed(self, *of).await?),
                None if function.arguments.iter().all(|argument| !argument.required) => {
                    pages.push(page_of(self, *view, "{}")?);
                }
                None => {}
            }
        }
        let mut written = Exported::default();
        for id in &pages {
            let path = self.path(id)?;
            let html = html(self, id).await?;
            let html = html.ok_or_else(|| Error::internal(format!("`{path}` was not rendered")))?;
            let file = folder.join(path.trim_start_matches('/')).join("index.html");
            write(&file, &html)?;
            written.pages += 1;
        }
        written.files = copy(&service.client, folder)?;
        Ok(written)
    }

    /// The path of a page.
    fn path(&self, id: &PageId) -> Result<String> {
        let function = &self.0.graph[id.function].function;
        let args: Map<String, Value> = serde_json::from_str(&id.args)?;
        let route = function.route.as_deref().unwrap_or_default();
        let mut path = String::new();
        for part in route.split('/').skip(1) {
            path.push('/');
            let name = part.strip_prefix('<').and_then(|part| part.strip_suffix('>'));
            let Some(name) = name else {
                path.push_str(part);
                continue;
            };
            let text = args.get(name).and_then(mizan_schema::text_of).unwrap_or_default();
            if matches!(&*text, "" | "." | "..") {
                return Err(Error::internal(format!(
                    "`{text}` cannot be a part of a path: change what lists the pages of `{}`",
                    function.name
                )));
            }
            push_component(&mut path, &text);
        }
        Ok(path)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, bytes)).map_err(|error| failed(path, &error))
}

/// Copies the files of a folder, without its manifest; a page that is there stays.
fn copy(from: &Path, to: &Path) -> Result<usize> {
    let mut copied = 0;
    let entries = fs::read_dir(from).map_err(|error| failed(from, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(from, &error))?;
        let (path, name) = (entry.path(), entry.file_name());
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let target: PathBuf = to.join(&name);
        if path.is_dir() {
            copied += copy(&path, &target)?;
        } else if !target.exists() {
            write(&target, &fs::read(&path).map_err(|error| failed(&path, &error))?)?;
            copied += 1;
        }
    }
    Ok(copied)
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::internal(format!("`{}`: {error}", path.display()))
}

//! Links of documents lead to files and headings that exist, and so do the documents that comments name.

use std::collections::HashSet;

use super::File;
use crate::guide;
use crate::step::root;

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let exists = |path: &str| root().join(path).exists();
    let mut faults = check(files, exists);
    faults.extend(named(files, exists));
    faults
}

/// Documents that a comment of a source names in a code span, and that are gone.
fn named(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let sources = files.iter().filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".ts"));
    let comments = sources.flat_map(|(path, text)| {
        let lines = text.lines().enumerate().map(|(at, line)| (at, line.trim_start()));
        let lines = lines.filter(|(_, line)| line.starts_with("//") || line.starts_with('*'));
        lines.map(move |(at, line)| (path, at + 1, line))
    });
    let spans = comments.flat_map(|(path, line, comment)| {
        comment.split('`').skip(1).step_by(2).map(move |span| (path, line, span))
    });
    spans
        .filter(|(_, _, span)| span.starts_with("docs/") && span.ends_with(".md") && !exists(span))
        .map(|(path, line, span)| format!("{path}:{line}: there is no {span}"))
        .collect()
}

fn check(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    // rustdoc checks the links of the guide.
    let documents = || {
        files.iter().filter(|(path, _)| path.ends_with(".md") && !path.starts_with(guide::FOLDER))
    };
    let anchors: HashSet<String> = documents()
        .flat_map(|(path, text)| headings(text).map(move |anchor| format!("{path}#{anchor}")))
        .collect();
    let dead = |path: &str, target: &str| {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let file = if file.is_empty() { path.to_owned() } else { resolve(path, file) };
        let is_dead = !exists(&file)
            || (!anchor.is_empty() && !anchors.contains(&format!("{file}#{anchor}")));
        is_dead.then(|| format!("{path}: the link to {target} is dead"))
    };
    documents()
        .flat_map(|(path, text)| {
            targets(text).into_iter().filter_map(|target| dead(path, target)).collect::<Vec<_>>()
        })
        .collect()
}

/// The path of a link from the root of the repository.
pub(super) fn resolve(document: &str, target: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The lines of a document outside of its code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Where the links of a document lead, those to other sites left out.
pub(super) fn targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    for line in prose(text) {
        let code = line.split('`').step_by(2);
        targets.extend(
            code.flat_map(|part| part.split("](").skip(1))
                .filter_map(|rest| rest.split(')').next()),
        );
        targets.extend(
            line.strip_prefix('[')
                .and_then(|rest| rest.split_once("]: "))
                .map(|(_, target)| target),
        );
    }
    targets.retain(|target| !target.contains("://") && !target.contains(' '));
    targets
}

/// The anchors that the headings of a document have.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose(text).filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
        kept.map(|char| if char == ' ' { '-' } else { char }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{check, named};

    #[test]
    fn a_document_that_a_comment_names_exists() {
        let text = "//! `docs/a.md` and `docs/b.md`\nlet x = \"`docs/c.md`\";\n/// `docs/`";
        let files = [("cores/a.rs".to_owned(), text.to_owned())];
        let faults = named(&files, |path| path == "docs/a.md");
        assert_eq!(faults, ["cores/a.rs:1: there is no docs/b.md"]);
    }

    fn dead(text: &str) -> Vec<String> {
        let files = [("docs/a.md", text), ("docs/b.md", "## The `GET a/`: first\n"), ("c.md", "")];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        check(&files, |path| {
            ["docs/a.md", "docs/b.md", "c.md", "docs/d.png", "cores"].contains(&path)
        })
    }

    #[test]
    fn a_link_leads_to_a_file_or_a_heading() {
        let good = "# A\n[b](b.md), [`c`](../c.md) ![d](d.png) [e](../cores/)\n[x](https://example.org/x)\n\
                    [f](b.md#the-get-a-first) [g](#a)\n\n[r]: b.md\n```md\n[z](z.md)\n```\n`[z](z.md)`\n";
        assert_eq!(dead(good), [""; 0]);
        for target in ["z.md", "b.md#z", "#z", "../z", "../c.md#z"] {
            assert_eq!(
                dead(&format!("[t]({target})\n")),
                [format!("docs/a.md: the link to {target} is dead")]
            );
        }
        assert_eq!(dead("[r]: z.md\n").len(), 1);
    }
}

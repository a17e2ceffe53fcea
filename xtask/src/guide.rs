//! The pages of `mizan_core::guide`: copies of pages of `docs/` in the folder of the crate, so that its archive has them.
//!
//! A link to another page of the guide becomes a link of rustdoc. A link to anything else of the repository leads
//! nowhere on a site of documentation, so its text is left alone.

use std::fs;

use crate::Result;
use crate::step::{root, step};

/// The folder of the copies.
pub(crate) const FOLDER: &str = "cores/mizan-core/guide/";

/// The file that includes them, and so names them.
pub(crate) const INCLUDED_BY: &str = "cores/mizan-core/src/lib.rs";

/// Writes every copy again.
pub(crate) fn guide() -> Result {
    step("copy the pages of the guide", || {
        let read = |path: &str| {
            fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
        };
        let including = read(INCLUDED_BY)?;
        let pages = pages(&including);
        let folder = root().join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
        for page in &pages {
            let text = copy(page, &read(&format!("docs/{page}.md"))?, &pages);
            fs::write(folder.join(format!("{page}.md")), text)
                .map_err(|error| format!("{FOLDER}{page}.md: {error}"))?;
        }
        Ok(())
    })
}

/// The pages that the crate includes.
pub(crate) fn pages(including: &str) -> Vec<&str> {
    let parts = including.split("include_str!(\"../guide/").skip(1);
    parts.filter_map(|part| part.split_once(".md\")").map(|(page, _)| page)).collect()
}

/// The text of one copy.
pub(crate) fn copy(page: &str, text: &str, pages: &[&str]) -> String {
    let mut copy =
        format!("<!-- Copied from docs/{page}.md by `cargo xtask guide`: edit that file. -->\n\n");
    for (at, part) in text.split("```").enumerate() {
        if at > 0 {
            copy.push_str("```");
        }
        copy.push_str(&if at % 2 == 0 { relinked(part, pages) } else { part.to_owned() });
    }
    copy
}

/// Prose with its links as rustdoc needs them.
fn relinked(text: &str, pages: &[&str]) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("](") {
        let Some((target, behind)) = after.split_once(')') else { break };
        done.push_str(before);
        if target.contains("://") || target.starts_with('#') {
            done.push_str(&format!("]({target})"));
        } else if let Some(path) = in_guide(target, pages) {
            done.push_str(&format!("]({path})"));
        } else if let Some(start) = done.rfind('[') {
            done.remove(start);
        }
        rest = behind;
    }
    done + rest
}

/// The module of a page, with its anchor.
fn in_guide(target: &str, pages: &[&str]) -> Option<String> {
    let (page, anchor) = target.split_once(".md")?;
    pages.contains(&page).then(|| format!("crate::guide::{page}{anchor}"))
}

#[cfg(test)]
mod tests {
    use super::{copy, pages};

    #[test]
    fn links_to_pages_of_the_guide_become_links_of_rustdoc() {
        let including =
            "#[doc = include_str!(\"../guide/a.md\")] #[doc = include_str!(\"../guide/b.md\")]";
        assert_eq!(pages(including), ["a", "b"]);
        let text = "[b](b.md#x) [`c`](../c.md), [d](https://d) [e](#e)\n```md\n[c](c.md)\n```\n[c](c.md)\n";
        let copied = copy("a", text, &pages(including));
        assert_eq!(
            copied.split_once("\n\n").unwrap().1,
            "[b](crate::guide::b#x) `c`, [d](https://d) [e](#e)\n```md\n[c](c.md)\n```\nc\n"
        );
    }
}

//! The HTML around a component: a template of tera.

use std::path::Path;

use tera::{Context, Tera};

use super::assets::Assets;
use super::data::escaped;
use crate::error::{BuildError, Error, Result};

/// The shell of an application that gives none.
const SHELL: &str = include_str!("shell.html");
const NAME: &str = "shell.html";

/// What goes into the shell.
pub(crate) struct Parts<'a> {
    /// What the component is, as HTML; empty where the browser renders it.
    pub(crate) html: &'a str,
    /// What the component adds to `<head>`, as HTML.
    pub(crate) head: &'a str,
    /// The JSON for the browser.
    pub(crate) data: &'a str,
}

/// A shell that has been read and checked.
#[derive(Debug)]
pub(crate) struct Shell {
    tera: Tera,
    /// The text of the template.
    pub(super) text: String,
    assets: Assets,
}

impl Shell {
    /// Reads the shell at a path; that of Mizan without one.
    ///
    /// # Errors
    /// Where the file cannot be read, is no template, or leaves out what a page needs.
    pub(super) fn read(path: Option<&Path>, assets: Assets) -> Result<Self, BuildError> {
        let Some(path) = path else { return Self::of(SHELL.into(), assets) };
        let failed = |error: String| {
            BuildError::single(
                format!("the shell `{}`: {error}", path.display()),
                "give `Pages::shell` a template of tera that writes `{{ page | safe }}` into its body and \
                 `{{ head | safe }}` into its head",
            )
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        Self::of(text, assets).map_err(|error| failed(error.to_string()))
    }

    fn of(text: String, assets: Assets) -> Result<Self, BuildError> {
        let problem = |text: String| BuildError::single(text, "see `Pages::shell`");
        let mut tera = Tera::new();
        tera.add_raw_template(NAME, &text).map_err(|error| problem(chain(&error)))?;
        let shell = Self { tera, text, assets };
        let probe = Parts { html: "<i>0</i>", head: "<title>1</title>", data: "{\"2\":2}" };
        let written = shell.rendered(&probe).map_err(problem)?;
        for (part, what) in [
            ("<div id=\"mizan-page\"><i>0</i></div>", "page"),
            ("{\"2\":2}</script>", "page"),
            ("<title>1</title>", "head"),
        ] {
            if written.matches(part).count() != 1 {
                return Err(problem(format!("it does not write `{{{{ {what} | safe }}}}` once")));
            }
        }
        Ok(shell)
    }

    /// The whole page.
    ///
    /// # Errors
    /// `INTERNAL_ERROR` where the template fails.
    pub(crate) fn write(&self, parts: &Parts<'_>) -> Result<String> {
        let failed = |problem| Error::internal(format!("the shell: {problem}"));
        self.rendered(parts).map_err(failed)
    }

    /// The whole page, or why there is none.
    fn rendered(&self, parts: &Parts<'_>) -> Result<String, String> {
        let Assets { script, preloads, styles } = &self.assets;
        let mut head = String::from(parts.head);
        for address in styles {
            head.push_str(&format!("<link rel=\"stylesheet\" href=\"{}\">", attribute(address)));
        }
        for address in preloads {
            head.push_str(&format!("<link rel=\"modulepreload\" href=\"{}\">", attribute(address)));
        }
        head.push_str(&format!("<script type=\"module\" src=\"{}\"></script>", attribute(script)));
        let page = format!(
            "<div id=\"mizan-page\">{}</div><script type=\"application/json\" id=\"mizan-page-data\">{}</script>",
            parts.html,
            escaped(parts.data),
        );
        let mut context = Context::new();
        context.insert("head", &head);
        context.insert("page", &page);
        context.insert("has_title", &parts.head.contains("<title"));
        self.tera.render(NAME, &context).map_err(|error| chain(&error))
    }

    /// The value of the header `Link`.
    pub(super) fn link(&self) -> String {
        self.assets.link()
    }
}

/// A text inside of an attribute with double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// An error with everything below it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        text.push_str(": ");
        text.push_str(&error.to_string());
        below = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(shell: &str, problem: Option<&str>) {
        let found = Shell::of(shell.into(), Assets::default()).err().map(|error| error.to_string());
        match problem {
            Some(problem) => {
                let found = found.unwrap();
                assert!(found.contains(problem), "{found}");
            }
            None => assert_eq!(found, None),
        }
    }

    #[test]
    fn a_shell_that_leaves_something_out_is_refused() {
        check(SHELL, None);
        check("<head>{{ head | safe }}</head>{{ page | safe }}", None);
        check("<head>{{ head | safe }}</head>", Some("page"));
        check("{{ page | safe }}", Some("head"));
        check("{{ head }}{{ page }}", Some("page"));
        check("{{ head | safe }}{{ page | safe }}{{ page | safe }}", Some("page"));
        check("{{ head | safe }}{{ page | safe }}{{ title }}", Some("title"));
        check("{% if %}", Some("shell.html"));
    }

    #[test]
    fn no_text_of_a_page_is_a_template() {
        let shell = Shell::of(SHELL.into(), Assets::default()).unwrap();
        let parts =
            Parts { html: "{{ head }}{% raw %}", head: "", data: "{\"a\":\"</script><!--\"}" };
        let page = shell.write(&parts).unwrap();
        assert!(page.contains("<div id=\"mizan-page\">{{ head }}{% raw %}</div>"), "{page}");
        assert!(page.contains(r#"{"a":"\u003c/script\u003e\u003c!--"}</script>"#), "{page}");
    }
}

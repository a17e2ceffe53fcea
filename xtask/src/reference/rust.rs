//! What doc comments of Rust say: the methods of a type, and tables.

use super::{cell, code, row};
use crate::Result;

/// A public method with its documentation.
pub(super) struct Method {
    pub(super) name: String,
    /// The parameters, without the receiver.
    parameters: String,
    /// The first paragraph.
    meaning: String,
    default: Option<String>,
    pub(super) example: String,
    /// Whether it changes a setting: it takes the value and gives it back.
    pub(super) sets: bool,
    /// Whether it has a receiver.
    is_method: bool,
    feature: Option<String>,
}

/// The public methods that the blocks `impl <name> {` of a file have.
pub(super) fn methods(path: &str, text: &str, name: &str) -> Result<Vec<Method>> {
    let start = format!("impl {name} {{");
    let (mut methods, mut comment, mut feature) = (Vec::new(), Vec::new(), None);
    let mut inside = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == start {
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if let Some(text) = line.trim_start().strip_prefix("///") {
            comment.push(text.strip_prefix(' ').unwrap_or(text));
        } else if let Some(attribute) = line.trim_start().strip_prefix("#[cfg(feature = \"") {
            feature = attribute.split('"').next().map(str::to_owned);
        } else {
            if inside && line.starts_with("    pub fn ") {
                let mut signature = line.trim().to_owned();
                while !signature.ends_with('{') {
                    let Some(line) = lines.next() else { break };
                    signature.push(' ');
                    signature.push_str(line.trim());
                }
                methods.push(method(path, &signature, &comment, feature.take())?);
            }
            comment.clear();
            feature = None;
        }
    }
    if methods.is_empty() {
        return Err(format!("{path}: no public method of {name}"));
    }
    Ok(methods)
}

fn method(
    path: &str,
    signature: &str,
    comment: &[&str],
    feature: Option<String>,
) -> Result<Method> {
    let head = signature.strip_prefix("pub fn ").unwrap_or(signature);
    let end = head.find(['<', '(']).unwrap_or(head.len());
    let name = head[..end].to_owned();
    let fault =
        |what: &str| format!("{path}: the documentation of `{name}` has no line with its {what}");
    let all = parameters(&head[end..]);
    let parameters = all
        .strip_prefix("mut self")
        .or_else(|| all.strip_prefix("self"))
        .map_or(all.as_str(), |rest| rest.trim_start_matches(", "));
    let is_method = all.len() != parameters.len();
    let sets = is_method && signature.contains("-> Self");
    let line =
        comment.iter().find(|line| line.starts_with("Default: ") || line.starts_with("Example: "));
    let (default, example) =
        line.and_then(|line| line.split_once("Example: `")).ok_or_else(|| fault("example"))?;
    let default =
        default.strip_prefix("Default: ").map(|text| text.trim().trim_end_matches('.').to_owned());
    if sets && default.is_none() {
        return Err(fault("default"));
    }
    let meaning: Vec<&str> = comment.iter().copied().take_while(|line| !line.is_empty()).collect();
    Ok(Method {
        parameters: parameters.trim_end_matches([',', ' ']).to_owned(),
        meaning: linkless(&meaning.join(" ")),
        default,
        example: example.trim_end_matches(['.', '`']).to_owned(),
        sets,
        is_method,
        feature,
        name,
    })
}

/// What is between the first bracket and the one that closes it.
fn parameters(text: &str) -> String {
    let start = text.find('(').map_or(text.len(), |at| at + 1);
    let mut depth = 1_usize;
    let inside = text[start..].chars().take_while(|char| {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth > 0
    });
    inside.collect::<String>().trim().to_owned()
}

/// The links of rustdoc as code spans: outside of rustdoc they lead nowhere.
pub(super) fn linkless(text: &str) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, behind)) = after.split_once("`]") else { break };
        done.push_str(&format!("{before}`{name}`"));
        rest = match behind.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, behind)) => behind,
            None => behind,
        };
    }
    done + rest
}

impl Method {
    pub(super) fn row(&self, prefix: &str) -> String {
        let mut meaning = self.meaning.clone();
        if let Some(feature) = &self.feature {
            meaning.push_str(&format!(" Needs the feature `{feature}`."));
        }
        let prefix = if self.is_method { "." } else { prefix };
        row(&[
            code(&format!("{prefix}{}({})", self.name, self.parameters)),
            self.default.as_deref().map_or_else(|| "—".to_owned(), cell),
            code(&self.example),
            cell(&meaning),
        ])
    }
}

/// The rows of the table with this title in the documentation of a file.
pub(super) fn documented(path: &str, text: &str, title: &str) -> Result<Vec<String>> {
    let lines = text.lines().map(|line| line.trim_start_matches('/').trim_start());
    let mut rows = lines.skip_while(|line| !line.starts_with(&format!("| {title} |")));
    let first = rows.next().ok_or_else(|| format!("{path}: no table with the title `{title}`"))?;
    let rest = rows.take_while(|line| line.starts_with('|')).map(str::to_owned);
    Ok(std::iter::once(first.to_owned()).chain(rest).collect())
}

/// The name that a row begins with.
pub(super) fn name(row: &str) -> &str {
    row.split('`').nth(1).unwrap_or_default()
}

/// The options of a command line: what clap reads of the fields of a struct.
pub(super) fn options(text: &str) -> Vec<[String; 4]> {
    let (mut options, mut comment, mut settings) = (Vec::new(), Vec::new(), String::new());
    for line in text.lines().skip_while(|line| !line.starts_with("pub struct ")).skip(1) {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("///") {
            comment.push(text.trim());
        } else if line.starts_with("#[") {
            settings = line.to_owned();
        } else if let Some((name, kind)) =
            line.strip_prefix("pub ").and_then(|line| line.split_once(": "))
        {
            let quoted =
                |key: &str| settings.split(key).nth(1)?.split('"').nth(1).map(str::to_owned);
            let value = quoted("value_name").map_or(String::new(), |value| format!(" <{value}>"));
            let default = quoted("default_value").unwrap_or_else(|| "off".into());
            let kind = if kind.starts_with("bool") { "flag" } else { "path" };
            options.push([format!("--{name}{value}"), kind.into(), default, comment.join(" ")]);
            comment.clear();
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::{documented, methods, name, options};

    const SOURCE: &str = "impl A {\n    /// Mounts [it](x) and [`B`](crate::B).\n    ///\n    /// Default: `/a`. Example: `.mount(\"/b\")`.\n    ///\n    /// More.\n    #[cfg(feature = \"x\")]\n    pub fn mount<P: Into<String>>(\n        mut self,\n        path: impl Fn(&str) -> P,\n    ) -> Self {\n    }\n}\n";

    #[test]
    fn a_method_is_a_row_with_its_type_default_and_example() {
        let rows: Vec<String> =
            methods("a.rs", SOURCE, "A").unwrap().iter().map(|method| method.row("A::")).collect();
        assert_eq!(
            rows,
            [
                "| `.mount(path: impl Fn(&str) -> P)` | `/a` | `.mount(\"/b\")` | Mounts [it](x) and `B`. Needs the feature `x`. |\n"
            ]
        );
    }

    #[test]
    fn a_method_without_a_default_or_an_example_is_a_fault() {
        for (gone, what) in [
            ("Default: `/a`. ", "default"),
            ("Default: `/a`. Example: `.mount(\"/b\")`.", "example"),
        ] {
            let fault = methods("a.rs", &SOURCE.replace(gone, ""), "A").err().unwrap();
            assert_eq!(
                fault,
                format!("a.rs: the documentation of `mount` has no line with its {what}")
            );
        }
        assert!(methods("a.rs", SOURCE, "B").is_err());
    }

    #[test]
    fn tables_and_options_are_found() {
        let rows = documented(
            "a.rs",
            "/// x\n/// | word | y |\n/// | --- | --- |\n/// | `a` | b |\n///\n",
            "word",
        );
        assert_eq!(name(&rows.unwrap()[2]), "a");
        let text = "pub struct Args {\n    /// The file\n    #[arg(long, value_name = \"FILE\", default_value = \"m.toml\")]\n    pub config: PathBuf,\n    /// Check\n    #[arg(long)]\n    pub check: bool,\n}\n";
        assert_eq!(
            options(text),
            [
                ["--config <FILE>", "path", "m.toml", "The file"].map(str::to_owned),
                ["--check", "flag", "off", "Check"].map(str::to_owned),
            ]
        );
    }
}

//! The files that a page loads: what Vite has built, by its manifest.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{BuildError, Result};

/// One source of the manifest, `.vite/manifest.json`
/// (<https://vite.dev/guide/backend-integration.html>).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Chunk {
    file: String,
    is_entry: bool,
    imports: Vec<String>,
    css: Vec<String>,
}

/// What a page loads, as addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Assets {
    /// The module that begins.
    pub(crate) script: String,
    /// Modules that it imports.
    pub(crate) preloads: Vec<String>,
    pub(crate) styles: Vec<String>,
}

impl Assets {
    /// Reads the manifest below a folder. `entry` is the source of the module that begins, where there are several.
    ///
    /// # Errors
    /// Where there is no manifest, or not one entry.
    pub(super) fn read(folder: &Path, base: &str, entry: Option<&str>) -> Result<Self, BuildError> {
        let path = folder.join(".vite/manifest.json");
        let shown = path.display();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            BuildError::single(
                format!("`{shown}` cannot be read: {error}"),
                "build the client with `vite build` and `build.manifest: true`, and give `Pages::new` the folder that it wrote",
            )
        })?;
        Self::of_manifest(&text, base, entry).map_err(|problem| {
            BuildError::single(
                format!("`{shown}`: {problem}"),
                "build the client again, and name its entry with `Pages::entry`",
            )
        })
    }

    fn of_manifest(text: &str, base: &str, entry: Option<&str>) -> Result<Self, String> {
        let manifest: serde_json::Map<String, Value> =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let chunk = |name: &str| -> Result<Chunk, String> {
            let chunk = manifest.get(name).ok_or_else(|| format!("it does not have `{name}`"))?;
            serde_json::from_value(chunk.clone()).map_err(|error| format!("`{name}`: {error}"))
        };
        let is_entry =
            |(_, value): &(&String, &Value)| value.get("isEntry") == Some(&Value::Bool(true));
        let entries: Vec<&String> =
            manifest.iter().filter(is_entry).map(|(name, _)| name).collect();
        let name = match (entry, &entries[..]) {
            (Some(entry), _) => entry,
            (None, [only]) => only.as_str(),
            (None, entries) => return Err(format!("it has {} entries", entries.len())),
        };
        let first = chunk(name)?;
        if !first.is_entry {
            return Err(format!("`{name}` is no entry"));
        }
        let address = |file: &str| format!("{}/{}", base.trim_end_matches('/'), file);
        let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
        let mut styles: Vec<String> = first.css.iter().map(|file| address(file)).collect();
        let mut waiting = first.imports;
        while let Some(name) = waiting.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let chunk = chunk(&name)?;
            order.push(address(&chunk.file));
            styles.extend(chunk.css.iter().map(|file| address(file)));
            waiting.extend(chunk.imports);
        }
        styles.sort();
        styles.dedup();
        order.sort();
        Ok(Self { script: address(&first.file), preloads: order, styles })
    }

    /// The value of the header `Link`: what a browser may load before it reads the page.
    pub(super) fn link(&self) -> String {
        let modules = std::iter::once(&self.script).chain(&self.preloads);
        let modules = modules.map(|address| format!("<{address}>; rel=modulepreload"));
        let styles =
            self.styles.iter().map(|address| format!("<{address}>; rel=preload; as=style"));
        modules.chain(styles).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{
        "_shared-B7.js": {"file": "assets/shared-B7.js", "css": ["assets/shared-5U.css"], "imports": ["_deep-C1.js"]},
        "_deep-C1.js": {"file": "assets/deep-C1.js", "imports": ["_shared-B7.js"]},
        "src/a.tsx": {"file": "assets/a-1.js", "isEntry": true, "imports": ["_shared-B7.js"], "css": ["assets/a-2.css"]},
        "src/b.tsx": {"file": "assets/b-1.js", "isEntry": true}
    }"#;

    #[track_caller]
    fn check(
        manifest: &str,
        entry: Option<&str>,
        expected: Result<(&str, &[&str], &[&str]), &str>,
    ) {
        let found = Assets::of_manifest(manifest, "/app/", entry);
        match expected {
            Ok((script, preloads, styles)) => {
                let found = found.unwrap();
                assert_eq!(
                    (&*found.script, &found.preloads[..], &found.styles[..]),
                    (script, &preloads.map_owned()[..], &styles.map_owned()[..])
                );
            }
            Err(problem) => assert_eq!(found, Err(problem.to_owned())),
        }
    }

    trait Owned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl Owned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(ToString::to_string).collect()
        }
    }

    #[test]
    fn an_entry_brings_what_it_imports_once() {
        let shared = ["/app/assets/deep-C1.js", "/app/assets/shared-B7.js"];
        let styles = ["/app/assets/a-2.css", "/app/assets/shared-5U.css"];
        check(MANIFEST, Some("src/a.tsx"), Ok(("/app/assets/a-1.js", &shared, &styles)));
        check(MANIFEST, Some("src/b.tsx"), Ok(("/app/assets/b-1.js", &[], &[])));
        check(MANIFEST, None, Err("it has 2 entries"));
        check(MANIFEST, Some("src/c.tsx"), Err("it does not have `src/c.tsx`"));
        check(MANIFEST, Some("_deep-C1.js"), Err("`_deep-C1.js` is no entry"));
        check("{}", None, Err("it has 0 entries"));
    }

    #[test]
    fn a_browser_hears_of_the_files_in_the_head() {
        let assets = Assets {
            script: "/a.js".into(),
            preloads: vec!["/b.js".into()],
            styles: vec!["/c.css".into()],
        };
        let expected = "</a.js>; rel=modulepreload, </b.js>; rel=modulepreload, </c.css>; rel=preload; as=style";
        assert_eq!(assets.link(), expected);
    }
}

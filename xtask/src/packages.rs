//! The packages of this repository, as cargo knows them.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::json::Json;
use crate::step::{cargo, quiet};

/// The packages, and where cargo builds them.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) target: PathBuf,
}

/// A package of this repository.
#[derive(Debug, PartialEq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) folder: PathBuf,
    pub(crate) features: Vec<String>,
    /// Whether it may be published: what its library offers is then a promise.
    pub(crate) published: bool,
}

impl Workspace {
    pub(crate) fn read() -> Result<Self> {
        let text = quiet(cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
        Self::parse(&text).ok_or_else(|| "`cargo metadata` prints something unknown".into())
    }

    fn parse(text: &str) -> Option<Self> {
        let json = Json::parse(text)?;
        let packages = json.get("packages").list().iter().map(Package::parse);
        Some(Self {
            packages: packages.collect::<Option<_>>()?,
            target: json.get("target_directory").text()?.into(),
        })
    }

    /// The packages that users depend on.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.published)
    }
}

impl Package {
    fn parse(json: &Json) -> Option<Self> {
        let publish = json.get("publish");
        Some(Self {
            name: json.get("name").text()?.to_owned(),
            version: json.get("version").text()?.to_owned(),
            folder: Path::new(json.get("manifest_path").text()?).parent()?.to_owned(),
            features: json.get("features").names().into_iter().map(str::to_owned).collect(),
            // Null is every registry, and an empty list is none.
            published: *publish == Json::Null || !publish.list().is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Workspace;

    #[test]
    fn published_packages_are_found_with_their_features() {
        let text = r#"{
            "packages": [
                {"name": "a", "version": "0.1.0", "manifest_path": "/x/a/Cargo.toml", "publish": null,
                 "features": {"default": ["b"], "b": []}},
                {"name": "b", "version": "0.1.0", "manifest_path": "/x/b/Cargo.toml", "publish": [], "features": {}},
                {"name": "c", "version": "0.1.0", "manifest_path": "/x/c/Cargo.toml", "publish": ["some"], "features": {}}
            ],
            "target_directory": "/x/target"
        }"#;
        let workspace = Workspace::parse(text).unwrap();
        assert_eq!(workspace.target.to_str(), Some("/x/target"));
        let published: Vec<_> = workspace.published().map(|package| &*package.name).collect();
        assert_eq!(published, ["a", "c"]);
        assert_eq!(workspace.packages[0].features, ["b", "default"]);
        assert_eq!(workspace.packages[0].folder.to_str(), Some("/x/a"));
        assert!(Workspace::parse("{}").is_none());
    }
}

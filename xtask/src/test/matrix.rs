//! Each published crate on its own: with no features, and with each feature alone.

use crate::Result;
use crate::packages::{Package, Workspace};
use crate::step::{cargo, quiet, step};

/// Checks libraries and tests, each crate as its users build it: without what other crates of the
/// workspace turn on.
pub(super) fn matrix() -> Result {
    let workspace = Workspace::read()?;
    for package in workspace.published() {
        step(&format!("check {} with each feature alone", package.name), || {
            sets(package).iter().try_for_each(|feature| {
                let words = words(&package.name, feature);
                quiet(cargo(&words)).map(drop)
            })
        })?;
    }
    Ok(())
}

/// No feature, then each one.
fn sets(package: &Package) -> Vec<&str> {
    std::iter::once("").chain(package.features.iter().map(String::as_str)).collect()
}

fn words<'a>(package: &'a str, feature: &'a str) -> Vec<&'a str> {
    let mut words = vec!["check", "--quiet", "--tests", "--package", package];
    words.push("--no-default-features");
    if !feature.is_empty() {
        words.extend(["--features", feature]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{sets, words};
    use crate::packages::Package;

    #[test]
    fn every_feature_is_checked_alone_and_so_is_none() {
        let package = Package {
            name: "a".into(),
            version: "0.1.0".into(),
            folder: "a".into(),
            features: vec!["default".into(), "b".into()],
            published: true,
        };
        assert_eq!(sets(&package), ["", "default", "b"]);
        assert_eq!(words("a", "").last(), Some(&"--no-default-features"));
        assert_eq!(words("a", "b")[5..], ["--no-default-features", "--features", "b"]);
    }
}

//! Rules of the repository that can be tested.

mod adapters;
mod archives;
mod edges;
mod files;
mod floors;
mod imports;
mod links;
mod phrases;
mod platform;
mod quotes;
mod settings;
mod targets;
mod tokens;

use std::fs;

use crate::Result;
use crate::step::{command, quiet, root, step};

/// Checks every rule and reports everything that breaks one.
pub(crate) fn tidy() -> Result {
    step("check the rules of the repository", || {
        let faults = faults(&read()?);
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    })
}

/// A file of the repository: its path from the root, and its text.
type File = (String, String);

/// Every text file that git knows, or would add.
fn read() -> Result<Vec<File>> {
    let names = quiet(command(&["git", "ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let read = |name: &str| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?));
    Ok(names.lines().filter_map(read).collect())
}

fn faults(files: &[File]) -> Vec<String> {
    let mut faults = edges::faults(files);
    faults.extend(adapters::faults(files));
    faults.extend(archives::faults(files));
    faults.extend(floors::faults(files));
    faults.extend(targets::faults(files));
    faults.extend(settings::faults(files));
    faults.extend(quotes::faults(files));
    faults.extend(phrases::faults(files));
    faults.extend(links::faults(files));
    faults.extend(platform::faults(files));
    faults.extend(files.iter().flat_map(|(path, text)| files::faults(path, text)));
    faults
}

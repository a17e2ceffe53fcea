//! The site of the documents, with a search that needs no server.

use crate::Result;
use crate::machine;
use crate::step::{announce, command, quiet, root, step};

/// Builds the site, and prints where it is.
pub(crate) fn docs() -> Result {
    machine::node_packages()?;
    build()?;
    announce(&[
        "The site is in target/docs: any server of static files can serve it.".into(),
        "`npm run docs:preview` serves it on this machine.".into(),
    ]);
    Ok(())
}

/// Builds the site. A dead link is an error.
pub(crate) fn build() -> Result {
    step("build the site of the documents", || {
        quiet(command(&["npm", "run", "--silent", "docs"]))?;
        let home = root().join("target/docs/index.html");
        if home.is_file() { Ok(()) } else { Err("the site has no first page".into()) }
    })
}

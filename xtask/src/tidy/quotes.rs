//! A block of a document that names a file (`file=deploy/nginx.conf`) has the text of that file.

use super::File;

pub(super) fn faults(files: &[File]) -> Vec<String> {
    let documents = files.iter().filter(|(path, _)| path.ends_with(".md"));
    documents
        .flat_map(|(path, text)| blocks(text).filter_map(|block| fault(files, path, &block)))
        .collect()
}

/// A block that names a file.
struct Block<'a> {
    name: &'a str,
    text: &'a str,
}

fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut fences = text.split("\n```").skip(1);
    std::iter::from_fn(move || {
        let block = fences.next()?;
        fences.next();
        Some(block)
    })
    .filter_map(|block| {
        let (info, text) = block.split_once('\n')?;
        let name = info.split_whitespace().find_map(|word| word.strip_prefix("file="))?;
        Some(Block { name, text })
    })
}

fn fault(files: &[File], document: &str, block: &Block<'_>) -> Option<String> {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = format!("{folder}/{}", block.name);
    let path = path.trim_start_matches('/');
    match files.iter().find(|(known, _)| known == path) {
        None => Some(format!("{document}: quotes {path}, which does not exist")),
        Some((_, text)) if text.trim_end() != block.text.trim_end() => {
            Some(format!("{document}: the quoted text of {path} differs from the file"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn a_quoted_file_is_quoted_as_it_is() {
        let document = |quoted: &str| {
            let text = format!("# D\n\n```sh\nls\n```\n\n```conf file=x/a.conf\n{quoted}```\n");
            [("docs/d.md".to_owned(), text), ("docs/x/a.conf".to_owned(), "port 1\n".to_owned())]
        };
        assert!(faults(&document("port 1\n")).is_empty());
        assert_eq!(
            faults(&document("port 2\n")),
            ["docs/d.md: the quoted text of docs/x/a.conf differs from the file"]
        );
        let gone = &document("port 1\n")[..1];
        assert_eq!(faults(gone), ["docs/d.md: quotes docs/x/a.conf, which does not exist"]);
    }
}

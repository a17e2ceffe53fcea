//! The pages of the client: with all of it, with its files alone, and without it.

use std::fs;

use souk::site::Site;

use crate::support::Market;

#[tokio::test]
async fn without_a_client_the_market_starts_and_has_no_page() {
    let market = Market::sqlite().await;
    for path in ["/", "/?category=Tea", "/stalls/1/", "/stalls/1"] {
        let page = market.visitor().await.open(path).await;
        assert_eq!((page.status, &*page.text), (404, "The client of Souk is not built."), "{path}");
    }
}

/// What a folder with these files is, and what to do about it.
#[track_caller]
fn check(files: &[&str], expected: &str, remedy: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "<!doctype html>").unwrap();
    }
    let (site, pages) = Site::of(Some(folder.path().join("dist")));
    assert!(format!("{site:?}").starts_with(expected), "{site:?}");
    match (pages, remedy) {
        (Ok(_), None) => {}
        (Err(found), Some(remedy)) => assert!(found.contains(remedy), "{found}"),
        (pages, _) => panic!("{pages:?}"),
    }
}

#[test]
fn what_is_missing_is_one_sentence_with_the_remedy() {
    let all = [
        "dist/.vite/manifest.json",
        "dist-worker/worker.js",
        "dist-worker/shell.html",
        "dist/index.html",
    ];
    check(&all, "Rendered", None);
    check(&["dist/index.html"], "Plain", Some("run `npm run build -w souk-client`"));
    check(&all[1..], "Plain", Some("rendered by the browser"));
    check(&[], "Missing", Some("npm run build"));
    let (_, pages) = Site::of(None);
    assert!(pages.unwrap_err().contains("MIZAN_ASSETS"));
}

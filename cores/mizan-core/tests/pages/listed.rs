//! Pages that are there from the start, and pages as files.

use super::*;

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn listed_pages_are_there_before_anyone_asks() {
    let more = functions![listing, listed_page];
    let mizan = builder(&Market::default(), pages()).functions(more);
    let mizan = mizan.cache(MemoryCache::default()).build().unwrap();
    for _ in 0..400 {
        if mizan.page_counts().unwrap().ahead == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(mizan.page_counts().unwrap().ahead, 3);
    for stall in 1..=3 {
        let response = get(&mizan, &format!("/listed/{stall}/")).await;
        assert_eq!(response.cache_status(), Some(mizan_core::CacheStatus::Hit));
    }
    assert_eq!(mizan.page_counts().unwrap().rendered, 3);
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn public_pages_are_exported_with_the_files_of_the_client() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages-export");
    let _ = fs::remove_dir_all(&folder);
    let market = Market::default();
    let own = functions![notice, price, greeting, listing, listed_page, stall_page, own_page];
    let empty = Builder::empty().functions(own).state(market.clone());
    fs::write(client_folder().join("robots.txt"), "all").unwrap();
    let mizan = empty.pages(pages()).cache(MemoryCache::default()).build().unwrap();
    let exported = mizan.export(&folder).await.unwrap();
    assert_eq!((exported.pages, exported.files), (3, 1));
    for stall in 1..=3 {
        let file = folder.join(format!("listed/{stall}/index.html"));
        let page = text(&mizan, &format!("/listed/{stall}/")).await;
        assert_eq!(fs::read_to_string(file).unwrap(), page);
    }
    assert_eq!(fs::read_to_string(folder.join("robots.txt")).unwrap(), "all");
    assert!(!folder.join(".vite").exists());
}

#[client(private)]
fn needs_argument(least: i64) -> Vec<i64> {
    vec![least]
}

#[client(context = NoticeContext, route = "/wrong/<stall_id>/", methods = ["GET"], pages = needs_argument)]
fn wrong_page(stall_id: i64) -> View {
    View::page("Stall", json!({ "note": stall_id }))
}

#[client(context = NoticeContext, route = "/unlisted/<stall_id>/", methods = ["GET"], pages = listing)]
fn unlisted_page(stall_id: i64) -> View {
    View::page("Stall", json!({ "note": stall_id }))
}

#[test]
fn what_cannot_list_pages_is_refused() {
    let own = functions![notice, wrong_page, needs_argument, unlisted_page];
    let empty = Builder::empty().functions(own).state(Market::default());
    let error = empty.pages(Pages::new(client_folder())).build().unwrap_err().to_string();
    assert!(error.contains("`needs_argument`, which lists the pages of `wrong_page`"), "{error}");
    assert!(error.contains("has arguments") && error.contains("`listing`, which lists"), "{error}");
}

//! Pages that are kept: never older than a change that has answered, and rendered again before anyone asks.

use mizan_core::CacheStatus::{Bypass, Hit, Miss};

use super::*;

fn kept(market: &Market) -> Mizan {
    builder(market, pages()).cache(MemoryCache::default()).build().unwrap()
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_page_is_rendered_once_and_sent_as_it_is_held() {
    let market = Market::default();
    let mizan = kept(&market);
    let first = get(&mizan, "/stalls/5/").await;
    assert_eq!((first.status(), first.cache_status()), (200, Some(Miss)));
    for (name, value) in
        [("cache-control", "no-cache"), ("vary", "accept-encoding"), ("x-own", "1")]
    {
        assert_eq!(first.header(name), Some(value));
    }
    // Once to learn what it reads, once to render it.
    assert_eq!(market.shown(), 2);
    let page = String::from_utf8(first.body().to_vec()).unwrap();
    // What depends on the caller is for the browser to read.
    assert_eq!(
        data(&page)["data"],
        json!([{"context": "stall", "params": {"stall_id": 5}, "data": {"price": 0}}])
    );
    let tag = first.header("etag").unwrap().to_owned();
    for (encoding, held, status, length) in [
        ("identity", None, 200, page.len()),
        ("identity", Some(&*tag), 304, 0),
        ("br", Some(&*tag), 200, 0),
        ("gzip", None, 200, 0),
    ] {
        let request = TestRequest::new("GET", "/stalls/5/").header("accept-encoding", encoding);
        let request =
            held.into_iter().fold(request, |request, tag| request.header("if-none-match", tag));
        let response = request.as_user(Identity::new("7")).send(&mizan).await;
        assert_eq!((response.status(), response.cache_status()), (status, Some(Hit)), "{encoding}");
        if encoding == "identity" {
            assert_eq!(response.body().len(), length);
        } else {
            assert_eq!(response.header("content-encoding"), Some(encoding));
            assert!(response.header("etag").unwrap().contains(encoding));
        }
    }
    assert_eq!((market.shown(), mizan.page_counts().unwrap().rendered), (2, 1));
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_change_of_a_bundle_or_of_the_props_alone_makes_a_page_new_and_no_other() {
    let market = Market::default();
    let mizan = kept(&market);
    let other = text(&mizan, "/stalls/6/").await;
    for round in 1..=5 {
        call(&mizan, "set_price", json!({ "stall_id": 5, "price": round })).await;
        let page = text(&mizan, "/stalls/5/").await;
        assert_eq!(data(&page)["data"][0]["data"], json!({ "price": round }));
        assert!(rendered(&page).contains(&format!("{{\"price\":{round}}}")), "{page}");
        let response = get(&mizan, "/stalls/6/").await;
        assert_eq!((response.cache_status(), response.body()), (Some(Hit), other.as_bytes()));
        // The view function reads the notice itself: no bundle has it.
        let notice = format!("notice {round}");
        call(&mizan, "set_notice", json!({ "text": notice })).await;
        let page = text(&mizan, "/stalls/5/").await;
        assert_eq!(data(&page)["props"], json!({ "note": notice }));
        call(&mizan, "set_notice", json!({ "text": "" })).await;
        text(&mizan, "/stalls/6/").await;
    }
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_page_is_rendered_again_before_anyone_asks() {
    let market = Market::default();
    let mizan = kept(&market);
    text(&mizan, "/stalls/5/").await;
    text(&mizan, "/stalls/6/").await;
    let shown = market.shown();
    call(&mizan, "set_price", json!({ "stall_id": 5, "price": 9 })).await;
    for _ in 0..400 {
        if mizan.page_counts().unwrap().ahead == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let counts = mizan.page_counts().unwrap();
    assert_eq!((counts.ahead, counts.rendered, counts.known), (1, 3, 2));
    assert_eq!(market.shown(), shown + 1, "the page of the other stall is left alone");
    let response = get(&mizan, "/stalls/5/").await;
    assert_eq!(response.cache_status(), Some(Hit));
    assert_eq!(
        data(std::str::from_utf8(response.body()).unwrap())["data"][0]["data"],
        json!({ "price": 9 })
    );
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn many_changes_are_few_renders() {
    let market = Market::default();
    let mizan = kept(&market);
    text(&mizan, "/stalls/5/").await;
    let before = mizan.page_counts().unwrap().rendered;
    let start = std::time::Instant::now();
    for price in 0..1_000 {
        call(&mizan, "set_price", json!({ "stall_id": 5, "price": price })).await;
    }
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    // At most two in each second, and those at both ends.
    let most = 2 * (start.elapsed().as_secs() + 1) + 1;
    let rendered = mizan.page_counts().unwrap().rendered - before;
    assert!((1..=most).contains(&rendered), "{rendered} renders, at most {most}");
    let response = get(&mizan, "/stalls/5/").await;
    assert_eq!(
        data(std::str::from_utf8(response.body()).unwrap())["data"][0]["data"],
        json!({ "price": 999 })
    );
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_page_that_takes_too_long_is_a_shell_and_then_there() {
    for serve_old in [false, true] {
        let market = Market::default();
        let pages = pages().wait(Duration::from_millis(100)).serve_old(serve_old);
        let mizan = builder(&market, pages).cache(MemoryCache::default()).build().unwrap();
        let first = get(&mizan, "/slow/700/").await;
        assert_eq!(rendered(std::str::from_utf8(first.body()).unwrap()), "");
        assert_eq!(first.header("cache-control"), Some("no-store"));
        // The render goes on without its request.
        let mut last = first;
        for _ in 0..400 {
            last = get(&mizan, "/slow/700/").await;
            if last.cache_status() == Some(Hit) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert_eq!(last.cache_status(), Some(Hit));
        call(&mizan, "set_notice", json!({ "text": "changed" })).await;
        let after = get(&mizan, "/slow/700/").await;
        let expected = if serve_old { "<p>slow</p>" } else { "" };
        assert_eq!(rendered(std::str::from_utf8(after.body()).unwrap()), expected);
        assert_eq!(after.cache_status(), serve_old.then_some(Bypass));
    }
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn what_is_no_page_of_status_200_is_not_kept() {
    let market = Market::default();
    let mizan = kept(&market);
    for _ in 0..2 {
        let response = get(&mizan, "/gone/").await;
        assert_eq!((response.status(), response.cache_status()), (404, None));
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
    // A part of the path that does not fit names nothing.
    assert_eq!(get(&mizan, "/stalls/x/").await.status(), 404);
}

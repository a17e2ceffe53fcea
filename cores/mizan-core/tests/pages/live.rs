//! Pages of one request, and pages without a worker.

use super::*;

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_page_has_its_component_and_what_it_read_once() {
    let market = Market::default();
    market.prices.lock().unwrap()[5] = 40;
    let mizan = builder(&market, pages()).build().unwrap();
    let response = get(&mizan, "/own/5/").await;
    let page = String::from_utf8(response.body().to_vec()).unwrap();
    let bundles = json!([
        {"context": "stall", "params": {"stall_id": 5}, "data": {"price": 40}},
        {"context": "own", "params": {}, "data": {"greeting": "hello"}}
    ]);
    assert_eq!(
        data(&page),
        json!({"component": "Stall", "props": {"note": null}, "data": bundles})
    );
    assert_eq!(
        page.matches("\"price\":40").count(),
        2,
        "in the data, and where the component wrote it: {page}"
    );
    let shown =
        rendered(&page).strip_prefix("<h1>").unwrap().strip_suffix("</h1><p>null</p>").unwrap();
    assert_eq!(serde_json::from_str::<Value>(shown).unwrap(), bundles);
    assert!(
        page.contains("<title>Stall</title><link rel=\"stylesheet\" href=\"/assets/main-2.css\">"),
        "{page}"
    );
    assert!(page.contains("<script type=\"module\" src=\"/assets/main-1.js\"></script>"), "{page}");
    // Nothing in the page is executable but a file of this origin.
    assert_eq!(page.matches("<script").count(), 2);
    let link =
        "</assets/main-1.js>; rel=modulepreload, </assets/main-2.css>; rel=preload; as=style";
    assert_eq!(response.header("link"), Some(link));
    assert_eq!(response.header("cache-control"), Some("private, no-store"));
    assert!(response.header("content-security-policy").unwrap().contains("script-src 'self'"));
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn bundles_are_read_as_the_caller() {
    let mizan = builder(&Market::default(), pages()).cache(MemoryCache::default()).build().unwrap();
    for user in ["7", "8"] {
        let request = TestRequest::new("GET", "/own/5/").as_user(Identity::new(user));
        let response = request.send(&mizan).await;
        let page = String::from_utf8(response.body().to_vec()).unwrap();
        assert_eq!(data(&page)["data"][1]["data"], json!({ "greeting": format!("hello {user}") }));
        assert_eq!(response.header("cache-control"), Some("private, no-store"));
        assert_eq!(response.cache_status(), None);
    }
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_component_that_fails_is_rendered_by_the_browser_and_its_error_is_nowhere() {
    for cache in [false, true] {
        let builder = builder(&Market::default(), pages());
        let builder = if cache { builder.cache(MemoryCache::default()) } else { builder };
        let mizan = builder.build().unwrap();
        let page = text(&mizan, "/throw/").await;
        assert_eq!(rendered(&page), "");
        assert!(!page.contains("secret"), "{page}");
        assert_eq!(data(&page)["data"][0]["data"], json!({ "price": 0 }));
        assert!(mizan.page_counts().unwrap().shells > 0);
    }
}

#[tokio::test]
async fn without_a_worker_the_browser_renders() {
    let market = Market::default();
    let builder = builder(&market, Pages::new(client_folder())).cache(MemoryCache::default());
    let mizan = builder.build().unwrap();
    let page = text(&mizan, "/stalls/5/").await;
    assert_eq!(rendered(&page), "");
    assert_eq!(data(&page)["component"], "Stall");
    // It is of its caller, so it may hold everything.
    assert_eq!(data(&page)["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_page_without_settings_is_an_error_that_says_what_to_add() {
    let all = functions![notice, stall_page, price, greeting];
    let mizan = Builder::empty().functions(all).state(Market::default()).build().unwrap();
    let response = get(&mizan, "/stalls/5/").await;
    assert_eq!(response.status(), 500);
    assert!(!String::from_utf8_lossy(response.body()).contains("Pages"));
}

#[test]
fn mistakes_of_pages_are_reported_with_the_others() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let shell = folder.join("no-shell.html");
    fs::write(&shell, "<html>{{ head | safe }}</html>").unwrap();
    for (pages, problem) in [
        (Pages::new("nowhere"), "`nowhere/.vite/manifest.json` cannot be read"),
        (Pages::new(client_folder()).entry("src/other.js"), "it does not have `src/other.js`"),
        (Pages::new(client_folder()).shell("nowhere.html"), "the shell `nowhere.html`"),
        (Pages::new(client_folder()).shell(&shell), "`{{ page | safe }}`"),
        (
            Pages::new(client_folder()).worker("nowhere.js"),
            "the worker `nowhere.js` cannot be read",
        ),
        (self::pages().workers(0), "`workers` must be at least 1"),
    ] {
        let error = builder(&Market::default(), pages).mount("no slash").build().unwrap_err();
        let error = error.to_string();
        assert!(error.contains(problem), "{error}");
        assert!(error.contains("2 problems") || error.contains("mount"), "{error}");
    }
}

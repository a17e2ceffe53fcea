//! What a render gives.

use mizan_ssr::RenderError;
use serde_json::json;

use crate::support::{html, render, renderer};

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn a_page_has_html_head_and_what_it_missed() {
    let renderer = renderer(|builder| builder);
    renderer.ready().await.unwrap();
    let page = render(&renderer, "Echo", json!({ "text": "ü</script>\n\u{2028}" })).await.unwrap();
    assert_eq!(page.html, "<p>ü</script>\n\u{2028}</p>");
    assert_eq!((&*page.head, page.missed.len()), ("<title>echo</title>", 0));
    let page = render(&renderer, "Missing", json!({})).await.unwrap();
    assert_eq!(
        (&*page.missed[0].context, &page.missed[0].params),
        ("stall", &json!({ "stall_id": 5 }))
    );
    assert!(renderer.components().contains(&"Echo".to_owned()));
    let counts = renderer.counts();
    assert_eq!((counts.rendered, counts.died, counts.in_flight), (2, 0, 0));
}

#[tokio::test]
#[ignore = "needs node: cargo xtask test"]
async fn an_error_of_a_component_is_one_of_its_render() {
    let renderer = renderer(|builder| builder);
    let error = render(&renderer, "Throw", json!({ "text": "no such stall" })).await.unwrap_err();
    let message = "no such stall".to_owned();
    assert_eq!(error, RenderError::Component { message, stack: None });
    let error = render(&renderer, "../../x", json!({})).await.unwrap_err();
    assert!(error.to_string().contains("no component ../../x"), "{error}");
    assert_eq!(html(&renderer, "Echo", json!({ "text": 1 })).await, "<p>1</p>");
}

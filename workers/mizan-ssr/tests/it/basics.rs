//! What a render gives, and what a worker gets.

use mizan_ssr::{Bundle, Render, RenderError, WorkerCommand};
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::support::{html, on_both, render, start};

on_both!(
    a_page_has_html_head_and_what_it_missed,
    an_error_of_a_component_is_one_of_its_render,
    a_component_reads_its_bundles,
    a_worker_sees_no_variable_of_the_application,
    frames_of_every_size_up_to_the_limit,
    large_renders_in_both_directions_at_one_time,
);

async fn a_page_has_html_head_and_what_it_missed(command: WorkerCommand) {
    let renderer = start(command, |builder| builder).await;
    let page = render(&renderer, "Echo", json!({ "text": "ü</script>\n\u{2028}" })).await.unwrap();
    assert_eq!(page.html, "<p>ü</script>\n\u{2028}</p>");
    assert_eq!((&*page.head, page.missed.len()), ("<title>echo</title>", 0));
    let page = render(&renderer, "Missing", json!({})).await.unwrap();
    let missed = &page.missed[0];
    assert_eq!((&*missed.context, &missed.params), ("stall", &json!({ "stall_id": 5 })));
    assert!(renderer.components().contains(&"Echo".to_owned()));
    let counts = renderer.counts();
    assert_eq!((counts.rendered, counts.died, counts.in_flight), (2, 0, 0));
}

async fn an_error_of_a_component_is_one_of_its_render(command: WorkerCommand) {
    let renderer = start(command.clone(), |builder| builder).await;
    let error = render(&renderer, "Throw", json!({ "text": "no such stall" })).await.unwrap_err();
    let message = "no such stall".to_owned();
    assert_eq!(error, RenderError::Component { message, stack: None });
    for name in ["../../x", "__proto__", "constructor", "", "Echo\n"] {
        let error = render(&renderer, name, json!({})).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the component failed: no component {name}"));
    }
    assert_eq!(html(&renderer, "Echo", json!({ "text": 1 })).await, "<p>1</p>");
    assert_eq!(renderer.counts().failed, 6);
    let renderer = start(command.development(), |builder| builder).await;
    let error = render(&renderer, "Throw", json!({ "text": "x" })).await.unwrap_err();
    let RenderError::Component { stack: Some(stack), .. } = error else { panic!("{error:?}") };
    assert!(stack.contains("worker.mjs:"), "{stack}");
}

async fn a_component_reads_its_bundles(command: WorkerCommand) {
    let renderer = start(command, |builder| builder).await;
    let props = to_raw_value(&json!({})).unwrap();
    let params = to_raw_value(&json!({ "stall_id": 5 })).unwrap();
    let data = to_raw_value(&json!({ "stall": { "name": "Olives" } })).unwrap();
    let bundles = [Bundle { context: "stall", params: &params, data: &data }];
    let render = Render { component: "Bundles", props: &props, bundles: &bundles };
    let page = renderer.render(render).await.unwrap();
    let expected =
        r#"[{"context":"stall","params":{"stall_id":5},"data":{"stall":{"name":"Olives"}}}]"#;
    assert_eq!(page.html, expected);
}

async fn a_worker_sees_no_variable_of_the_application(command: WorkerCommand) {
    let command = command.env("TEST_GIVEN", "1").inherit("HOME").inherit("TEST_NOT_SET");
    let renderer = start(command, |builder| builder).await;
    let names = html(&renderer, "Environment", json!({})).await;
    let is_other = |name: &&str| *name != "HOME" && !name.starts_with("MIZAN_SSR_");
    let names: Vec<&str> = names.split(' ').filter(is_other).collect();
    assert_eq!(names, ["NODE_ENV", "PATH", "TEST_GIVEN"]);
}

async fn frames_of_every_size_up_to_the_limit(command: WorkerCommand) {
    const LIMIT: usize = 8 << 20;
    let renderer = start(command, |builder| builder).await;
    let around = (23..25).flat_map(|bits| [(1 << bits) - 64, (1 << bits) - 1, 1 << bits]);
    let sizes = (0..23).map(|bits| 1 << bits).chain(around).chain([0, LIMIT + 1, 12_345_678]);
    for bytes in sizes {
        let outcome = render(&renderer, "Size", json!({ "bytes": bytes })).await;
        match outcome {
            Ok(page) => assert!(page.html.len() == bytes && bytes < LIMIT, "{bytes}"),
            Err(RenderError::TooLarge { what, bytes: line, limit }) => {
                assert_eq!((what, limit), ("page", LIMIT));
                assert!(line > LIMIT && line >= bytes && line < bytes + 64, "{line} of {bytes}");
            }
            Err(error) => panic!("{bytes}: {error}"),
        }
    }
    let counts = renderer.counts();
    assert_eq!((counts.too_large, counts.died), (7, 0));
}

async fn large_renders_in_both_directions_at_one_time(command: WorkerCommand) {
    let renderer = start(command, |builder| builder.in_flight(32)).await;
    let text = "x".repeat((1 << 20) - 100);
    let renders: Vec<_> = (0..32)
        .map(|number| {
            let (renderer, text) = (renderer.clone(), format!("{number} {text}"));
            tokio::spawn(async move {
                let page = html(&renderer, "Echo", json!({ "text": text })).await;
                assert_eq!(page, format!("<p>{text}</p>"));
            })
        })
        .collect();
    for render in renders {
        render.await.unwrap();
    }
}

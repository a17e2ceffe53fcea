//! What a program says when it cannot start, and what it prints when it can.

use std::process::Command;

use crate::backend::{APPLICATION, Application, Backend};
use crate::case::cases;
use serde_json::Value;

use crate::suite::support::app;

/// It does not start, names the setting, and tells no one the secret.
#[track_caller]
fn check_refused(backend: &Backend, name: &str, value: &str, secret: bool) {
    let refusal = backend.start(Application::Conformance, &[(name, value)]);
    let refusal = refusal.unwrap_err().to_string();
    if secret {
        assert!(refusal.contains(name), "{refusal}");
        assert!(!refusal.contains(value), "{refusal}");
    } else {
        assert!(refusal.contains(value), "{refusal}");
    }
    assert!(!refusal.contains("panicked"), "{refusal}");
}

fn a_bad_setting_is_refused_at_start(backend: &Backend) {
    check_refused(backend, "JWT_PRIVATE_KEY", "too-short-a-secret", true);
    check_refused(backend, "JWT_PRIVATE_KEY", "31-bytes-is-one-byte-too-short!", true);
    check_refused(backend, "MIZAN_PUBLIC_ORIGIN", "example.org", false);
    check_refused(backend, "MIZAN_PUBLIC_ORIGIN", "https://example.org/path", false);
    check_refused(backend, "MIZAN_PUBLIC_ORIGIN", "ftp://example.org", false);
}

/// Who reads the address may stop the server at once, and that is an orderly end as any other.
fn a_signal_right_after_the_address_is_heard(backend: &Backend) {
    // A shell is fast enough: it sends signals without starting a process.
    const SCRIPT: &str = r#"
        rm -f "$0"; mkfifo "$0"; $1 >"$0" & pid=$!
        exec 3<"$0"; read line <&3; kill -TERM $pid; wait $pid; echo $?
    "#;
    let pipe = backend.folder().unwrap().join("address.pipe");
    let program = backend.program(Application::Conformance);
    for round in 0..10 {
        let output = Command::new("sh")
            .args(["-c", SCRIPT])
            .args([pipe.as_os_str(), program.as_ref()])
            .env(APPLICATION, Application::Conformance.name())
            .env("PORT", "0")
            .env_remove("MIZAN_ADDR")
            .output()
            .unwrap();
        let status = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert_eq!(status, "0", "round {round}");
    }
    drop(std::fs::remove_file(pipe));
}

/// Secrets are in no line of the log.
fn secrets_are_not_logged(backend: &Backend) {
    let server = app(backend);
    assert!(server.logs("MIZAN_PUBLIC_ORIGIN"));
    assert!(!server.log().contains("32 bytes and more"), "{}", server.log());
}

/// The command line prints what is served, without serving it or needing a setting.
fn documents_are_printed(backend: &Backend) {
    for document in ["schema", "manifest"] {
        let settings = [("JWT_PRIVATE_KEY", "too short")];
        let output =
            backend.run(Application::Conformance, &["mizan", document], &settings).unwrap();
        assert!(output.status.success(), "{document}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(json.is_object(), "{document}");
    }
    let settings = [("PROBE_MOUNT", "/rpc/")];
    let output = backend.run(Application::Probe, &["mizan", "manifest"], &settings).unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = &json["contexts"]["rows"];
    assert_eq!(rows["endpoints"], serde_json::json!(["/rpc/ctx/rows/"]));
    assert_eq!(rows["page_routes"], serde_json::json!(["/rows/<id>/"]));
    let output = backend.run(Application::Conformance, &["mizan", "nothing"], &[]).unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
}

fn the_graph_is_printed(backend: &Backend) {
    let output = backend.run(Application::Conformance, &["mizan", "graph"], &[]).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "context user(page, user_id)",
        "  page mixed_page, GET /mixed/<slug>/ at ",
        "  private changed by stripe_webhook (every entry), POST /webhooks/stripe/ at ",
        "  changed by update_profile_view (by user_id), POST /profile/<user_id>/update/ at ",
    ] {
        assert!(text.contains(line), "{line}\n\n{text}");
    }
}

cases! {
    "starting", OUTSIDE =>
        a_bad_setting_is_refused_at_start
        a_signal_right_after_the_address_is_heard
        secrets_are_not_logged;
    "manifest", SCHEMA =>
        documents_are_printed;
    "manifest", MANIFEST, RustCore =>
        the_graph_is_printed;
}

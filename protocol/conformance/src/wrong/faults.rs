//! The faults, each with the case that names it.

use serde_json::{Value, json};

use super::{Fault, header, lines, replays, without};

const NONE: Fault = Fault::NONE;

/// A fault of responses.
macro_rules! fault {
    ($name:literal, $case:literal, $change:expr) => {
        Fault { name: $name, caught_by: $case, on_response: $change, ..NONE }
    };
}

/// Every fault that the suite is known to name.
pub const FAULTS: &[Fault] = &[
    fault!(
        "no Cache-Control",
        "paths::the_slash_at_the_end_makes_no_difference",
        |_, _, response| {
            without(response, "cache-control");
        }
    ),
    fault!("no X-Content-Type-Options", "paths::one_member_is_read_alone", |_, _, response| {
        without(response, "x-content-type-options");
    }),
    fault!("a content type with a parameter", "paths::the_schema_is_not_told", |_, _, response| {
        header(response, "content-type", |value| format!("{value}; charset=utf-8"));
    }),
    fault!(
        "403 in place of 401",
        "exchanges::every_session_of_the_vectors_opens_what_its_subject_may",
        |_, _, response| {
            if response.status == 401 {
                response.status = 403;
            }
        }
    ),
    fault!(
        "400 in place of 422",
        "hostile::bodies::wrong_types_name_their_argument",
        |_, _, response| {
            if response.status == 422 {
                response.status = 400;
            }
        }
    ),
    fault!(
        "a code of its own",
        "exchanges::details_of_a_function_reach_the_client",
        |_, _, response| {
            if response.status == 404 {
                super::json(response, |json| json["error"]["code"] = json!("GONE"));
            }
        }
    ),
    fault!(
        "an error without its envelope",
        "exchanges::details_of_a_function_reach_the_client",
        |_, _, response| {
            if response.status >= 400 {
                super::json(response, |json| *json = json["error"].clone());
            }
        }
    ),
    fault!(
        "details are lost",
        "exchanges::details_of_a_function_reach_the_client",
        |_, _, response| {
            super::json(response, |json| remove(&mut json["error"], "details"));
        }
    ),
    fault!(
        "an internal text is shown",
        "exchanges::details_of_a_function_reach_the_client",
        |_, _, response| {
            if response.status == 500 {
                super::json(response, |json| {
                    json["error"]["message"] = json!("the secret text of boom")
                });
            }
        }
    ),
    fault!(
        "a HEAD without the length",
        "paths::head_is_get_without_a_body",
        |_, seen, response| {
            if seen.method == "HEAD" {
                header(response, "content-length", |_| "0".into());
            }
        }
    ),
    fault!(
        "a 405 without Allow",
        "paths::other_methods_say_which_are_answered",
        |_, _, response| {
            without(response, "allow");
        }
    ),
    fault!(
        "a route that moves to nowhere",
        "routes::routes_answer_beside_the_protocol",
        |_, _, response| {
            without(response, "location");
        }
    ),
    fault!(
        "no X-Mizan-Invalidate",
        "paths::body_and_header_name_the_same_targets",
        |_, _, response| {
            without(response, "x-mizan-invalidate");
        }
    ),
    fault!(
        "targets of the header in another order",
        "paths::body_and_header_name_the_same_targets",
        |_, _, response| {
            header(response, "x-mizan-invalidate", |value| reversed(value, ", "));
        }
    ),
    fault!(
        "parameters of the header in another order",
        "paths::body_and_header_name_the_same_targets",
        |_, _, response| {
            header(response, "x-mizan-invalidate", |value| match value.split_once(';') {
                Some((context, params)) if !value.contains(", ") => {
                    format!("{context};{}", reversed(params, ";"))
                }
                _ => value.to_owned(),
            });
        }
    ),
    fault!(
        "values of the header as they are",
        "paths::body_and_header_name_the_same_targets",
        |_, _, response| {
            header(response, "x-mizan-invalidate", |value| {
                value.replace("%2C", ",").replace("%3B", ";")
            });
        }
    ),
    fault!(
        "no targets in the body",
        "paths::body_and_header_name_the_same_targets",
        |_, _, response| {
            super::json(response, |json| remove(json, "invalidate"));
        }
    ),
    fault!(
        "a merge of another mode",
        "paths::body_and_header_name_the_same_targets",
        |_, _, response| {
            super::json(response, |json| {
                if json["merge"].is_array() {
                    json["merge"][0]["mode"] = json!("replace");
                }
            });
        }
    ),
    fault!(
        "a private function has an error of its own",
        "hostile::foreign::private_functions_cannot_be_told_from_unknown_ones",
        |_, seen, response| {
            if String::from_utf8_lossy(&seen.body).contains("stripe_webhook") {
                super::json(response, |json| json["error"]["message"] = json!("private"));
            }
        }
    ),
    fault!(
        "a failure that names no change",
        "faults::mutations::a_failure_after_the_change_still_tells_it",
        |_, _, response| {
            if response.status >= 400 {
                without(response, "x-mizan-invalidate");
                super::json(response, |json| remove(json, "invalidate"));
            }
        }
    ),
    fault!(
        "a 503 without Retry-After",
        "faults::mutations::a_wait_that_ends_early_ends_no_mutation",
        |_, _, response| {
            without(response, "retry-after");
        }
    ),
    fault!(
        "a 429 without Retry-After",
        "faults::rates::the_word_of_a_proxy_counts_where_it_is_trusted_alone",
        |_, _, response| {
            if response.status == 429 {
                without(response, "retry-after");
            }
        }
    ),
    fault!(
        "a rate that refuses with 503",
        "faults::rates::the_word_of_a_proxy_counts_where_it_is_trusted_alone",
        |_, _, response| {
            if response.status == 429 {
                response.status = 503;
            }
        }
    ),
    Fault {
        name: "pages of other sites are let in",
        caught_by: "faults::mutations::a_refused_call_tells_nothing",
        on_request: |seen| seen.without("sec-fetch-site"),
        ..NONE
    },
    Fault {
        name: "cookies need no proof",
        caught_by: "csrf::several_cookie_headers_are_one_list",
        on_request: |seen| seen.without("cookie"),
        ..NONE
    },
    fault!(
        "a cookie that is kept is set again",
        "csrf::the_plain_cookie_has_no_prefix_and_a_good_one_is_kept",
        |_, seen, response| {
            if seen.target.contains("/session") && response.header("set-cookie").is_none() {
                response.headers.push(("set-cookie".into(), "mizan_csrf=again; Path=/".into()));
            }
        }
    ),
    fault!(
        "a cookie without HttpOnly",
        "csrf::a_public_origin_of_https_changes_cookie_and_origin",
        |_, _, response| {
            header(response, "set-cookie", |value| value.replace("; HttpOnly", ""));
        }
    ),
    fault!(
        "a cookie without its prefix",
        "csrf::a_public_origin_of_https_changes_cookie_and_origin",
        |_, _, response| {
            header(response, "set-cookie", |value| value.replace("__Host-", ""));
        }
    ),
    fault!(
        "a stale read",
        "cache::scopes::a_mutation_with_fewer_parameters_makes_every_page_old::in_memory",
        replays::by_target
    ),
    fault!(
        "a key with the raw parameter",
        "cache::entries::other_spellings_of_a_parameter_hit_the_same_entry::in_memory",
        replays::of_spellings
    ),
    fault!(
        "a key without the caller",
        "cache::entries::users_whose_ids_look_alike_are_kept_apart::in_memory",
        replays::by_target
    ),
    fault!(
        "the guard comes after the cache",
        "cache::guards::who_is_no_longer_staff_gets_nothing_that_staff_was_given::in_memory",
        replays::before_the_guard
    ),
    fault!(
        "errors are cached",
        "cache::entries::errors_are_never_cached::in_memory",
        replays::of_errors
    ),
    fault!(
        "no X-Mizan-Cache",
        "cache::entries::the_header_says_how_a_read_was_answered::in_memory",
        |_, _, response| {
            without(response, "x-mizan-cache");
        }
    ),
    fault!(
        "tokens outlive their session",
        "identity::logout::a_sign_out_ends_every_token::in_memory",
        replays::by_credential
    ),
    fault!(
        "a refresh token is good twice",
        "identity::refresh::a_token_that_comes_twice_ends_its_family::in_memory",
        replays::of_refreshes
    ),
    fault!(
        "a batch without its end",
        "lists::batch::each_entry_is_answered_as_its_own_get",
        |_, _, response| {
            lines(response, |lines| drop(lines.pop()));
        }
    ),
    fault!(
        "a line of another entry",
        "lists::batch::each_entry_is_answered_as_its_own_get",
        |_, _, response| {
            lines(response, |lines| {
                for line in lines {
                    match line["e"].as_u64() {
                        Some(0) => line["e"] = json!(1),
                        Some(1) => line["e"] = json!(0),
                        _ => {}
                    }
                }
            });
        }
    ),
    fault!(
        "a page without what comes next",
        "lists::pages::pages_hold_every_item_once_and_in_order",
        |_, _, response| {
            super::json(response, |json| {
                if json["orders"].is_object() {
                    json["orders"]["next"] = Value::Null;
                }
            });
        }
    ),
    fault!(
        "a page skips an item",
        "lists::pages::pages_hold_every_item_once_and_in_order",
        |_, seen, response| {
            super::json(response, |json| {
                if seen.target.contains("after=")
                    && json["orders"]["items"].as_array().is_some_and(|items| items.len() > 1)
                {
                    json["orders"]["items"].as_array_mut().map(|items| items.remove(0));
                }
            });
        }
    ),
    fault!(
        "a call brings nothing",
        "lists::refresh::a_call_brings_what_it_made_stale",
        |_, _, response| {
            super::json(response, |json| remove(json, "refresh"));
        }
    ),
    fault!(
        "a call brings what was before",
        "lists::refresh::a_call_brings_what_it_made_stale",
        |_, _, response| {
            super::json(response, |json| {
                for item in json["refresh"].as_array_mut().into_iter().flatten() {
                    if item["data"]["total"].is_number() {
                        item["data"]["total"] = json!(50);
                    }
                }
            });
        }
    ),
];

fn remove(json: &mut Value, name: &str) {
    if let Some(object) = json.as_object_mut() {
        object.remove(name);
    }
}

fn reversed(text: &str, separator: &str) -> String {
    let parts: Vec<&str> = text.split(separator).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join(separator)
}

//! Roles, transports, routes and scopes.

use expect_test::expect;
use mizan_core::Builder;

use super::check;
use crate::support::{function, view};

#[test]
fn roles_contradict_each_other() {
    check(
        [
            function("a", &[]).context("c").affects("c"),
            function("b", &[]).context("c").merge("c"),
            function("d", &[]).context("c").private(),
            function("e", &[]).key("id"),
            view("f", &[]).merge("c"),
        ],
        expect![[r#"
            mizan found 5 problems

            1. `a` has both `context` and `affects`
                 `a`
               help: a function either belongs to a context or invalidates one; remove one of the two

            2. `b` has both `context` and `merge`
                 `b`
               help: a function either belongs to a context or changes one; remove one of the two

            3. `d` is private and belongs to a context
                 `d`
               help: a context is read by clients; remove `private` or `context`

            4. `e` has `key` and no `merge`
                 `e`
               help: a key finds the element that a merge replaces; add `merge` or remove it

            5. `f` is a view and has `merge`
                 `f`
               help: only data can be merged; use `affects`"#]],
    );
}

#[test]
fn a_context_mixes_transports() {
    check(
        [function("a", &[]).context("c").websocket(), function("b", &[]).context("c")],
        expect![[r#"
            mizan found 1 problem

            1. context `c` mixes members over WebSocket and HTTP
                 `a`
               help: a bundle is read over one transport; set `websocket` on every member or on none"#]],
    );
}

#[test]
fn routes_are_wrong() {
    check(
        [
            view("a", &["id"]).route("/x/<id>/"),
            view("b", &["name:text"]).route("/x/<name>/"),
            view("c", &[]).route("x"),
            view("d", &[]).route("/<id>/"),
            view("e", &[]).route("/a b/"),
            view("f", &[]).route("/f/").method("FETCH"),
            view("i", &["id"]).route("/i/<id>/<id>/"),
            view("j", &[]).route("/j//j/"),
            view("k", &[]).route("/k/../"),
            view("l", &[]).route("/slash/"),
            view("m", &[]).route("/slash"),
            function("g", &[]).method("GET"),
            function("h", &[]).route("/h/"),
        ],
        expect![[r#"
            mizan found 11 problems

            1. `FETCH` of `f` is not a method
                 `f`
               help: use GET, HEAD, POST, PUT, PATCH or DELETE

            2. `g` has `methods` and no `route`
                 `g`
               help: methods belong to a route; add `route = "/…/"` or remove them

            3. two functions respond to POST /x/<name>/
                 `a`
                 `b`
               help: give one another route or another method

            4. route `x` of `c` does not start with `/`
                 `c`
               help: write the whole path

            5. route `/<id>/` of `d` names `id`, which is not an argument of it
                 `d`
               help: name an argument of the function between `<` and `>`

            6. part `a b` of route `/a b/` of `e` is not a path part
                 `e`
               help: use letters, digits and `-._~`, or `<name>` alone between two `/`

            7. `h` has a route and returns data
                 `h`
               help: a route is for people and machines without our client; return `View`, or make it `private` for machines alone

            8. route `/i/<id>/<id>/` of `i` names `id` twice
                 `i`
               help: an argument has one value; name it once

            9. part `` of route `/j//j/` of `j` is not a path part
                 `j`
               help: use letters, digits and `-._~`, or `<name>` alone between two `/`

            10. part `..` of route `/k/../` of `k` is not a path part
                 `k`
               help: use letters, digits and `-._~`, or `<name>` alone between two `/`

            11. two functions respond to POST /slash
                 `l`
                 `m`
               help: give one another route or another method"#]],
    );
}

#[test]
fn one_route_may_have_two_methods() {
    let functions =
        [view("a", &[]).route("/x/").method("GET"), view("b", &[]).route("/x/").method("POST")];
    Builder::empty().functions(functions).build().unwrap();
}

#[test]
fn a_scope_is_wrong() {
    check(
        [
            function("read", &["user_id"]).context("user"),
            function("a", &["user_id:text"]).affects("user"),
            function("b", &["id"]).affects("user").scope("user_id", "nothing"),
            function("d", &["id"]).affects("user").scope("nothing", "id"),
        ],
        expect![[r#"
            mizan found 3 problems

            1. argument `user_id` of `a` and parameter `user_id` of context `user` have different types
                 `a`
               help: give them one type if they mean the same thing, else write `.scope_none()`

            2. `scope` of `b` names `nothing`, which is not an argument of it
                 `b`
               help: write `scope = [parameter_of_the_context = argument]`

            3. `scope` of `d` names `nothing`, which no target has
                 `d`
               help: name a parameter of a context that the function affects"#]],
    );
}

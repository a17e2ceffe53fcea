//! Pages that are components, and which of them are kept.

use super::Builder;
use crate::cache::{CacheSetup, PagePlan};
use crate::error::{BuildProblem, BuildProblems};
use crate::function::Function;
use crate::graph::{FunctionId, Graph};
use crate::pages::{PageService, Pages};
use crate::visibility::Visibility;

impl Builder {
    /// Renders the views that are components ([`View::page`](crate::View::page)).
    ///
    /// A page of a public context is kept in the cache, if there is one, and rendered again when something has changed that
    /// it is made of, before anyone asks for it. Every other page is rendered for its request.
    ///
    /// Default: none, and a view that is a component is an error. Example: `.pages(Pages::new("client/dist"))`.
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = Some(pages);
        self
    }
}

/// Decides which pages are kept. Why others are not is logged.
pub(super) fn planned(
    mut pages: PageService,
    graph: &Graph,
    cache: Option<&CacheSetup>,
    warnings: &mut Vec<String>,
) -> PageService {
    pages.listed = listed(graph).filter_map(|(view, listing, _)| Some((view, listing?))).collect();
    let Some(cache) = cache else {
        warnings.push(
            "no page is kept, since there is no cache: each is rendered for its request".into(),
        );
        return pages;
    };
    if !pages.renders() {
        return pages;
    }
    for (id, function) in shown(graph) {
        match PagePlan::of(graph, id, cache.policy.ttl) {
            Ok(plan) => drop(pages.plans.insert(id, plan)),
            Err(why) => {
                tracing::info!(function = &*function.name, %why, "what a view shows is made for each request");
            }
        }
    }
    pages
}

/// Each view whose pages are listed, with the function that lists them, if there is one, and the path that was written.
fn listed(graph: &Graph) -> impl Iterator<Item = (FunctionId, Option<FunctionId>, &'static str)> {
    graph.functions.iter().filter_map(|node| {
        let (id, path) = node.function.pages?;
        let listing = graph.functions.iter().find(|other| other.function.id == Some(id));
        let listing = listing.and_then(|other| graph.function(&other.function.name));
        Some((graph.function(&node.function.name)?, listing, path))
    })
}

/// Refuses what cannot list pages.
pub(super) fn check_listings(graph: &Graph, problems: &mut BuildProblems) {
    for (view, listing, path) in listed(graph) {
        let view = &graph[view].function;
        let listing = listing.map(|id| &graph[id]);
        let problem = match listing {
            None => "has no `#[client(private)]`, or is not linked",
            Some(node) if node.function.is_view() => "gives a view",
            Some(node) if !node.touched.is_empty() => "changes something",
            Some(node) if node.function.arguments.iter().any(|argument| argument.required) => {
                "has arguments"
            }
            Some(node) if node.function.widest_visibility() > Visibility::Public => {
                "or its guard sees who is calling"
            }
            Some(_) => continue,
        };
        problems.add(BuildProblem::new(
            format!("`{path}`, which lists the pages of `{}` at {}, {problem}", view.name, view.location),
            "name a function with `#[client(private)]` and no arguments, which gives a list of objects with the arguments of \
             each page",
        ));
    }
}

/// The view functions that a browser reaches by GET.
fn shown(graph: &Graph) -> impl Iterator<Item = (FunctionId, &Function)> {
    let functions = graph.functions.iter();
    let views = functions.filter(|node| node.touched.is_empty()).map(|node| &node.function);
    let views = views.filter(|function| {
        function.is_view() && function.route.is_some() && function.webhook.is_none()
    });
    views.filter_map(|function| Some((graph.function(&function.name)?, function)))
}

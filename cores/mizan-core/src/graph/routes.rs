//! Routes: the paths outside of the mount point, each part of which is fixed or an argument.

use std::collections::BTreeMap;

use matchit::Router;

use super::ids::FunctionId;
use super::report::Report;
use crate::error::BuildProblems;
use crate::function::Function;

/// Every route. A fixed part goes before an argument; a slash at the end makes no difference.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    router: Router<usize>,
    resources: Vec<Resource>,
}

/// What answers at the paths of one shape.
#[derive(Debug, Default)]
pub(crate) struct Resource {
    /// As it was first written.
    pub(crate) pattern: String,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    method: String,
    function: FunctionId,
    /// The arguments that parts of the path stand for, in their order.
    arguments: Vec<String>,
    /// Whether the function declares a change.
    changes: bool,
}

/// A path that has a route.
#[derive(Debug)]
pub(crate) struct Found<'r, 'p> {
    resource: &'r Resource,
    parts: Vec<&'p str>,
}

impl Routes {
    /// Reads the routes of functions that are sorted by name; reports those that are malformed, name
    /// an unknown argument, return data, or appear twice.
    pub(super) fn read(functions: &[Function], report: &mut BuildProblems) -> Self {
        let mut shapes: BTreeMap<String, Resource> = BTreeMap::new();
        for (at, function) in functions.iter().enumerate() {
            let Some(route) = &function.route else { continue };
            let Some((shape, arguments)) = shape(function, route, report) else { continue };
            if !function.is_view() && !function.private {
                report.report(
                    format!("`{}` has a route and returns data", function.name),
                    &[function],
                    "a route is for people and machines without our client; return `View`, or make it `private` for \
                     machines alone",
                );
            }
            let resource = shapes.entry(shape).or_default();
            if resource.pattern.is_empty() {
                resource.pattern = route.to_string();
            }
            for method in methods(function) {
                if let Some(first) = resource.endpoints.iter().find(|known| known.method == method)
                {
                    report.report(
                        format!("two functions respond to {method} {route}"),
                        &[&functions[first.function.index()], function],
                        "give one another route or another method",
                    );
                }
                let (method, arguments) = (method.to_owned(), arguments.clone());
                let changes = !(function.affects.is_empty() && function.merge.is_empty());
                resource.endpoints.push(Endpoint {
                    method,
                    function: FunctionId(at),
                    arguments,
                    changes,
                });
            }
        }
        let mut routes = Self::default();
        for (shape, resource) in shapes {
            let pattern = resource.pattern.clone();
            match routes.router.insert(shape, routes.resources.len()) {
                Ok(()) => routes.resources.push(resource),
                Err(error) => {
                    let parties =
                        resource.endpoints.iter().map(|known| &functions[known.function.index()]);
                    report.report(
                        format!("route `{pattern}` conflicts with another route: {error}"),
                        &parties.collect::<Vec<_>>(),
                        "give it another path",
                    );
                }
            }
        }
        routes
    }

    /// Whether there is no route at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// Every resource, sorted by the shape of its path.
    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// What is at a path.
    pub(crate) fn find<'p>(&self, path: &'p str) -> Option<Found<'_, 'p>> {
        if self.is_empty() {
            return None;
        }
        let found = self.router.at(without_end(path)).ok()?;
        let resource = self.resources.get(*found.value)?;
        Some(Found { resource, parts: found.params.iter().map(|(_, part)| part).collect() })
    }
}

impl<'r, 'p> Found<'r, 'p> {
    /// The function for a method, and its arguments in the path, still encoded. `HEAD` is answered
    /// where `GET` is and changes nothing.
    pub(crate) fn function(&self, method: &str) -> Option<(FunctionId, Vec<(&'r str, &'p str)>)> {
        let named = |name: &str| self.resource.endpoints.iter().find(|known| known.method == name);
        let found = match (named(method), method) {
            (None, "HEAD") => named("GET").filter(|known| !known.changes),
            (found, _) => found,
        }?;
        let names = found.arguments.iter().map(String::as_str);
        Some((found.function, names.zip(self.parts.iter().copied()).collect()))
    }

    /// The methods that are answered here, as the header `Allow` lists them.
    pub(crate) fn allow(&self) -> String {
        let endpoints = &self.resource.endpoints;
        let mut methods: Vec<&str> = endpoints.iter().map(|known| &*known.method).collect();
        let shows = |known: &Endpoint| known.method == "GET" && !known.changes;
        if endpoints.iter().any(shows) && !methods.contains(&"HEAD") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        methods.join(", ")
    }
}

/// The methods of a route: those that are given, else GET for reads and POST for mutations.
pub(crate) fn methods(function: &Function) -> Vec<&str> {
    match (&function.methods, &function.context) {
        (Some(methods), _) => methods.iter().map(|method| &**method).collect(),
        (None, Some(_)) => vec!["GET"],
        (None, None) => vec!["POST"],
    }
}

fn without_end(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(path) => path,
    }
}

/// A route as the router writes it, by which two are compared, and the arguments that it names.
fn shape(
    function: &Function,
    route: &str,
    report: &mut BuildProblems,
) -> Option<(String, Vec<String>)> {
    let mut fault = |message: String, help: &str| {
        report.report(message, &[function], help);
        None
    };
    let plain = |part: &str| {
        !matches!(part, "." | "..")
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    let Some(rest) = without_end(route).strip_prefix('/') else {
        return fault(
            format!("route `{route}` of `{}` does not start with `/`", function.name),
            "write the whole path",
        );
    };
    let (mut shape, mut arguments) = (String::new(), Vec::new());
    for part in rest.split('/') {
        shape.push('/');
        match part.strip_prefix('<').and_then(|part| part.strip_suffix('>')) {
            Some(name) if arguments.iter().any(|known| known == name) => {
                return fault(
                    format!("route `{route}` of `{}` names `{name}` twice", function.name),
                    "an argument has one value; name it once",
                );
            }
            Some(name) if function.argument(name).is_some() => {
                shape.push_str(&format!("{{{}}}", arguments.len()));
                arguments.push(name.to_owned());
            }
            Some(name) => {
                return fault(
                    format!(
                        "route `{route}` of `{}` names `{name}`, which is not an argument of it",
                        function.name
                    ),
                    "name an argument of the function between `<` and `>`",
                );
            }
            None if plain(part) && (!part.is_empty() || rest.is_empty()) => shape.push_str(part),
            None => {
                return fault(
                    format!(
                        "part `{part}` of route `{route}` of `{}` is not a path part",
                        function.name
                    ),
                    "use letters, digits and `-._~`, or `<name>` alone between two `/`",
                );
            }
        }
    }
    Some((shape, arguments))
}

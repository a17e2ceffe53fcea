//! Which classes refer to each other in a circle: Tarjan's strongly connected components.

use serde_json::Value;

use super::classes::{Class, referred};

/// The number of the circle of each class; a class that is in none has a number of its own.
pub(super) fn circles(classes: &[Class]) -> Vec<usize> {
    let edges = classes.iter().map(|class| {
        let mut targets = Vec::new();
        collect(&class.schema, &mut targets);
        targets
    });
    let mut search = Search {
        edges: edges.collect(),
        order: vec![None; classes.len()],
        lowest: vec![0; classes.len()],
        open: Vec::new(),
        circle: vec![None; classes.len()],
        visited: 0,
    };
    for class in 0..classes.len() {
        search.from(class);
    }
    search.circle.into_iter().flatten().collect()
}

fn collect(schema: &Value, targets: &mut Vec<usize>) {
    targets.extend(referred(schema));
    match schema {
        Value::Object(map) => map.values().for_each(|value| collect(value, targets)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, targets)),
        _ => {}
    }
}

struct Search {
    edges: Vec<Vec<usize>>,
    order: Vec<Option<usize>>,
    lowest: Vec<usize>,
    open: Vec<usize>,
    circle: Vec<Option<usize>>,
    visited: usize,
}

impl Search {
    /// Without recursion: a chain of types may be long.
    fn from(&mut self, start: usize) {
        let mut stack = vec![(start, 0)];
        while let Some((class, next)) = stack.pop() {
            if next == 0 {
                if self.order[class].is_some() {
                    continue;
                }
                self.order[class] = Some(self.visited);
                self.lowest[class] = self.visited;
                self.visited += 1;
                self.open.push(class);
            } else {
                let child = self.edges[class][next - 1];
                if self.circle[child].is_none() {
                    self.lowest[class] = self.lowest[class].min(self.lowest[child]);
                }
            }
            if let Some(&child) = self.edges[class].get(next) {
                stack.push((class, next + 1));
                stack.push((child, 0));
            } else if self.order[class] == Some(self.lowest[class]) {
                while let Some(member) = self.open.pop() {
                    self.circle[member] = Some(class);
                    if member == class {
                        break;
                    }
                }
            }
        }
    }
}

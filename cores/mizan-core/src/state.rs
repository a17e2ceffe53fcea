//! Application data handed to functions: a connection pool, a mailer, a clock.

use std::any::{Any, TypeId, type_name};
use std::ops::Deref;
use std::sync::Arc;

/// A shared value that was given to the builder with [`Builder::state`](crate::Builder::state).
///
/// ```
/// use mizan_core::State;
/// let greeting = State::new(String::from("hello"));
/// assert_eq!(greeting.len(), 5);
/// ```
#[derive(Debug)]
pub struct State<T: ?Sized>(Arc<T>);

impl<T> State<T> {
    /// Wraps a value, for calling a function from a unit test.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: ?Sized> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for State<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A type of state that a function asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StateNeed {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

impl StateNeed {
    pub(crate) fn of<T: Send + Sync + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

pub(crate) type AnyState = Arc<dyn Any + Send + Sync>;

/// The states of one function, resolved to positions by `build()`.
#[derive(Debug, Clone, Default)]
pub(crate) struct States(Arc<[AnyState]>);

impl States {
    pub(crate) fn new(states: Vec<AnyState>) -> Self {
        Self(states.into())
    }

    /// The state at a position; `None` only if `build()` resolved it wrongly.
    pub(crate) fn get<T: Send + Sync + 'static>(&self, position: usize) -> Option<State<T>> {
        let state = Arc::clone(self.0.get(position)?);
        state.downcast().ok().map(State)
    }
}

//! The shipped code of the cache protocol under random schedules.
//!
//! Engines of mizan-core run over a simulated store. Every operation of the store takes several steps;
//! a random number decides who takes the next one, so reads and mutations of several processes meet in
//! every order. Processes are killed, the store restarts or evicts, operations are lost, leases run out,
//! each at random instants and within a budget. An observer knows every commit and every response, and
//! compares what each read returned.
//!
//! A schedule follows from its seed, but for the order in which one process renews several leases that
//! are due at one time. One that breaks a promise prints it:
//! `MIZAN_SEED=… cargo test -p mizan-cache-schedules NAME -- --nocapture` plays that one and prints each step.

mod case;
mod cast;
mod executor;
mod explore;
mod faults;
mod flight;
mod observer;
mod places;
mod report;
mod schedule;
mod store;
mod world;

pub use case::{Builds, Case, Defect, Faults};
pub use explore::explore;
pub use flight::explore_flights;
pub use report::{Counts, Failure, Report};

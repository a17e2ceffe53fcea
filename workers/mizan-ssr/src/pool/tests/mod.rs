//! The rules under fake time, with workers that are a few lines each.

mod faults;
mod load;
mod random;
mod replacement;
mod world;

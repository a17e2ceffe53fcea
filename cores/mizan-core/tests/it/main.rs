//! The core from outside, without a socket.

mod arguments;
mod calls;
mod declared;
mod graph;
mod guards;
mod oracle;
mod support;
mod vectors;

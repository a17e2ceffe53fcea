//! Signed tokens: the form that both kinds share, the JWT of a login, and the MWT of the edge.
//!
//! Nothing here knows requests, sessions or the time; all of it is given.

mod claims;
mod jws;
mod jwt;
mod mwt;
#[cfg(test)]
mod rfcs;
mod ring;
#[cfg(feature = "rs256")]
mod rs256;
#[cfg(test)]
mod tests;

pub(crate) use jws::Refused;
pub(crate) use jwt::{Jwt, JwtRules, Kind};
pub(crate) use mwt::Mwt;
pub use ring::KeyRing;

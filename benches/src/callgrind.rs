//! What one request costs in user space, counted by valgrind's callgrind: noise cannot touch it.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::load::repeat;
use crate::process::Server;

/// Two run lengths: start, warm-up and stop are in both, so their difference is requests alone.
const SHORT: usize = 2_000;
const LONG: usize = 12_000;

/// The functions of libc that allocate.
const ALLOCATORS: &[&str] = &["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"];

/// What one request costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Instructions in user space, of all threads.
    pub instructions: f64,
    /// Calls that allocate or reallocate.
    pub allocations: f64,
}

/// A server to be counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// The argument that makes this binary the server.
    pub role: &'a str,
    /// More in its environment.
    pub environment: &'a [(&'a str, &'a str)],
    /// The request that is repeated.
    pub request: &'a str,
    /// A name for the profiles.
    pub name: &'a str,
}

impl Counted<'_> {
    /// Counts, and gives the last response too. Two profiles stay in the folder.
    pub fn count(&self, folder: &Path) -> io::Result<(Cost, String)> {
        let (short, _) = self.run(folder, SHORT)?;
        let (long, response) = self.run(folder, LONG)?;
        let per_request =
            |long: u64, short| long.saturating_sub(short) as f64 / (LONG - SHORT) as f64;
        let cost = Cost {
            instructions: per_request(long.instructions, short.instructions),
            allocations: per_request(long.allocations, short.allocations),
        };
        Ok((cost, response))
    }

    fn run(&self, folder: &Path, times: usize) -> io::Result<(Totals, String)> {
        let file: PathBuf = folder.join(format!("{}-{times}.out", self.name));
        let out = format!("--callgrind-out-file={}", file.display());
        let valgrind = ["valgrind", "--quiet", "--tool=callgrind", &out];
        let server = Server::start_under(&valgrind, self.role, self.environment)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let response = runtime.block_on(repeat(server.address, self.request, times))?;
        server.end()?;
        let totals = totals(&std::fs::read_to_string(&file)?).ok_or_else(|| {
            io::Error::other(format!("{} is not a profile of callgrind", file.display()))
        })?;
        Ok((totals, response))
    }
}

/// What a profile counts.
#[derive(Debug, PartialEq)]
pub struct Totals {
    /// In user space.
    pub instructions: u64,
    /// Calls of an allocator.
    pub allocations: u64,
}

/// Reads a profile. A function is `fn=(7) name` where it is first seen and `fn=(7)` from then on; a
/// call is `cfn=(7)` and, on a line below, `calls=` with their number.
pub fn totals(profile: &str) -> Option<Totals> {
    let (mut instructions, mut allocations) = (None, 0);
    let (mut allocators, mut calls_one) = (HashSet::new(), false);
    for line in profile.lines() {
        let Some((key, value)) = line.split_once(['=', ':']) else { continue };
        match key {
            "fn" | "cfn" => {
                let (id, name) = value.split_once(' ').unwrap_or((value, ""));
                // A function that calls itself is `name'2` in there.
                if ALLOCATORS.contains(&name.split('\'').next().unwrap_or_default()) {
                    allocators.insert(id);
                }
                calls_one = key == "cfn" && allocators.contains(id);
            }
            "calls" if calls_one => {
                allocations += value.split(' ').next()?.parse::<u64>().ok()?;
            }
            "totals" => instructions = Some(value.trim().parse().ok()?),
            _ => {}
        }
    }
    Some(Totals { instructions: instructions?, allocations })
}

//! One line in the log for each event that an operator can act on.

use tracing::{debug, info, warn};

use crate::pool::{Event, WorkerId};

pub(crate) fn event(event: &Event) {
    match event {
        Event::Ready { worker, after } => debug!(worker, ?after, "render worker ready"),
        Event::Died { worker, ready: true, renders, pause } => {
            warn!(
                worker,
                renders,
                ?pause,
                "render worker died; its renders get another one, and a new one starts after a pause"
            );
        }
        Event::Died { worker, pause, .. } => {
            warn!(worker, ?pause, "render worker ended before it was ready; its output says why");
        }
        Event::NotReady { worker } => {
            warn!(
                worker,
                "render worker killed: not ready in time; raise `ready_within` if its bundle is slow to load"
            );
        }
        Event::Hung { worker, component } => {
            warn!(
                worker,
                component,
                "render worker killed: a render took longer than the deadline; make the component faster, or raise `deadline`"
            );
        }
        Event::Unresponsive { worker } => {
            warn!(
                worker,
                "render worker killed: idle and not responding; look for a loop outside of components"
            );
        }
        Event::Quarantined { component } => {
            warn!(
                component,
                "input refused for 10 minutes: two workers died with it; render the component with these props in a test"
            );
        }
        Event::Opened => {
            warn!(
                "render workers die one after the other: pages render in the browser, and one worker is tried every 5 s; their output says why"
            );
        }
        Event::Closed => info!("render workers are up again"),
        Event::Recycled { worker } => debug!(worker, "render worker replaced"),
        Event::SwapFailed => {
            warn!("the new render workers did not become ready; the old ones go on")
        }
    }
}

/// A line that a worker wrote.
pub(crate) fn line(worker: WorkerId, line: &str, withheld: u64) {
    if withheld > 0 {
        warn!(worker, withheld, "lines of render workers not logged: more than 20 in a second");
    }
    info!(worker, "{line}");
}

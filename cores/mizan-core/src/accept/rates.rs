//! What is counted of a request before any guard, argument or mark: a unit for each run of a function.

use std::net::IpAddr;

use crate::accounts::Caller;
use crate::dispatch::{Selection, argument_json};
use crate::error::Result;
use crate::function::Rate;
use crate::graph::FunctionNode;
use crate::rates::{Ask, Counted};
use crate::registry::Mizan;

/// Who sends a request, and from where.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) caller: &'a Caller,
    pub(super) address: Option<IpAddr>,
}

impl<'a> Sent<'a> {
    /// Whose runs are counted together: those of a subject, else of a session, else of an address.
    fn counted(self) -> Counted<'a> {
        match (&self.caller.identity, &self.caller.session) {
            (Some(identity), _) => Counted::Subject(identity.subject()),
            (None, Some(session)) => Counted::Session(session),
            (None, None) => Counted::Address(self.address),
        }
    }

    fn is_anonymous(self) -> bool {
        self.caller.identity.is_none()
    }
}

/// What a function's own rates ask for. An argument that cannot be read is not counted: its function does not run.
fn asks<'a>(
    node: &'a FunctionNode,
    sent: Sent<'a>,
    value: impl Fn(usize) -> Option<Vec<u8>> + 'a,
) -> impl Iterator<Item = Ask> + 'a {
    let function = &node.function;
    function.rules().filter_map(move |rule| match &rule.by {
        None => Some(Ask::new(&function.name, rule.rate, 1, sent.counted())),
        Some(by) => {
            let json = value(function.argument(by)?.0)?;
            Some(Ask::new(&function.name, rule.rate, 1, Counted::Value(by, &json)))
        }
    })
}

impl Mizan {
    /// Counts a call, or a page.
    ///
    /// # Errors
    /// `TOO_MANY_REQUESTS` where a rate of the function or of strangers has no room; nothing is counted then.
    pub(super) async fn count_call(
        &self,
        node: &FunctionNode,
        is_page: bool,
        sent: Sent<'_>,
        value: impl Fn(usize) -> Option<Vec<u8>>,
    ) -> Result<()> {
        if !self.0.rates.count_runs() {
            return Ok(());
        }
        let limits = self.0.rates.limits;
        let strangers = if is_page {
            self.strangers("reads", limits.anonymous_reads, 1, sent)
        } else {
            self.strangers("calls", limits.anonymous_calls, 1, sent)
        };
        let asked: Vec<Ask> = asks(node, sent, value).chain(strangers).collect();
        self.0.rates.take(&asked).await
    }

    /// Counts a read: a unit for each member that is wanted, and for each in its own rates. A response of the cache
    /// counts as well.
    ///
    /// # Errors
    /// As [`Mizan::count_call`].
    pub(super) async fn count_read(
        &self,
        selection: &Selection<'_, '_>,
        sent: Sent<'_>,
    ) -> Result<()> {
        if !self.0.rates.count_runs() {
            return Ok(());
        }
        let rate = self.0.rates.limits.anonymous_reads;
        let strangers = self.strangers("reads", rate, selection.members().count(), sent);
        let mut asked: Vec<Ask> = strangers.into_iter().collect();
        for node in selection.members() {
            asked.extend(asks(node, sent, |at| argument_json(node, selection.source(), at)));
        }
        self.0.rates.take(&asked).await
    }

    /// Counts a change of the session.
    ///
    /// # Errors
    /// As [`Mizan::count_call`].
    pub(super) async fn count_session(&self, sent: Sent<'_>) -> Result<()> {
        let Some(rate) = self.0.rates.limits.sessions else { return Ok(()) };
        self.0.rates.take(&[Ask::new("session/", rate, 1, sent.counted())]).await
    }

    fn strangers(
        &self,
        name: &str,
        rate: Option<Rate>,
        runs: usize,
        sent: Sent<'_>,
    ) -> Option<Ask> {
        let rate = rate.filter(|_| sent.is_anonymous())?;
        // No function has a name with a slash.
        Some(Ask::new(&format!("{name}/"), rate, runs, Counted::Address(sent.address)))
    }
}

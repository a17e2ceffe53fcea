//! What holds for both databases beyond the contract.

use std::sync::Arc;
use std::time::Duration;

use mizan_core::testing::sessions::{Stores, step};
use mizan_core::{ErrorCode, Session, SessionStore};
use mizan_sqlx::SqlSessions;

pub(crate) fn stores(sessions: &[SqlSessions; 2]) -> Stores {
    sessions.clone().map(|sessions| Arc::new(sessions) as Arc<dyn SessionStore>)
}

/// Sign-ins at one time in two processes: there is never one more than the bound.
pub(crate) async fn the_bound_holds_under_a_race(stores: &Stores) {
    step(&*stores[0], "keep parent 6").await;
    for parent in [None, Some("parent")] {
        let tries: Vec<_> = (0..24)
            .map(|at| {
                let store = Arc::clone(&stores[at % 2]);
                tokio::spawn(async move {
                    let mut session = Session::new("5", 1_700_000_000);
                    session.parent = parent.map(str::to_owned);
                    session.label = "a \"label\" of é".into();
                    let id = format!("{parent:?}-{at}");
                    store.keep(&id, session, Duration::from_secs(600), 4).await.unwrap();
                    store.of("5", 0, 1_000).await.unwrap().len()
                })
            })
            .collect();
        for tried in tries {
            let many = tried.await.unwrap();
            assert!(many <= 4, "{many} sessions where 4 are allowed");
        }
        assert_eq!(stores[1].of("5", 0, 1_000).await.unwrap().len(), 4);
        stores[0].end_all("5").await.unwrap();
    }
    stores[0].end_all("6").await.unwrap();
}

/// Tokens are given while their session is signed out: none of them is good afterwards.
pub(crate) async fn nothing_outlives_a_parent_that_ends_meanwhile(stores: &Stores) {
    for round in 0..60 {
        step(&*stores[0], "keep a 5").await;
        let keep = {
            let store = Arc::clone(&stores[0]);
            tokio::spawn(async move { step(&*store, "keep b 5 parent=a refresh=r").await })
        };
        let end = {
            let (store, all) = (Arc::clone(&stores[1]), round % 2 == 0);
            let text = if all { "endall 5" } else { "end a" };
            tokio::spawn(async move { step(&*store, text).await })
        };
        keep.await.unwrap();
        end.await.unwrap();
        assert_eq!(step(&*stores[0], "find b").await, "none", "round {round}");
    }
}

/// Every operation fails with `UNAVAILABLE`, and with a text that tells nothing.
pub(crate) async fn nothing_is_answered(store: &SqlSessions) {
    let session = Session::new("5", 1_700_000_000);
    let tokens = mizan_core::Exchange {
        last: "r1",
        next: "r2",
        issued: 1_700_000_007,
        time: Duration::from_secs(600),
        grace: Duration::ZERO,
    };
    let results = [
        store.find("a").await.map(drop),
        store.keep("a", session, Duration::from_secs(600), 10).await,
        store.end("a").await,
        store.end_all("5").await,
        store.exchange("a", tokens).await.map(drop),
        store.of("5", 0, 10).await.map(drop),
        store.check().await,
    ];
    for (at, result) in results.into_iter().enumerate() {
        let error = result.expect_err(&format!("operation {at}"));
        assert_eq!(error.code(), ErrorCode::Unavailable, "operation {at}");
        assert_eq!(error.message(), "the sessions cannot be reached");
    }
}

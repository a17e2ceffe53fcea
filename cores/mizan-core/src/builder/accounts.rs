//! Who is calling: an authenticator, or the framework's own sign-in.

use std::time::Duration;

use super::Builder;
use crate::accounts::{TokenPolicy, UserStore};
use crate::identity::Authenticator;
use crate::session::SessionStore;
use crate::token::KeyRing;

impl Builder {
    /// Decides who is calling. Without one every caller is anonymous.
    ///
    /// Default: every caller is anonymous. Example: `.authenticator(authenticator)`.
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Box::new(authenticator));
        self
    }

    /// The users of the application. With them the framework signs users in: sessions in a cookie,
    /// access and refresh tokens, and tokens for the edge. `build()` refuses it next to an authenticator.
    ///
    /// Default: none. Example: `.users(users)`.
    pub fn users(mut self, users: impl UserStore) -> Self {
        self.config.accounts.users = Some(Box::new(users));
        self
    }

    /// Where sessions are kept: in a database by the `SqlSessions` of `mizan-sqlx`, in a `RedisSessions`, or in a store
    /// of your own. Replaces the environment's `MIZAN_SESSION_REDIS_URL`. Without either they are in the memory of
    /// this process and end with it.
    ///
    /// Default: in the memory of this process. Example: `.sessions(MemorySessions::default())`.
    pub fn sessions(mut self, sessions: impl SessionStore) -> Self {
        self.config.accounts.sessions = Some(Box::new(sessions));
        self
    }

    /// How long a session lasts; two weeks unless said otherwise.
    ///
    /// Default: 14 days. Example: `.session_ttl(Duration::from_secs(86_400))`.
    pub fn session_ttl(mut self, time: Duration) -> Self {
        self.config.accounts.session_ttl = Some(time);
        self
    }

    /// How many sessions one subject has at one time: 100. With one more the oldest ends. Replaces the environment's
    /// `MIZAN_SESSIONS_PER_SUBJECT`. Each has 16 pairs of tokens at most.
    ///
    /// Default: 100. Example: `.sessions_per_subject(5)`.
    pub fn sessions_per_subject(mut self, sessions: usize) -> Self {
        self.config.accounts.sessions_per_subject = Some(sessions);
        self
    }

    /// How tokens are made and read. Replaces what the environment says, field by field.
    ///
    /// Default: `TokenPolicy::default()`. Example: `.tokens(TokenPolicy { issuer: Some("shop".into()), ..TokenPolicy::default() })`.
    pub fn tokens(mut self, policy: TokenPolicy) -> Self {
        self.config.accounts.tokens = policy;
        self
    }

    /// The keys of access and refresh tokens. Replaces the one that is made of `JWT_PRIVATE_KEY`.
    ///
    /// Default: one, made of `JWT_PRIVATE_KEY`. Example: `.jwt_keys(KeyRing::new(old).rotate_in("v2", new)?)`.
    pub fn jwt_keys(mut self, keys: KeyRing) -> Self {
        self.config.accounts.jwt_keys = Some(keys);
        self
    }

    /// The keys of edge tokens. Replaces the environment's `MIZAN_MWT_SECRET`.
    ///
    /// Default: one, made of `MIZAN_MWT_SECRET`. Example: `.edge_keys(KeyRing::new(edge))`.
    pub fn edge_keys(mut self, keys: KeyRing) -> Self {
        self.config.accounts.edge_keys = Some(keys);
        self
    }
}

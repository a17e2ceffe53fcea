//! `session/jwt/`, `session/refresh/`, `session/mwt/` and `DELETE session/`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{Accounts, Caller, Proof, not_good, refused};
use crate::clock::seconds_now;
use crate::error::{Error, Result};
use crate::http::Response;
use crate::identity::Identity;
use crate::secret::{hex, random};
use crate::session::{Exchange, Refresh, Session, name_of};
use crate::token::{Jwt, Kind, Mwt};

/// How many pairs of tokens one session has at one time.
const FAMILIES: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    refresh: String,
}

impl Accounts {
    /// Gives a pair of tokens for the session of a cookie. A token mints nothing: anyone who holds an
    /// access token for minutes would hold a refresh token for days.
    pub(crate) async fn issue(&self, caller: &Caller) -> Result<Response> {
        let (Some(Proof::Cookie), Some(parent), Some(identity)) =
            (caller.proof, &caller.session, &caller.identity)
        else {
            return Err(Error::unauthorized("tokens are given for a session"));
        };
        let (id, refresh) = (hex(&random::<32>()), hex(&random::<16>()));
        let mut session = Session::new(identity.subject(), seconds_now());
        session.parent = Some(parent.clone());
        session.refresh = Some(name_of(&refresh));
        self.sessions.keep(&id, session, self.refresh_time(), FAMILIES).await?;
        self.pair(identity, id, refresh, seconds_now())
    }

    /// Gives the next pair for a refresh token. Rights are read again. A token that comes once more soon,
    /// from another tab or since the response got lost, is given the same successor. One that comes
    /// again after that was copied: anyone who holds one of that family is signed out.
    pub(crate) async fn refresh(&self, body: &[u8]) -> Result<Response> {
        let body: RefreshBody = serde_json::from_slice(body)
            .map_err(|_| Error::field("refresh", "this argument is required, as text"))?;
        let jwt =
            Jwt::read(&body.refresh, Kind::Refresh, &self.jwt, seconds_now()).map_err(not_good)?;
        let last = jwt.id.ok_or_else(|| refused("it has no `jti`"))?;
        let session = self.live(&jwt.session).await?;
        if session.is_none_or(|session| session.subject != jwt.subject) {
            return Err(refused("its session is over"));
        }
        let Some(identity) = self.users.identity(&jwt.subject).await? else {
            self.sessions.end(&jwt.session).await?;
            return Err(refused("there is no such user"));
        };
        let mut successors = self.session_keys.successors(&jwt.session, &last);
        let next = successors.next().unwrap_or_default();
        let (now, family) = (seconds_now(), jwt.session.clone());
        let tokens = Exchange {
            last: &name_of(&last),
            next: &name_of(&next),
            issued: now,
            time: self.refresh_time(),
            grace: self.refresh_grace,
        };
        match self.sessions.exchange(&jwt.session, tokens).await? {
            Refresh::Rotated => return self.pair(&identity, family, next, now),
            Refresh::NoSession => return Err(refused("its session is over")),
            Refresh::Repeated { next: name, issued } => {
                // Made under an older key where the keys have changed in between.
                let same = std::iter::once(next).chain(successors).find(|id| name_of(id) == name);
                if let Some(next) = same {
                    return self.pair(&identity, family, next, issued);
                }
            }
            Refresh::Reused => {}
        }
        tracing::warn!("a refresh token came again: its family is revoked");
        self.sessions.end(&jwt.session).await?;
        Err(refused("it was used before"))
    }

    /// Gives a token for the edge, to anyone who has a session or an access token.
    pub(crate) fn edge_token(&self, caller: &Caller) -> Result<Response> {
        let (Some(Proof::Cookie | Proof::Bearer), Some(identity)) =
            (caller.proof, &caller.identity)
        else {
            return Err(Error::unauthorized("a token is given for a session"));
        };
        let mwt = Mwt {
            subject: identity.subject().to_owned(),
            staff: identity.is_staff(),
            superuser: identity.is_superuser(),
            rights_digest: identity.rights_digest(),
            session: caller.session.clone(),
        };
        let token = mwt.mint(&self.mwt.ring, seconds_now(), self.mwt.ttl);
        let token = token.map_err(|why| Error::internal(why.0))?;
        respond(&json!({ "token": token, "expires_in": self.mwt.ttl }))
    }

    /// A pair whose refresh token was made first at a time in seconds since the epoch.
    fn pair(
        &self,
        identity: &Identity,
        session: String,
        refresh: String,
        issued: u64,
    ) -> Result<Response> {
        let jwt = |id| Jwt {
            subject: identity.subject().to_owned(),
            session: session.clone(),
            staff: identity.is_staff(),
            superuser: identity.is_superuser(),
            id,
        };
        let mint = |kind, id, at| {
            let minted = jwt(id).mint(kind, &self.jwt, at);
            minted.map_err(|why| Error::internal(why.0))
        };
        respond(&json!({
            "access": mint(Kind::Access, None, seconds_now())?,
            "refresh": mint(Kind::Refresh, Some(refresh), issued)?,
            "expires_in": self.jwt.access_ttl,
        }))
    }

    fn refresh_time(&self) -> Duration {
        Duration::from_secs(self.jwt.refresh_ttl)
    }
}

fn respond(body: &serde_json::Value) -> Result<Response> {
    Ok(Response::json(serde_json::to_vec(body)?))
}

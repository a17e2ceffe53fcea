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
use crate::session::{Refresh, Session};
use crate::token::{Jwt, Kind, Mwt};

/// How many pairs of tokens one session has at one time.
const FAMILIES: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    refresh: String,
}

impl Accounts {
    /// Gives a pair of tokens for the session of a cookie. A token mints nothing: whoever holds an
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
        session.refresh = Some(refresh.clone());
        self.sessions.keep(&id, session, self.refresh_time(), FAMILIES).await?;
        self.pair(identity, id, refresh)
    }

    /// Gives the next pair for a refresh token, once. Rights are read anew. A token that comes a
    /// second time was copied: whoever holds one of that family is signed out.
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
        let next = hex(&random::<16>());
        match self.sessions.exchange(&jwt.session, &last, &next, self.refresh_time()).await? {
            Refresh::Rotated => self.pair(&identity, jwt.session, next),
            Refresh::NoSession => Err(refused("its session is over")),
            Refresh::Reused => {
                tracing::warn!("a refresh token came twice: its family is revoked");
                self.sessions.end(&jwt.session).await?;
                Err(refused("it was used before"))
            }
        }
    }

    /// Gives a token for the edge, to whoever has a session or an access token.
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

    fn pair(&self, identity: &Identity, session: String, refresh: String) -> Result<Response> {
        let jwt = |id| Jwt {
            subject: identity.subject().to_owned(),
            session: session.clone(),
            staff: identity.is_staff(),
            superuser: identity.is_superuser(),
            id,
        };
        let mint = |kind, id| {
            let minted = jwt(id).mint(kind, &self.jwt, seconds_now());
            minted.map_err(|why| Error::internal(why.0))
        };
        respond(&json!({
            "access": mint(Kind::Access, None)?,
            "refresh": mint(Kind::Refresh, Some(refresh))?,
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

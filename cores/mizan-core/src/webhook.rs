//! Signed webhooks, by the Standard Webhooks specification (standardwebhooks.com): a machine calls a
//! private function by its route, and a signature over the body proves which one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use zeroize::Zeroizing;

use crate::clock::seconds_now;
use crate::error::{Error, Result};
use crate::request::RawRequest;
use crate::secret::{Secret, check_unknown, equal, prepared};
use crate::state::{AnyState, StateNeed};

/// How far the clock of the sender may be from this server's, in seconds.
const TOLERANCE: u64 = 300;
/// The shortest secret that the specification allows, in bytes.
const SHORTEST: usize = 24;

/// The secrets that a sender signs with, and the check of what it sends.
///
/// A delivery has three headers: `webhook-id`, `webhook-timestamp` (seconds since the epoch) and
/// `webhook-signature`, a list of `v1,<base64>` separated by spaces, each HMAC-SHA256 over
/// `<id>.<timestamp>.<body>`.
///
/// The word `webhook` checks it before the function runs and before anything is marked: what is not signed makes nothing
/// stale, in no cache. It takes the state `Webhook`; `webhook = BankWebhook` takes another type that was given by
/// [`Builder::state`](crate::Builder::state) and is `AsRef<Webhook>`, for applications with several senders. The
/// signature covers the body alone, so no argument may be in the path or in the query, and the body is JSON.
///
/// ```standalone_crate
/// use mizan_core::{Context, RawRequest, Result, State, View, Webhook, client};
///
/// #[derive(Context)]
/// struct OrdersContext;
///
/// #[client(private, webhook, route = "/bank/paid/", affects = OrdersContext)]
/// async fn bank_paid(request: &RawRequest, bank: State<Webhook>, order_id: i64) -> Result<View> {
///     let delivery = bank.verify(request)?; // remember this id: a delivery may come twice
///     Ok(View::empty(204))
/// }
/// # #[client(context = OrdersContext)]
/// # async fn own_orders() -> Result<Vec<i64>> { Ok(vec![]) }
/// # let webhook = Webhook::new("0123456789abcdef0123456789abcdef")?;
/// # mizan_core::Mizan::builder().state(webhook).build().unwrap();
/// # Ok::<(), String>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    /// The newest first.
    keys: Vec<Zeroizing<Vec<u8>>>,
}

impl Webhook {
    /// A sender with this secret: `whsec_` and base64 of at least 24 bytes, or any text of at least
    /// 32 bytes.
    ///
    /// # Errors
    /// A text for the operator, where the base64 is invalid or its bytes are too few. For any other text
    /// as [`Secret::new`].
    pub fn new(secret: &str) -> Result<Self, String> {
        Ok(Self { keys: vec![key(secret)?] })
    }

    /// Takes another secret too, for as long as a rotation lasts.
    ///
    /// # Errors
    /// As [`Webhook::new`].
    pub fn with_previous_secret(mut self, secret: &str) -> Result<Self, String> {
        self.keys.push(key(secret)?);
        Ok(self)
    }

    /// Passes a request that the sender has signed within the last five minutes, and gives the id of
    /// the delivery. A sender that got no response sends the same id again: what it asks for is done
    /// once if the id is kept, for five minutes at least.
    ///
    /// # Errors
    /// `UNAUTHORIZED` where a header is missing or sent twice, the time is more than five minutes away,
    /// or no signature is valid. Only the log has the reason.
    pub fn verify<'r>(&self, request: &'r RawRequest) -> Result<&'r str> {
        self.verify_at(request, seconds_now()).map_err(|why| {
            tracing::info!(why, "a webhook is refused");
            Error::unauthorized("the signature is not valid")
        })
    }

    fn verify_at<'r>(&self, request: &'r RawRequest, now: u64) -> Result<&'r str, &'static str> {
        let only = |name, missing| {
            let mut values = request.parts().headers.all(name);
            values.next().filter(|_| values.next().is_none()).ok_or(missing)
        };
        let id = only("webhook-id", "it has no id")?;
        if id.is_empty() || id.len() > 256 || id.contains('.') {
            return Err("its id is invalid");
        }
        let timestamp = only("webhook-timestamp", "it has no timestamp")?;
        let time = Some(timestamp).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let time =
            time.and_then(|text| text.parse::<u64>().ok()).ok_or("its timestamp is invalid")?;
        if time.abs_diff(now) > TOLERANCE {
            return Err("it is too old, or from the future");
        }
        let signatures = only("webhook-signature", "it has no signature")?;
        let given = signatures.split(' ').filter_map(|text| text.strip_prefix("v1,")).take(8);
        let given: Vec<&str> = given.collect();
        let good = self.keys.iter().any(|key| {
            let expected = signature(key, id, timestamp, request.body());
            given.iter().any(|given| equal(expected.as_bytes(), given.as_bytes()))
        });
        good.then_some(id).ok_or("no signature matches")
    }

    /// The secrets, to be compared with those of other purposes.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|key| key.as_slice())
    }

    /// What a sender puts into `webhook-signature` for a delivery: under the newest secret.
    pub fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let key = self.keys.first().map(|key| key.as_slice()).unwrap_or_default();
        format!("v1,{}", signature(key, id, &timestamp.to_string(), body))
    }
}

impl AsRef<Self> for Webhook {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// The state that holds the secrets of a function's sender.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WebhookNeed {
    pub(crate) state: StateNeed,
    of: fn(&AnyState) -> Option<&Webhook>,
}

impl WebhookNeed {
    pub(crate) fn of<T: AsRef<Webhook> + Send + Sync + 'static>() -> Self {
        fn of<T: AsRef<Webhook> + 'static>(state: &AnyState) -> Option<&Webhook> {
            state.downcast_ref::<T>().map(AsRef::as_ref)
        }
        Self { state: StateNeed::of::<T>(), of: of::<T> }
    }

    /// The secrets in a state that was given for this need.
    pub(crate) fn webhook(self, state: &AnyState) -> Option<&Webhook> {
        (self.of)(state)
    }

    /// Passes a request that the sender has signed, with the state that was given for this need.
    pub(crate) fn check(self, state: Option<&AnyState>, request: &RawRequest) -> Result<()> {
        let webhook = state.and_then(self.of);
        let missing = || Error::internal("`build()` has resolved a webhook wrongly");
        webhook.ok_or_else(missing)?.verify(request).map(drop)
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhook(…)")
    }
}

fn key(secret: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let Some(encoded) = secret.strip_prefix("whsec_") else {
        return Secret::new(secret).map(|secret| Zeroizing::new(secret.bytes().to_vec()));
    };
    check_unknown(secret)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| "the text after `whsec_` is not base64")?;
    let bytes = Zeroizing::new(bytes);
    match bytes.len() {
        length if length < SHORTEST => {
            Err(format!("it has {length} bytes, and at least {SHORTEST} are needed"))
        }
        _ => Ok(bytes),
    }
}

fn signature(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = prepared(key);
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::{Headers, RequestParts};

    // From the specification's reference libraries: one secret, one delivery.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const TIME: u64 = 1_614_265_330;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[track_caller]
    fn check(headers: &[(&str, &str)], body: &[u8], now: u64, expected: Result<&str, &str>) {
        let headers: Headers = headers.iter().map(|(name, value)| (*name, *value)).collect();
        let parts = RequestParts { headers, ..RequestParts::default() };
        let request = RawRequest::new(None, parts).with_body(body.to_vec().into());
        assert_eq!(Webhook::new(SECRET).unwrap().verify_at(&request, now), expected);
    }

    #[test]
    fn a_delivery_passes_unchanged_and_in_time_only() {
        let time = TIME.to_string();
        let with = |id, time, signature| {
            [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)]
        };
        let sent = with(ID, &time, SIGNATURE);
        check(&sent, BODY, TIME, Ok(ID));
        check(&sent, BODY, TIME + TOLERANCE, Ok(ID));
        check(&sent, BODY, TIME + TOLERANCE + 1, Err("it is too old, or from the future"));
        check(&sent, BODY, TIME - TOLERANCE - 1, Err("it is too old, or from the future"));
        check(&sent, br#"{"test": 2432232315}"#, TIME, Err("no signature matches"));
        check(&with("msg_other", &time, SIGNATURE), BODY, TIME, Err("no signature matches"));
        check(&with(ID, "1614265331", SIGNATURE), BODY, TIME, Err("no signature matches"));
        check(&with(ID, "+1614265330", SIGNATURE), BODY, TIME, Err("its timestamp is invalid"));
        check(&with("a.b", &time, SIGNATURE), BODY, TIME, Err("its id is invalid"));
        let several = format!("v1a,x v1,{} {SIGNATURE}", "A".repeat(44));
        check(&with(ID, &time, &several), BODY, TIME, Ok(ID));
        check(&with(ID, &time, &SIGNATURE[3..]), BODY, TIME, Err("no signature matches"));
        for missing in 0..3 {
            let mut sent = sent.to_vec();
            let name = sent.remove(missing).0;
            let why = format!("it has no {}", name.trim_start_matches("webhook-"));
            check(&sent, BODY, TIME, Err(&why));
        }
        let twice = [&sent[..], &sent[..1]].concat();
        check(&twice, BODY, TIME, Err("it has no id"));
    }

    #[test]
    fn a_rotation_takes_both_secrets_and_signs_with_the_newest() {
        let (old, new) =
            ("old secret of the bank, long enough", "new secret of the bank, long enough");
        let both = Webhook::new(new).unwrap().with_previous_secret(old).unwrap();
        for (signer, taken) in
            [(old, true), (new, true), ("nobody's secret, but long enough too", false)]
        {
            let signature = Webhook::new(signer).unwrap().sign(ID, TIME, BODY);
            let headers: Headers = [
                ("webhook-id", ID.to_owned()),
                ("webhook-timestamp", TIME.to_string()),
                ("webhook-signature", signature),
            ]
            .into_iter()
            .collect();
            let parts = RequestParts { headers, ..RequestParts::default() };
            let request = RawRequest::new(None, parts).with_body(BODY.to_vec().into());
            assert_eq!(both.verify_at(&request, TIME).is_ok(), taken, "{signer}");
        }
        assert_eq!(both.sign(ID, TIME, BODY), Webhook::new(new).unwrap().sign(ID, TIME, BODY));
    }

    #[test]
    fn a_secret_that_is_too_short_is_refused() {
        for bad in ["", "short", "whsec_", "whsec_c2hvcnQ=", "whsec_***"] {
            assert!(Webhook::new(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Webhook::new(SECRET).unwrap()), "Webhook(…)");
    }
}

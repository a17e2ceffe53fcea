//! The examples of RFC 7515, 7519 and 7520, as far as they use Mizan's algorithms: each signature
//! verifies, and those that Mizan's rules still refuse are named.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::jws::verify;
use super::ring::Key;
use super::*;
use crate::secret::Secret;

/// RFC 7515, appendix A.1, and RFC 7519, section 3.1: the header has a line break in it, and no `kid`.
const A1_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// A second in which the example is good.
const A1_TIME: u64 = 1_300_819_379;

/// RFC 7519, section 6.1: the same claims, unsecured.
const UNSECURED: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

/// RFC 7519, appendix A.1: the same claims, encrypted.
const ENCRYPTED: &str = "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.QR1Owv2ug2WyPBnbQrRARTeEk9kDO2w8qDcjiHnSJflSdv1iNqhWXaKH4MqAkQtMoNfABIPJaZm0HaA415sv3aeuBWnD8J-Ui7Ah6cWafs3ZwwFKDFUUsWHSK-IPKxLGTkND09XyjORj_CHAgOPJ-Sd8ONQRnJvWn_hXV1BNMHzUjPyYwEsRhDhzjAD26imasOTsgruobpYGoQcXUwFDn7moXPRfDE8-NoQX7N7ZYMmpUDkR-Cx9obNGwJQ3nM52YCitxoQVPzjbl7WBuB7AohdBoZOdZ24WlN1lVIeh8v1K4krB8xgKvRU8kgFrEn_a1rZgN5TiysnmzTROF869lQ.AxY8DCtDaGlsbGljb3RoZQ.MKOle7UQrG6nSxTLX6Mqwt0orbHvAKeWnDYvpIAeZ72deHxz3roJDXQyhxx0wKaMHDjUEOKIwrtkHthpqEanSBNYHZgmNOV7sln1Eu9g3J8.fiK51VwhsxJ-siBMR-YFiA";

/// RFC 7520, figure 7: what every example there signs, which is text and no claims.
const FRODO: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";
/// Section 4.4: the key, the header with a `kid` of 36 characters, and the signature.
const HMAC_KEY: &str = "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg";
const HMAC_HEADER: &str =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9";
const HMAC_SIGNATURE: &str = "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn ring(key: &str) -> KeyRing {
    KeyRing::new(Secret::new(bytes(key)).unwrap())
}

/// A good signature is accepted; with another text or another bit it is not.
#[track_caller]
fn check_signature(key: &Key, signed: &str, signature: &str) {
    let good = bytes(signature);
    assert!(key.verifies(signed.as_bytes(), &good));
    assert!(!key.verifies(&signed.as_bytes()[1..], &good));
    for at in [0, good.len() / 2, good.len() - 1] {
        let mut other = good.clone();
        other[at] ^= 1;
        assert!(!key.verifies(signed.as_bytes(), &other), "byte {at}");
    }
    assert!(!key.verifies(signed.as_bytes(), &good[..good.len() - 1]));
    assert!(!key.verifies(signed.as_bytes(), &[]));
}

fn refused(token: &str, ring: &KeyRing) -> &'static str {
    verify(token, ring).unwrap_err().0
}

#[test]
fn the_example_of_rfc_7515_and_7519_verifies_and_opens_nothing() {
    let ring = ring(A1_KEY);
    let (signed, signature) = A1.rsplit_once('.').unwrap();
    check_signature(ring.newest().1, signed, signature);
    let claims = verify(A1, &ring).unwrap();
    assert_eq!(
        serde_json::Value::from(claims),
        json!({"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true})
    );
    // It has neither kind nor audience, whenever it comes.
    let rules = JwtRules {
        ring: ring.clone(),
        access_ttl: 300,
        refresh_ttl: 300,
        audience: None,
        issuer: None,
        leeway: 0,
    };
    for kind in [Kind::Access, Kind::Refresh] {
        let why = Jwt::read(A1, kind, &rules, A1_TIME).unwrap_err().0;
        assert_eq!(why, "it is a token of another kind");
    }
    assert_eq!(
        Mwt::read(A1, &ring, A1_TIME, (300, 0)).unwrap_err().0,
        "its `aud` is another audience"
    );
}

#[test]
fn the_other_examples_of_rfc_7519_are_refused() {
    let ring = ring(A1_KEY);
    assert_eq!(refused(UNSECURED, &ring), "its algorithm is not that of the key");
    assert_eq!(refused(ENCRYPTED, &ring), "it has not three segments");
}

#[test]
fn the_hmac_example_of_rfc_7520_verifies_and_is_no_token() {
    let ring = ring(HMAC_KEY);
    let key = ring.newest().1;
    check_signature(key, &format!("{HMAC_HEADER}.{FRODO}"), HMAC_SIGNATURE);
    let own =
        URL_SAFE_NO_PAD.encode(key.sign(format!("{HMAC_HEADER}.{FRODO}").as_bytes()).unwrap());
    assert_eq!(own, HMAC_SIGNATURE);
    let token = format!("{HMAC_HEADER}.{FRODO}.{HMAC_SIGNATURE}");
    assert_eq!(refused(&token, &ring), "invalid `kid` in its header");
    // Sections 4.5 and 4.6: detached, and with its header next to it, which are other forms.
    assert_eq!(
        refused(&format!("{HMAC_HEADER}..{HMAC_SIGNATURE}"), &ring),
        "invalid `kid` in its header"
    );
    assert_eq!(
        refused(&format!(".{FRODO}.{HMAC_SIGNATURE}"), &ring),
        "a segment is not a JSON object"
    );
    // Under a header of Mizan's the text is refused for its content.
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    let signed = format!("{header}.{FRODO}");
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).unwrap());
    assert_eq!(refused(&format!("{signed}.{signature}"), &ring), "a segment is not a JSON object");
}

#[cfg(feature = "rs256")]
mod rsa_keys {
    use rsa::BoxedUint;
    use rsa::pkcs8::EncodePrivateKey;

    use super::*;

    /// RFC 7515, appendix A.2: modulus, private exponent, primes.
    const A2_KEY: [&str; 4] = [
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
        "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
        "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    ];
    const A2: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    /// RFC 7520, section 3.4.
    const BILBO: [&str; 4] = [
        "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
        "bWUC9B-EFRIo8kpGfh0ZuyGPvMNKvYWNtB_ikiH9k20eT-O1q_I78eiZkpXxXQ0UTEs2LsNRS-8uJbvQ-A1irkwMSMkK1J3XTGgdrhCku9gRldY7sNA_AKZGh-Q661_42rINLRCe8W-nZ34ui_qOfkLnK9QWDDqpaIsA-bMwWWSDFu2MUBYwkHTMEzLYGqOe04noqeq1hExBTHBOBdkMXiuFhUq1BU6l-DqEiWxqg82sXt2h-LMnT3046AOYJoRioz75tSUQfGCshWTBnP5uDjd18kKhyv07lhfSJdrPdM5Plyl21hsFf4L_mHCuoFau7gdsPfHPxxjVOcOpBrQzwQ",
        "3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAWU4Vupk8rw9JR0AzZ0N2fvuIAmr_WCsmGpeNqQnev1T7IyEsnh8UMt-n5CafhkikzhEsrmndH6LxOrvRJlsPp6Zv8bUq0k",
        "uKE2dh-cTf6ERF4k4e_jy78GfPYUIaUyoSSJuBzp3Cubk3OCqs6grT8bR_cu0Dm1MZwWmtdqDyI95HrUeq3MP15vMMON8lHTeZu2lmKvwqW7anV5UzhM1iZ7z4yMkuUwFWoBvyY898EXvRD-hdqRxHlSqAZ192zB3pVFJ0s7pFc",
    ];
    /// Section 4.1: the header with a `kid` that is an address, and the signature.
    const HEADER: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9";
    const SIGNATURE: &str = "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";

    fn ring(key: [&str; 4]) -> KeyRing {
        let [modulus, exponent, p, q] = key.map(|text| {
            let bytes = bytes(text);
            BoxedUint::from_be_slice(&bytes, u32::try_from(bytes.len() * 8).unwrap()).unwrap()
        });
        let public = BoxedUint::from(65_537u64);
        let key = rsa::PrivateKey::from_components(modulus, public, exponent, vec![p, q]).unwrap();
        KeyRing::rs256(&key.to_pkcs8_pem(Default::default()).unwrap()).unwrap()
    }

    #[test]
    fn the_rsa_example_of_rfc_7515_verifies() {
        let ring = ring(A2_KEY);
        let (signed, signature) = A2.rsplit_once('.').unwrap();
        check_signature(ring.newest().1, signed, signature);
        assert_eq!(verify(A2, &ring).unwrap()["iss"], "joe");
        // The other example is of another algorithm, and no key is good for two.
        assert_eq!(refused(A1, &ring), "its algorithm is not that of the key");
        assert_eq!(refused(A2, &super::ring(A1_KEY)), "its algorithm is not that of the key");
    }

    #[test]
    fn the_rsa_example_of_rfc_7520_verifies_and_is_no_token() {
        let ring = ring(BILBO);
        let signed = format!("{HEADER}.{FRODO}");
        check_signature(ring.newest().1, &signed, SIGNATURE);
        let own = URL_SAFE_NO_PAD.encode(ring.newest().1.sign(signed.as_bytes()).unwrap());
        assert_eq!(own, SIGNATURE);
        assert_eq!(refused(&format!("{signed}.{SIGNATURE}"), &ring), "invalid `kid` in its header");
    }
}

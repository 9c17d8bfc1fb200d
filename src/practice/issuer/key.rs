//! Signing keys: made once, when first needed.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaSignatureEncoding,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Of a token's signature, by the names of RFC 7518. STS takes the first six.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What Kubernetes signs with by default.
    Rs256,
    /// RSA PKCS #1 with SHA-384.
    Rs384,
    /// RSA PKCS #1 with SHA-512.
    Rs512,
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// ECDSA on P-521.
    Es512,
    /// RSA PSS.
    Ps256,
    /// A keyed hash, with the public RSA key for its secret: an old way to fool a careless reader.
    Hs256,
    /// Ed25519.
    EdDsa,
    /// Not signed at all.
    None,
}

impl Algorithm {
    /// As it stands in `alg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Ps256 => "PS256",
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
            Self::None => "none",
        }
    }
}

/// The keys of an issuer. A key that could not be made stays so.
#[derive(Debug, Default)]
pub(super) struct Keys {
    rsa: OnceLock<Option<Key>>,
    p256: OnceLock<Option<Key>>,
    p384: OnceLock<Option<Key>>,
    p521: OnceLock<Option<Key>>,
    ed25519: OnceLock<Option<Key>>,
    blank: OnceLock<Option<Key>>,
}

/// A key with its id and its public side.
#[derive(Debug)]
pub(super) struct Key {
    pair: Pair,
    /// base64url of the SHA-256 of the public key's DER, as Kubernetes makes it (`pkg/serviceaccount/jwt.go`,
    /// `keyIDFromPublicKey`).
    pub(super) kid: Option<String>,
    jwk: Value,
}

#[derive(Debug)]
enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    None,
}

impl Keys {
    pub(super) fn warm(&self) {
        self.rsa();
    }

    fn rsa(&self) -> Option<&Key> {
        self.rsa.get_or_init(Key::rsa).as_ref()
    }

    /// The key that signs with an algorithm.
    pub(super) fn of(&self, algorithm: Algorithm) -> Option<&Key> {
        match algorithm {
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Hs256 => self.rsa(),
            Algorithm::Es256 => self
                .p256
                .get_or_init(|| Key::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"))
                .as_ref(),
            Algorithm::Es384 => self
                .p384
                .get_or_init(|| Key::ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"))
                .as_ref(),
            Algorithm::Es512 => self
                .p521
                .get_or_init(|| Key::ec(&ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"))
                .as_ref(),
            Algorithm::EdDsa => self.ed25519.get_or_init(Key::ed25519).as_ref(),
            Algorithm::None => self.blank.get_or_init(|| Some(Key::blank())).as_ref(),
        }
    }

    /// The public keys.
    pub(super) fn published(&self) -> Vec<Value> {
        self.warm();
        [&self.rsa, &self.p256, &self.p384, &self.p521, &self.ed25519]
            .into_iter()
            .filter_map(|lock| lock.get()?.as_ref())
            .map(|key| key.jwk.clone())
            .collect()
    }
}

impl Key {
    fn rsa() -> Option<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
        let (n, e) = components(pair.public_key().as_ref())?;
        let jwk = json!({
            "use": "sig", "kty": "RSA", "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        });
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?;
        Some(Self::named(der.as_ref(), jwk, Pair::Rsa(Box::new(pair))))
    }

    fn ec(on: &'static EcdsaSigningAlgorithm, curve: &str) -> Option<Self> {
        let pair = EcdsaKeyPair::generate(on).ok()?;
        // An uncompressed point: 4, then x and y of the same length (SEC 1).
        let (_, point) = pair.public_key().as_ref().split_first()?;
        let (x, y) = point.split_at_checked(point.len() / 2)?;
        let jwk = json!({
            "use": "sig", "kty": "EC", "crv": curve,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?;
        Some(Self::named(der.as_ref(), jwk, Pair::Ec(Box::new(pair))))
    }

    fn ed25519() -> Option<Self> {
        let pair = Ed25519KeyPair::generate().ok()?;
        let jwk = json!({
            "use": "sig", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA",
            "x": URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
        });
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?;
        Some(Self::named(der.as_ref(), jwk, Pair::Ed25519(Box::new(pair))))
    }

    fn blank() -> Self {
        Self { pair: Pair::None, kid: None, jwk: Value::Null }
    }

    fn named(der: &[u8], mut jwk: Value, pair: Pair) -> Self {
        let kid = URL_SAFE_NO_PAD.encode(sha256(der));
        if let Some(map) = jwk.as_object_mut() {
            map.insert("kid".to_owned(), kid.as_str().into());
        }
        Self { pair, kid: Some(kid), jwk }
    }

    /// A signature; empty where there is nothing to sign with.
    pub(super) fn sign(&self, algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match (&self.pair, algorithm) {
            (Pair::Rsa(pair), Algorithm::Hs256) => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, pair.public_key().as_ref());
                hmac::sign(&secret, text).as_ref().to_vec()
            }
            (Pair::Rsa(pair), algorithm) => {
                let padding: &'static RsaSignatureEncoding = match algorithm {
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                match pair.sign(padding, &random, text, &mut signature) {
                    Ok(()) => signature,
                    Err(_) => Vec::new(),
                }
            }
            (Pair::Ec(pair), _) => pair
                .sign(&random, text)
                .map(|signature| signature.as_ref().to_vec())
                .unwrap_or_default(),
            (Pair::Ed25519(pair), _) => pair.sign(text).as_ref().to_vec(),
            (Pair::None, _) => Vec::new(),
        }
    }
}

/// Modulus and exponent of a DER `RSAPublicKey` (RFC 8017 A.1.1): a sequence of two integers.
fn components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (n, rest) = element(sequence, 0x02)?;
    let (e, _) = element(rest, 0x02)?;
    // A leading zero only keeps the number positive.
    Some((n.strip_prefix(&[0]).unwrap_or(n), e))
}

/// The content of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        (bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
    };
    if first == tag { rest.split_at_checked(length) } else { None }
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

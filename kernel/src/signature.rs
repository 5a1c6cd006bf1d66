//! Signatures of programs: the last custom section, `portico.signature`, which holds a publisher's ed25519 public key and that
//! key's signature of every byte before the section.

use crate::hash::hex;
use ed25519_dalek::{Signature, VerifyingKey};
use std::fmt;
use std::str::FromStr;

/// Name of the section.
pub(crate) const SECTION: &str = "portico.signature";
/// Bytes of the section: 32 of the key, 64 of the signature.
pub(crate) const LENGTH: usize = 96;

/// A publisher of programs: the public half of the key that signs them, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Publisher(pub(crate) [u8; 32]);

impl Publisher {
    /// The 32 bytes of the public key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight digits, which are enough for people to tell those whom they know apart.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Publisher({self})")
    }
}

impl FromStr for Publisher {
    type Err = hex::NotHex;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex::read(text).map(Self)
    }
}

/// What is wrong with a program's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The section has another length.
    #[error("its signature has {0} bytes; it has to have {LENGTH}")]
    Length(usize),
    /// Something follows the section, which nobody has signed.
    #[error("something was added to it after it was signed")]
    NotLast,
    /// The key did not sign these bytes.
    #[error("its signature does not fit: it was changed after it was signed, or was never signed with that key")]
    Wrong,
}

/// Verifies a signature and returns the publisher who made it: `section` is the content of its section, `signed` everything before
/// that.
pub(crate) fn verify(section: &[u8], signed: &[u8]) -> Result<Publisher, SignatureError> {
    let length = SignatureError::Length(section.len());
    let (key, signature) = section.split_first_chunk::<32>().ok_or(length)?;
    let signature: &[u8; 64] = signature.try_into().map_err(|_| length)?;
    let verified = VerifyingKey::from_bytes(key).and_then(|verifier| {
        // Strictly: there are weak keys to which one signature fits many programs.
        verifier.verify_strict(signed, &Signature::from_bytes(signature))
    });
    verified.map_err(|_| SignatureError::Wrong)?;
    Ok(Publisher(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_keys_sign_nothing() {
        // The neutral element as key and as commitment, and 0: without strictness this fits every message.
        let mut section = [0; 96];
        (section[0], section[32]) = (1, 1);
        assert_eq!(verify(&section, b"anything"), Err(SignatureError::Wrong));
    }
}

//! Who published a program: its last custom section, `portico.signature`, which holds an ed25519 public key and that key's
//! signature of every byte before the section.

use crate::hash::hex;
use crate::inspect::inspect;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use std::fmt;
use std::str::FromStr;

/// Name of the section.
pub(crate) const SECTION: &str = "portico.signature";
/// Bytes of the section: 32 of the key, 64 of the signature.
const LENGTH: usize = 96;

/// Whoever signs programs with one key: its public half, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Publisher([u8; 32]);

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

/// Who signed a program: `section` is what its signature's section holds, `signed` everything before that section.
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

/// The secret half of a publisher's key.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key with these 32 secret bytes, any that nobody else knows.
    pub fn from_bytes(secret: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(secret))
    }

    /// The public half.
    pub fn publisher(&self) -> Publisher {
        Publisher(self.0.verifying_key().to_bytes())
    }

    /// The bytes of a program with a signature, in place of one that it may have had.
    pub fn sign(&self, program: &[u8]) -> Vec<u8> {
        let before = inspect(program).signed_until.unwrap_or(program.len());
        let mut signed = program[..before].to_vec();
        let signature = self.0.sign(&signed).to_bytes();
        let key = self.0.verifying_key().to_bytes();
        // A custom section: its number, its length, the length of its name, its name. Both lengths take one byte.
        signed.extend([0, (1 + SECTION.len() + LENGTH) as u8, SECTION.len() as u8]);
        signed.extend(SECTION.as_bytes());
        signed.extend(key);
        signed.extend(signature);
        signed
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the secret.
        write!(f, "SigningKey({})", self.publisher())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::inspect::Refusal;
    use proptest::prelude::*;

    fn program() -> Vec<u8> {
        let text = r#"(module (@custom "portico" (after func) "name = \"It\"") (memory (export "memory") 1) (func (export "run")))"#;
        wat::parse_str(text).unwrap()
    }

    fn key(secret: u8) -> SigningKey {
        SigningKey::from_bytes(&[secret; 32])
    }

    #[test]
    fn a_signed_program_names_its_publisher() {
        let signed = key(7).sign(&program());
        assert_eq!(signed.len(), program().len() + 116);
        let info = inspect(&signed);
        assert_eq!((info.publisher, info.refusals), (Some(key(7).publisher()), vec![]));
        assert_eq!(info.publisher.unwrap().to_string().parse(), Ok(key(7).publisher()));
        let info = inspect(&program());
        assert_eq!((info.publisher, info.refusals), (None, vec![]));
    }

    #[test]
    fn a_new_signature_takes_the_place_of_the_old_one() {
        let twice = key(8).sign(&key(7).sign(&program()));
        assert_eq!(twice, key(8).sign(&program()));
        // Also in place of one that does not fit any more.
        let mut broken = key(7).sign(&program());
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(key(8).sign(&broken), twice);
    }

    #[test]
    fn what_follows_a_signature_is_refused() {
        let mut longer = key(7).sign(&program());
        longer.extend([0, 2, 1, b'x']);
        let info = inspect(&longer);
        assert_eq!(info.refusals, [Refusal::Signature(SignatureError::NotLast)]);
        assert_eq!(info.publisher, None);
    }

    #[test]
    fn a_signature_of_another_length_is_refused() {
        let mut short = program();
        short.extend([0, 19, 17]);
        short.extend(SECTION.as_bytes());
        short.push(1);
        assert_eq!(
            inspect(&short).refusals,
            [Refusal::Signature(SignatureError::Length(1))]
        );
    }

    #[test]
    fn weak_keys_sign_nothing() {
        // The neutral element as key and as commitment, and 0: without strictness this fits every message.
        let mut section = [0; 96];
        (section[0], section[32]) = (1, 1);
        assert_eq!(verify(&section, b"anything"), Err(SignatureError::Wrong));
    }

    proptest! {
        #[test]
        fn no_bit_of_a_signed_program_can_be_turned(at: prop::sample::Index, bit in 0_u8..8) {
            let mut signed = key(7).sign(&program());
            let at = at.index(signed.len());
            signed[at] ^= 1 << bit;
            let info = inspect(&signed);
            // It may be no module any more, or have no section of that name any more; it never passes as this publisher's.
            prop_assert_ne!(info.publisher, Some(key(7).publisher()));
        }
    }
}

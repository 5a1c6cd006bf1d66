//! Signs programs.

use crate::inspect::inspect;
use crate::signature::{LENGTH, Publisher, SECTION};
use ed25519_dalek::Signer;
use std::fmt;

/// The secret half of a publisher's key.
///
/// ```
/// use portico_kernel::{SigningKey, inspect};
///
/// let file = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "run")))"#)?;
/// let key = SigningKey::from_bytes(&[7; 32]);
/// let signed = key.sign(&file);
/// assert_eq!(inspect(&file).publisher, None);
/// assert_eq!(inspect(&signed).publisher, Some(key.publisher()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    use crate::refusal::Refusal;
    use crate::signature::SignatureError;
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

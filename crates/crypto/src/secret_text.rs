//! Secrets in memory: wiped when dropped, and silent in debug output.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Secret text, wiped from memory when dropped. There is no `Display`: whoever shows it says [`reveal`](Self::reveal).
///
/// ```
/// let secret = tollgate_crypto::SecretText::from("p8e-hunter2".to_owned());
/// assert_eq!(format!("{secret:?}"), "SecretText(…)");
/// assert_eq!(secret.reveal(), "p8e-hunter2");
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// The text in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretText(…)")
    }
}

/// Secret bytes, wiped from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// The bytes in clear.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SecretBytes(…)")
    }
}

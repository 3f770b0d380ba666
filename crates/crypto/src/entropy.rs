//! Where randomness comes from.

/// A source of randomness, injected so that tests can repeat themselves.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// The generator of the cryptographic library, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the generator ends the program itself when it has no seed");
    }
}

/// `N` random bytes.
///
/// ```
/// let nonce = tollgate_crypto::entropy::bytes::<12>(&tollgate_crypto::SystemEntropy);
/// assert_ne!(nonce, tollgate_crypto::entropy::bytes::<12>(&tollgate_crypto::SystemEntropy));
/// ```
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

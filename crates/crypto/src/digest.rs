//! Digests without a key. What is secret is digested with a [`crate::DigestKey`] instead.

use aws_lc_rs::digest;

/// SHA-256 of `bytes` (FIPS 180-4).
///
/// ```
/// let digest = tollgate_crypto::digest::sha256(b"abc");
/// assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 is 32 bytes long")
}

/// SHA-1 of `bytes` as lower-case hexadecimal digits. For the fingerprints of certificates alone, which are names:
/// nothing is trusted because its SHA-1 matches.
pub(crate) fn sha1_hex(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest
        .as_ref()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_equal_the_published_examples() {
        let hex: String = sha256(b"abc")
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|n| char::from_digit(n.into(), 16).unwrap())
            .collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha1_hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}

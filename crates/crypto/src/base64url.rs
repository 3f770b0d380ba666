//! base64url without padding (RFC 4648 section 5), in exactly one accepted form for each sequence of bytes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::CryptoError;

/// The text for `bytes`.
///
/// ```
/// assert_eq!(tollgate_crypto::base64url::encode(b"\xff\xef"), "_-8");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the text for `bytes` to `text`; reserve [`encoded_chars`] to avoid growing it.
pub fn encode_into(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// How many characters `bytes` bytes become.
pub const fn encoded_chars(bytes: usize) -> usize {
    bytes / 3 * 4 + (bytes % 3 * 4).div_ceil(3)
}

/// The bytes that `text` stands for. Padding, white space, the other alphabet and stray bits at the end are refused,
/// so that no two texts mean the same bytes.
///
/// ```
/// assert_eq!(tollgate_crypto::base64url::decode("_-8").unwrap(), b"\xff\xef");
/// assert!(tollgate_crypto::base64url::decode("_-9").is_err(), "stray bits");
/// assert!(tollgate_crypto::base64url::decode("_-8=").is_err(), "padding");
/// ```
pub fn decode(text: &str) -> Result<Vec<u8>, CryptoError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| CryptoError::Base64Url)
}

/// As [`decode`], for a value of exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    let wrong = CryptoError::Base64Url;
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(length) if length == N => Ok(bytes),
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_canonical_form_without_padding_is_accepted() {
        for bad in ["A", "AA=", "AA==", "AB", "AAB", " AA", "AA ", "A\nA", "AA\n", "+/8", "A.A", "ÄÄ", "AA\0", "AAAAA"]
        {
            assert!(decode(bad).is_err(), "{bad:?}");
        }
        assert_eq!(decode(""), Ok(Vec::new()));
        assert_eq!(decode("AA"), Ok(vec![0]));
    }

    #[test]
    fn an_array_takes_exactly_its_length() {
        assert_eq!(decode_array::<2>("_-8"), Ok([0xff, 0xef]));
        assert!(decode_array::<1>("_-8").is_err());
        assert!(decode_array::<3>("_-8").is_err());
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself_and_has_the_announced_length(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), encoded_chars(bytes.len()));
            prop_assert_eq!(decode(&text).unwrap(), bytes.clone());
            let mut appended = "x".to_owned();
            encode_into(&bytes, &mut appended);
            prop_assert_eq!(&appended[1..], text);
        }

        #[test]
        fn whatever_decodes_is_the_text_that_its_bytes_encode_to(text in "[A-Za-z0-9_=+/ -]{0,40}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        #[test]
        fn decoding_strangers_text_never_panics(text in "\\PC{0,100}") {
            let _ = decode(&text);
        }
    }
}

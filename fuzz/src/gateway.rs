//! Readers of the gateway.

use tollgate_gateway::{
    path::{CanonicalPath, PATH_BYTES_MAX},
    presented::{QueryCredentials, without_credentials},
};

/// A path that is accepted is the path that came, and no server can read it in a second way: decoded once or twice, it
/// gains no slash, no dot segment and no control byte.
pub fn request_path(bytes: &[u8]) {
    let Some(text) = super::text(bytes) else { return };
    let Ok(path) = CanonicalPath::parse(text) else { return };
    assert_eq!(path.as_str(), text);
    assert!(text.starts_with('/') && text.len() <= PATH_BYTES_MAX && !text.contains("//"));
    assert!(!text.contains(['\\', ';', '?', '#', ' ']) && !text.chars().any(char::is_control));
    let once = decoded(text.as_bytes());
    for reading in [&once, &decoded(&once)] {
        assert!(std::str::from_utf8(reading).is_ok());
        assert!(!reading.iter().any(|byte| matches!(byte, b'\\' | b';' | 0..32 | 127)));
        assert_eq!(reading.split(|byte| *byte == b'/').count(), text.split('/').count());
        assert!(!reading.split(|byte| *byte == b'/').any(|segment| segment == b"." || segment == b".."));
    }
}

/// Credentials in a query are found wherever a plain reader would find them, and none is left in what goes on.
pub fn query_credentials(bytes: &[u8]) {
    let Some(query) = super::text(bytes) else { return };
    let Ok(found) = QueryCredentials::parse(query) else { return };
    let kept = without_credentials(query);
    assert_eq!(QueryCredentials::parse(&kept).map(|left| left.occur), Ok(false));
    let names = |query: &str| {
        let pairs = query.split('&').map(|pair| decoded(pair.split('=').next().unwrap_or_default().as_bytes()));
        pairs.filter(|name| name == b"api_key" || name == b"user_token").count()
    };
    assert_eq!(names(query) > 0, found.occur);
    assert_eq!(names(&kept), 0);
}

/// Percent-decoding as the most tolerant of servers does it.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
        {
            out.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits are one byte"));
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

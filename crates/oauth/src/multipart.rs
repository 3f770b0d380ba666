//! `multipart/form-data` bodies (RFC 7578), as parameters.
//!
//! Many clients of IMS post nothing else, some of them written by hand: lines may end in LF alone, the closing
//! delimiter needs no line end, and the boundary may itself begin with dashes. The whole body is in memory and small, so
//! this is one pass over a slice.

use crate::{OauthError, params::PARAMETERS_MAX};

/// Longest boundary, in bytes; RFC 2046 section 5.1.1 allows 70.
pub const BOUNDARY_BYTES_MAX: usize = 128;
/// Most header lines of one part.
pub const PART_HEADERS_MAX: usize = 16;

/// The boundary that a `Content-Type` header names, `None` when it names none or one that is too long.
pub fn boundary(content_type: &str) -> Option<String> {
    parameter(content_type, "boundary").filter(|value| (1..=BOUNDARY_BYTES_MAX).contains(&value.len()))
}

/// The parts of a body as names and values, in order.
///
/// ```
/// use tollgate_oauth::multipart;
///
/// let boundary = multipart::boundary("multipart/form-data; boundary=----boundary").unwrap();
/// let body = "------boundary\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nabc\r\n------boundary--";
/// let parts = multipart::parse(body.as_bytes(), &boundary)?;
/// assert_eq!(parts, [("client_id".to_owned(), "abc".to_owned())]);
/// # Ok::<(), tollgate_oauth::OauthError>(())
/// ```
pub fn parse(body: &[u8], boundary: &str) -> Result<Vec<(String, String)>, OauthError> {
    let delimiter = format!("--{boundary}").into_bytes();
    let cut_short =
        || OauthError::invalid_request("the multipart body is cut short: it does not end with its closing boundary");
    let mut parts = Vec::new();
    let mut found = next_delimiter(body, 0, &delimiter).ok_or_else(|| {
        OauthError::invalid_request("the multipart body does not contain the boundary that its Content-Type names")
    })?;
    while !found.is_last {
        if parts.len() >= PARAMETERS_MAX {
            return Err(OauthError::invalid_request(format!("more than {PARAMETERS_MAX} parts in the multipart body")));
        }
        let (name, content_start) = part_head(body, found.after)?;
        let next = next_delimiter(body, content_start, &delimiter).ok_or_else(cut_short)?;
        let value = std::str::from_utf8(&body[content_start..next.content_end]).map_err(|_| {
            OauthError::invalid_request(format!("parameter {} is not UTF-8", crate::error::shown(&name)))
        })?;
        parts.push((name, value.to_owned()));
        found = next;
    }
    Ok(parts)
}

struct Delimiter {
    /// Where the content before it ends; its line end belongs to the delimiter.
    content_end: usize,
    /// Where the line after it starts.
    after: usize,
    is_last: bool,
}

/// The next line from `from` on that is the delimiter.
fn next_delimiter(body: &[u8], from: usize, delimiter: &[u8]) -> Option<Delimiter> {
    let mut line_start = from;
    loop {
        if let Some(tail) = body[line_start..].strip_prefix(delimiter) {
            let content_end = body[from..line_start]
                .strip_suffix(b"\r\n")
                .or_else(|| body[from..line_start].strip_suffix(b"\n"))
                .map_or(from, |content| from + content.len());
            if tail.starts_with(b"--") {
                return Some(Delimiter { content_end, after: body.len(), is_last: true });
            }
            let padding = tail.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let line_end = [b"\r\n".as_slice(), b"\n"].into_iter().find(|end| tail[padding..].starts_with(end));
            if let Some(line_end) = line_end {
                let after = line_start + delimiter.len() + padding + line_end.len();
                return Some(Delimiter { content_end, after, is_last: false });
            }
        }
        line_start += body[line_start..].iter().position(|byte| *byte == b'\n')? + 1;
    }
}

/// Reads the header lines of a part: its name, and where its content starts.
fn part_head(body: &[u8], from: usize) -> Result<(String, usize), OauthError> {
    let refused = |text: &'static str| OauthError::invalid_request(text);
    let mut name = None;
    let mut line_start = from;
    for _ in 0..=PART_HEADERS_MAX {
        let length = body[line_start..]
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(|| refused("the multipart body is cut short inside the headers of a part"))?;
        let line = &body[line_start..line_start + length];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line_start += length + 1;
        if line.is_empty() {
            let name =
                name.ok_or_else(|| refused("a part of the multipart body has no Content-Disposition with a name"))?;
            return Ok((name, line_start));
        }
        let line = std::str::from_utf8(line).map_err(|_| refused("a header in the multipart body is not UTF-8"))?;
        let (field, value) =
            line.split_once(':').ok_or_else(|| refused("a header line in the multipart body has no colon"))?;
        let value = value.trim();
        if field.eq_ignore_ascii_case("content-disposition") {
            name = parameter(value, "name");
        } else if field.eq_ignore_ascii_case("content-transfer-encoding")
            && !["7bit", "8bit", "binary"].iter().any(|plain| value.eq_ignore_ascii_case(plain))
        {
            return Err(refused("a part of the multipart body has a transfer encoding; send it as it is"));
        }
    }
    Err(OauthError::invalid_request(format!("a part of the multipart body has more than {PART_HEADERS_MAX} headers")))
}

/// A parameter of a header value such as `form-data; name="client_id"`, unquoted.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (names, after) = rest.split_once('=')?;
        let name = names.rsplit(';').next().unwrap_or_default().trim();
        let (value, remaining) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => after
                .split_once(';')
                .map_or((after.trim().to_owned(), ""), |(value, rest)| (value.trim().to_owned(), rest)),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = remaining;
    }
}

/// Reads up to the closing quotation mark; a backslash takes the next character as it is.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(body: &str, boundary: &str) -> Vec<(String, String)> {
        parse(body.as_bytes(), boundary).unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_body_written_by_hand_with_a_dashed_boundary_and_no_last_line_end_is_read() {
        let boundary = boundary("multipart/form-data; boundary=----boundary").unwrap();
        let body = "------boundary\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nabc\
            \r\n------boundary\r\nContent-Disposition: form-data; name=\"jwt_token\"\r\n\r\na.b.c\r\n------boundary--";
        assert_eq!(pairs(body, &boundary), [pair("client_id", "abc"), pair("jwt_token", "a.b.c")]);
    }

    #[test]
    fn preamble_epilogue_bare_line_feeds_empty_values_and_other_headers_are_no_obstacle() {
        let body = "hello\n--b \t\ncontent-type: text/plain\nContent-Disposition: form-data; filename=\"n=ame\"; name=a\n\n1\n2\n\
            --b\nContent-Disposition: form-data; name=\"q\\\"\"\n\n--b\nContent-Disposition: form-data; name=c\n\n\n--b--\nbye";
        assert_eq!(pairs(body, "b"), [pair("a", "1\n2"), pair("q\"", ""), pair("c", "")]);
        assert_eq!(pairs("--b--", "b"), []);
    }

    #[test]
    fn a_longer_word_that_begins_with_the_boundary_is_content() {
        let body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--bc\r\ny\r\n--b--\r\n";
        assert_eq!(pairs(body, "b"), [pair("a", "x\r\n--bc\r\ny")]);
    }

    #[test]
    fn broken_bodies_are_refused_with_what_is_wrong() {
        for (body, reason) in [
            ("", "does not contain the boundary"),
            ("--x--", "does not contain the boundary"),
            ("--b\r\n", "cut short"),
            ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue", "cut short"),
            ("--b\r\n\r\nvalue\r\n--b--", "no Content-Disposition"),
            ("--b\r\nnonsense\r\n\r\nvalue\r\n--b--", "no colon"),
            ("--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--", "transfer encoding"),
        ] {
            let refused = parse(body.as_bytes(), "b").unwrap_err();
            assert!(refused.description().contains(reason), "{body:?}: {refused}");
        }
        assert!(parse(b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\xFF\r\n--b--", "b").is_err());
    }

    #[test]
    fn parts_and_their_headers_are_bounded() {
        let part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
        assert!(parse(format!("{}--b--", part.repeat(PARAMETERS_MAX)).as_bytes(), "b").is_ok());
        assert!(parse(format!("{}--b--", part.repeat(PARAMETERS_MAX + 1)).as_bytes(), "b").is_err());
        let many = "X: y\r\n".repeat(PART_HEADERS_MAX);
        assert!(
            parse(format!("--b\r\n{many}Content-Disposition: form-data; name=a\r\n\r\n1\r\n--b--").as_bytes(), "b")
                .is_err()
        );
    }

    #[test]
    fn boundaries_are_read_quoted_and_bare_in_any_case() {
        assert_eq!(boundary("multipart/form-data; charset=utf-8; Boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("multipart/form-data;boundary=abc; x=y").as_deref(), Some("abc"));
        assert_eq!(boundary("multipart/form-data; odd; boundary=abc").as_deref(), Some("abc"));
        for none in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"", ""] {
            assert_eq!(boundary(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..400), head in "[ -~]{0,80}") {
            let _ = parse(&body, "b");
            let _ = boundary(&head);
        }

        #[test]
        fn bodies_that_almost_parse_never_panic(pieces in prop::collection::vec(prop::sample::select(vec![
            "--b", "--", "\r\n", "\n", "\r", "Content-Disposition: form-data; name=", "\"a\"", "a", ":", ";", "=", "\\", "\"", "é",
        ]), 0..40)) {
            if let Ok(parts) = parse(pieces.concat().as_bytes(), "b") {
                prop_assert!(parts.len() <= PARAMETERS_MAX);
            }
        }

        #[test]
        fn what_was_written_comes_back(values in prop::collection::vec(("[a-z_]{1,12}", "\\PC{0,40}"), 0..8)) {
            use std::fmt::Write as _;
            let mut body = String::new();
            for (name, value) in &values {
                write!(body, "--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
            }
            body.push_str("--frontier--\r\n");
            prop_assert_eq!(parse(body.as_bytes(), "frontier").unwrap(), values);
        }
    }
}

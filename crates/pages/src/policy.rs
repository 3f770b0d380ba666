//! What a browser may do with a page.

/// The value of `Content-Security-Policy` for every page of this room.
///
/// `form_targets` are the origins (or schemes, such as `com.example.app:`) that a form may lead to besides this server.
/// Chromium holds redirects after a form against `form-action` too, so the pages of a sign-in for an application need the
/// origin of its redirect URI. An entry with a character that could begin another source or directive is left out.
pub fn content_security_policy(form_targets: &[&str]) -> String {
    let mut policy = String::from(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data: https:; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b":/.+-[]_*%".contains(&byte);
    for target in form_targets.iter().filter(|target| !target.is_empty() && target.bytes().all(harmless)) {
        policy.push(' ');
        policy.push_str(target);
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_is_allowed_and_a_target_cannot_add_a_directive() {
        let policy = content_security_policy(&["https://app.example.com", "x; script-src *", "a b", "myapp:"]);
        assert!(policy.ends_with("form-action 'self' https://app.example.com myapp:"), "{policy}");
        assert!(!policy.contains("unsafe"));
    }
}

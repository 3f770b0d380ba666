//! What mails say, in every language.

mod de;
mod en;
mod es;
mod fr;
mod ja;

use tollgate_model::user::{EmailAddress, User};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// A code that proves a new account's address: `{code}`.
    SignUp,
    /// Somebody wanted a new account for an address that has one: `{link}` to sign in, `{reset}` for a new password.
    SignUpTaken,
    /// A code that proves the address of an account: `{name}`, `{code}`.
    Verify,
    /// A code and link for a new password: `{name}`, `{code}`, `{link}`.
    Reset,
    /// An administrator made an account: `{name}`, `{organization}`, `{link}`.
    Invitation,
    /// The password was changed: `{name}`, `{issuer}`.
    PasswordChanged,
}

impl Topic {
    #[cfg(test)]
    const ALL: [Self; 6] =
        [Self::SignUp, Self::SignUpTaken, Self::Verify, Self::Reset, Self::Invitation, Self::PasswordChanged];
}

/// All texts of a language.
struct Texts {
    sign_up: Text,
    sign_up_taken: Text,
    verify: Text,
    reset: Text,
    invitation: Text,
    password_changed: Text,
}

/// Subject and body with their `{places}`.
struct Text {
    subject: &'static str,
    body: &'static str,
}

/// A mail in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) recipient: EmailAddress,
    pub(crate) subject: String,
    pub(crate) body: String,
}

impl Letter {
    /// A letter in the language that fits best; English when none does.
    pub(crate) fn new(email: &EmailAddress, language: Option<&str>, topic: Topic, places: &[(&str, &str)]) -> Self {
        let text = text(language.unwrap_or_default(), topic);
        Self { recipient: email.clone(), subject: filled(text.subject, places), body: filled(text.body, places) }
    }

    /// A letter to an account's owner in their language; their name is `{name}`.
    pub(crate) fn to(user: &User, topic: Topic, places: &[(&str, &str)]) -> Self {
        let mut all = vec![("name", user.name.as_str())];
        all.extend_from_slice(places);
        Self::new(&user.email, user.language.as_deref(), topic, &all)
    }
}

fn text(language: &str, topic: Topic) -> &'static Text {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    let texts = match primary.to_ascii_lowercase().as_str() {
        "de" => &de::TEXTS,
        "es" => &es::TEXTS,
        "fr" => &fr::TEXTS,
        "ja" => &ja::TEXTS,
        _ => &en::TEXTS,
    };
    match topic {
        Topic::SignUp => &texts.sign_up,
        Topic::SignUpTaken => &texts.sign_up_taken,
        Topic::Verify => &texts.verify,
        Topic::Reset => &texts.reset,
        Topic::Invitation => &texts.invitation,
        Topic::PasswordChanged => &texts.password_changed,
    }
}

/// Fills each `{place}` once; what is filled in is not looked at again, and stays on one line.
fn filled(template: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 128);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        let value = places.iter().find(|(own, _)| *own == place).map_or("", |(_, value)| value);
        out.extend(value.chars().filter(|c| !c.is_control()));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [&str; 6] = ["name", "code", "link", "reset", "organization", "issuer"];

    #[test]
    fn every_letter_has_the_same_places_in_every_language() {
        let places = |text: &Text| PLACES.map(|place| text.body.matches(&format!("{{{place}}}")).count().min(1));
        for topic in Topic::ALL {
            let english = text("en", topic);
            for language in ["de", "fr", "es", "ja"] {
                let translated = text(language, topic);
                assert_eq!(places(translated), places(english), "{language} {topic:?}");
                assert_ne!(translated.subject, english.subject, "{language} {topic:?}");
            }
        }
    }

    #[test]
    fn a_language_is_found_by_its_first_part_and_english_stands_for_all_others() {
        let subject = |language| text(language, Topic::Reset).subject;
        assert_eq!(subject("de-CH"), subject("de"));
        assert_eq!(subject("ja_JP"), subject("ja"));
        assert_eq!(subject("tlh"), subject("en"));
    }

    #[test]
    fn what_a_person_calls_themselves_can_neither_add_lines_nor_fill_places() {
        let email = "ada@example.com".parse().unwrap();
        let places = [("name", "{code}\r\nBcc: all@example.com"), ("code", "1234 5678"), ("link", "https://x/")];
        let letter = Letter::new(&email, None, Topic::Reset, &places);
        assert!(letter.body.contains("{code}Bcc: all@example.com"), "{}", letter.body);
        assert!(letter.body.contains("1234 5678"));
    }
}

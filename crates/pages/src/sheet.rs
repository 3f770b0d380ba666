//! What templates ask: texts, problems, addresses of files, times.

use std::fmt::{Display, Write};

use tollgate_model::Timestamp;

use crate::{
    Field, Frame, Language, Problem, assets, country, moment, qr,
    scope::{self, AskedScope, Sentence},
    texts::{Texts, shown},
    views::{activity::ActivityEntry, recovery::Strength},
};

/// The view of a template on the [`Frame`] and the words of its language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) frame: &'a Frame,
    /// The address of the page among the account pages; empty elsewhere.
    pub(crate) here: &'static str,
    texts: Texts,
}

/// An entry of the account pages' navigation: key of its text, and address.
pub(crate) struct Room {
    pub(crate) key: &'static str,
    pub(crate) href: &'static str,
}

/// A country of a list to choose from.
pub(crate) struct CountryChoice {
    pub(crate) code: &'static str,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates reach everything as a method of the sheet, and hand over all arguments by reference"
)]
impl<'a> Sheet<'a> {
    pub(crate) const fn of(frame: &'a Frame, here: &'static str) -> Self {
        Self { frame, here, texts: Texts::of(frame.language) }
    }

    pub(crate) fn text(self, key: &str) -> String {
        self.texts.text(key)
    }

    /// A text with one variable.
    pub(crate) fn with(self, key: &str, name: &'static str, value: impl Display) -> String {
        self.texts.with(key, name, value)
    }

    pub(crate) fn counted(self, key: &str, count: u32) -> String {
        self.texts.counted(key, count.into())
    }

    /// A stranger's text, without characters that deceive the eye.
    pub(crate) fn shown(self, text: &str) -> String {
        shown(text)
    }

    pub(crate) fn asset(self, name: &str) -> &'static str {
        assets::path_of(name)
    }

    pub(crate) fn brand_path(self) -> Option<String> {
        self.frame.branding.color.map(assets::brand_path)
    }

    /// `path`, with the pending request in its query.
    pub(crate) fn link(self, path: impl AsRef<str>) -> String {
        let path = path.as_ref();
        let Some(request) = &self.frame.request else { return path.to_owned() };
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}request={}", query_value(request))
    }

    /// The first problem of the input `name`.
    pub(crate) fn problem_at(self, name: &str) -> Option<String> {
        let here = |problem: &&Problem| problem.field().map(Field::name) == Some(name);
        self.frame.problems.iter().find(here).map(|problem| self.text(problem.text_key()))
    }

    /// The first letter of a name, in place of a missing picture.
    pub(crate) fn initial(self, name: &str) -> String {
        let letter = shown(name).chars().find(|c| c.is_alphanumeric());
        letter.map_or_else(|| "·".to_owned(), |letter| letter.to_uppercase().to_string())
    }

    pub(crate) fn sentences(self, scopes: &[AskedScope]) -> Vec<Sentence> {
        scope::sentences(self.texts, scopes)
    }

    pub(crate) fn date(self, at: &Timestamp) -> String {
        moment::date(self.texts, *at)
    }

    pub(crate) fn date_and_time(self, at: &Timestamp) -> String {
        moment::date_and_time(self.texts, *at)
    }

    pub(crate) fn relative(self, at: &Timestamp) -> String {
        moment::relative(self.texts, *at, self.frame.now)
    }

    pub(crate) fn device(self, device: &crate::Device) -> String {
        match (device.browser, device.system) {
            (Some(browser), Some(system)) => {
                self.texts.with_all("device-both", [("browser", browser.to_owned()), ("system", system.to_owned())])
            }
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => self.text("device-unknown"),
        }
    }

    /// What happened, and to which application or provider.
    pub(crate) fn happening(self, entry: &ActivityEntry) -> String {
        let happening = self.text(entry.happening.text_key());
        let Some(subject) = &entry.subject else { return happening };
        self.texts.with_all("happening-of", [("happening", happening), ("subject", subject.clone())])
    }

    pub(crate) fn languages(self) -> [Language; 5] {
        Language::ALL
    }

    /// All countries, sorted by name; `chosen` is a code, or empty.
    pub(crate) fn countries(self, chosen: &str) -> Vec<CountryChoice> {
        let countries = country::named(self.texts).into_iter();
        countries.map(|(code, name)| CountryChoice { code, name, chosen: code == chosen }).collect()
    }

    /// `text` as the value of a query parameter or a segment of a path.
    pub(crate) fn encoded(self, text: &str) -> String {
        query_value(text)
    }

    pub(crate) fn rooms(self) -> [Room; 8] {
        [
            Room { key: "room-profile", href: "/account" },
            Room { key: "room-password", href: "/account/password" },
            Room { key: "room-passkeys", href: "/account/passkeys" },
            Room { key: "room-authenticator", href: "/account/authenticator" },
            Room { key: "room-recovery-codes", href: "/account/recovery-codes" },
            Room { key: "room-sessions", href: "/account/sessions" },
            Room { key: "room-applications", href: "/account/applications" },
            Room { key: "room-activity", href: "/account/activity" },
        ]
    }

    pub(crate) fn strength(self, strength: &Strength) -> String {
        self.text(strength.text_key())
    }

    pub(crate) fn qr_path(self, modules: &[Vec<bool>]) -> String {
        qr::path(modules)
    }

    pub(crate) fn qr_side(self, modules: &[Vec<bool>]) -> usize {
        qr::side(modules)
    }
}

/// `text` as the value of a query parameter: everything but unreserved characters is percent-encoded (RFC 3986 section 2).
fn query_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            write!(value, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    value
}

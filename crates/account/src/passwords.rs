//! Passwords to be, as forms carry them.

use tollgate_crypto::SecretText;
use tollgate_pages::views::recovery::{PasswordAdvice, Strength};
use tollgate_people::{PASSWORD_CHARS_MIN, passwords::strength};

use crate::{onward::Onward, visit::Visit};

/// The rules of passwords, and how good the one was that was refused, as the address tells it.
pub(crate) fn advice(visit: &Visit) -> PasswordAdvice {
    let score = visit.params.get("strength").and_then(|score| score.parse().ok());
    let chars_min = u32::try_from(PASSWORD_CHARS_MIN).unwrap_or(u32::MAX);
    PasswordAdvice { chars_min, strength: score.map(Strength::of_score) }
}

/// Tells the next page how good a refused password was.
pub(crate) fn with_strength(onward: Onward, password: &SecretText, personal: &[&str]) -> Onward {
    onward.with("strength", &strength(password.reveal(), personal).to_string())
}

/// A password of a form.
pub(crate) fn typed(visit: &Visit, name: &str) -> SecretText {
    SecretText::from(visit.typed(name).to_owned())
}

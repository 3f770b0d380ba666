//! Passwords: what they have to be like, how they are checked, and how they are changed.

use std::sync::Arc;

use tollgate_crypto::{SecretText, password};
use tollgate_model::{Timestamp, session::Methods, user::User};
use tollgate_store::{activities, mails, sessions, users};
use tollgate_web::Fault;
use zxcvbn::{Score, matching::patterns::MatchPattern, zxcvbn};

use crate::{
    NewSession, People, RECENT_AUTHENTICATION, Refused, SignedIn, Visitor, activity::Action, sessions::DIGEST_PURPOSE,
};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Shorter words of a person are left alone: they occur by chance.
const PERSONAL_CHARS_MIN: usize = 4;

/// Why a password to be is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFlaw {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    #[error("the password has fewer than 12 characters")]
    Short,
    /// More than 256 bytes.
    #[error("the password has more than 256 bytes")]
    Long,
    /// One of those that everybody has.
    #[error("the password is on the list of common ones")]
    Common,
    /// Guessed easily.
    #[error("the password is guessed easily")]
    Weak,
    /// Built on the person's own name or address.
    #[error("the password holds the name or address of its owner")]
    Personal,
    /// The one that it is to follow.
    #[error("the password is the present one")]
    Unchanged,
}

/// How hard `password` is to guess for somebody who knows these words of the person, from 0 to 4.
pub fn strength(password: &str, personal: &[&str]) -> u8 {
    zxcvbn(head(password), personal).score().into()
}

/// Checks a password to be. Takes milliseconds.
pub fn check(password: &str, personal: &[&str]) -> Result<(), PasswordFlaw> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordFlaw::Short);
    }
    if password.len() > password::PASSWORD_BYTES_MAX {
        return Err(PasswordFlaw::Long);
    }
    // A person's own words make nothing stronger; what is left of a long password without them may be good enough.
    let mut rest = password.to_lowercase();
    for word in personal.iter().filter(|word| word.chars().count() >= PERSONAL_CHARS_MIN) {
        rest = rest.replace(&word.to_lowercase(), " ");
    }
    if rest.len() < password.to_lowercase().len() && zxcvbn(head(&rest), &[]).score() < Score::Three {
        return Err(PasswordFlaw::Personal);
    }
    let estimate = zxcvbn(head(password), personal);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let is_one_word = |patterns: &[zxcvbn::matching::Match]| matches!(patterns, [only] if matches!(only.pattern, MatchPattern::Dictionary(_)));
    Err(if is_one_word(estimate.sequence()) { PasswordFlaw::Common } else { PasswordFlaw::Weak })
}

/// The part that is looked at: what follows cannot make a password weaker, and looking at it would take long.
fn head(password: &str) -> &str {
    password.char_indices().nth(72).map_or(password, |(end, _)| &password[..end])
}

/// The words that somebody who knows this person would try.
pub(crate) fn personal_words(user: &User, organization: Option<&str>) -> Vec<String> {
    let names = [Some(user.name.as_str()), user.given_name.as_deref(), user.family_name.as_deref(), organization];
    words_of(user.email.as_str(), &names)
}

/// The words of an address and of names, each whole and in its parts.
pub(crate) fn words_of(email: &str, names: &[Option<&str>]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in names.iter().flatten().copied().chain([email]) {
        words.push(text.to_owned());
        words.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned));
    }
    words
}

impl People {
    /// Checks a password to be, knowing its owner's words.
    pub(crate) async fn check_new_password(&self, new: &SecretText, words: Vec<String>) -> Result<(), Refused> {
        let new = new.clone();
        let check = move || check(new.reveal(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(self.0.hashing.run(check).await??)
    }

    /// The hash of a password to be.
    pub(crate) async fn hash_password(&self, new: &SecretText) -> Result<String, Refused> {
        let (entropy, new) = (Arc::clone(&self.house().entropy), new.clone());
        Ok(self.0.hashing.run(move || password::hash(&*entropy, new.reveal())).await??)
    }

    /// Whether `given` is this person's password. It takes as long when there is no such person or no password. A hash
    /// with outdated parameters is made anew on this occasion.
    pub(crate) async fn has_password(&self, user: Option<&User>, given: &SecretText) -> Result<bool, Fault> {
        let stored = user.and_then(|user| user.password_hash.clone()).unwrap_or_else(password::unmatched);
        let (phc, text) = (stored.clone(), given.clone());
        let right = self.0.hashing.run(move || password::verify(&phc, text.reveal())).await??;
        if let (true, Some(user)) = (right && password::is_outdated(&stored), user) {
            let (entropy, text) = (Arc::clone(&self.house().entropy), given.clone());
            let new = self.0.hashing.run(move || password::hash(&*entropy, text.reveal())).await??;
            self.house()
                .db
                .transact::<_, Fault>(async |tx| Ok(users::rehash(tx, &user.id, &stored, &new).await?))
                .await?;
        }
        Ok(right)
    }

    /// Checks and hashes a password that is to follow the one that the person has.
    pub(crate) async fn hash_next_password(
        &self,
        user: &User,
        new: &SecretText,
        now: Timestamp,
    ) -> Result<String, Refused> {
        let organization = self.organization_of(user, now)?;
        let words = personal_words(user, organization.as_ref().map(|own| own.name.as_str()));
        self.check_new_password(new, words).await?;
        if user.password_hash.is_some() && self.has_password(Some(user), new).await? {
            return Err(PasswordFlaw::Unchanged.into());
        }
        self.hash_password(new).await
    }

    /// Changes the password of a signed-in person, or sets the first one when there is none. All other sessions end, and
    /// this one gets a new secret.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        present: Option<&SecretText>,
        new: &SecretText,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<NewSession, Refused> {
        let user = self.present_user(&signed_in.user.id).await?;
        if user.password_hash.is_some() {
            let attempt = self.attempt(Some(&user.email), visitor, now).await?;
            let checked = match present {
                Some(present) => self.has_password(Some(&user), present).await,
                None => Ok(false),
            };
            let (attempt, right) = attempt.unless_fault(checked).await?;
            if !right {
                return Err(Refused::WrongPassword);
            }
            attempt.give_back().await?;
        } else if now > signed_in.session.authenticated_at + RECENT_AUTHENTICATION {
            return Err(Refused::SignInAgain);
        }
        let hash = self.hash_next_password(&user, new, now).await?;
        let mail = self.seal_letter(&self.password_changed_letter(&user), now);
        let (secret, digest) = self.new_secret(DIGEST_PURPOSE);
        let session = &signed_in.session;
        let methods: &Methods = &session.methods;
        let entry = self.entry(Action::PasswordChanged, &user.id, None, visitor, now);
        let renewed = self.house().db.transact::<_, Refused>(async |tx| {
            users::set_password(tx, &user.id, Some(&hash), false).await?;
            if !sessions::renew(tx, &session.id, &digest, methods, session.authenticated_at).await? {
                return Err(Refused::SignInAgain);
            }
            activities::insert(tx, &entry).await?;
            mails::insert(tx, &mail).await?;
            self.close_sessions_of(tx, &user.id, Some(&session.id), now).await?;
            sessions::find(tx, &session.id).await?.ok_or(Refused::SignInAgain)
        });
        let session = renewed.await?;
        self.house().directory.refresh().await?;
        let user = User { password_hash: Some(hash), password_expired: false, ..user };
        Ok(NewSession { session, user, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_twelve_characters_and_at_most_256_bytes() {
        assert_eq!(check("Zr8#kQ!2vLp", &[]), Err(PasswordFlaw::Short));
        assert_eq!(check("Zr8#kQ!2vLpW", &[]), Ok(()));
        assert_eq!(check("ぬるぽがっですよねええ", &[]), Err(PasswordFlaw::Short), "eleven characters, 33 bytes");
        assert_eq!(check(&"x7".repeat(129), &[]), Err(PasswordFlaw::Long));
    }

    #[test]
    fn common_weak_and_personal_passwords_are_told_apart() {
        assert_eq!(check("unbelievable", &[]), Err(PasswordFlaw::Common));
        assert_eq!(check("aaaaaaaaaaaaaaa", &[]), Err(PasswordFlaw::Weak));
        assert_eq!(check("lovelace2024", &["Lovelace"]), Err(PasswordFlaw::Personal));
        assert_eq!(check("gracehopper12", &["Grace", "Hopper"]), Err(PasswordFlaw::Personal));
        assert_eq!(check("hopper counts 71 violet anvils", &["Grace", "Hopper"]), Ok(()));
        assert_eq!(check("correct horse battery staple", &["Ada"]), Ok(()));
    }

    #[test]
    fn strength_is_a_number_from_zero_to_four_and_long_input_is_no_burden() {
        assert_eq!(strength("password", &[]), 0);
        assert_eq!(strength("Zr8#kQ!2vLpW-gt5", &[]), 4);
        assert!(strength(&"qwertz".repeat(10_000), &[]) <= 4);
    }

    #[test]
    fn the_words_of_a_person_are_their_names_and_address_whole_and_in_parts() {
        let words = words_of("ada.lovelace@example.com", &[Some("Ada Lovelace"), None]);
        for word in ["Ada Lovelace", "Lovelace", "ada", "lovelace", "example", "ada.lovelace@example.com"] {
            assert!(words.iter().any(|own| own == word), "{word}");
        }
    }
}

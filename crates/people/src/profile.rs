//! What a person says of themselves.

use tollgate_model::{Invalid, Timestamp, organization::check_display_name, user::User};
use tollgate_store::{activities, users};

pub use tollgate_store::users::Profile;

use crate::{People, Refused, SignedIn, Visitor, activity::Action, sign_up::check_country};

/// Longest tag of a language that is kept.
const LANGUAGE_BYTES_MAX: usize = 35;

impl People {
    /// Changes name, language and country; answers the person as they are then.
    pub async fn update_profile(
        &self,
        signed_in: &SignedIn,
        profile: Profile,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<User, Refused> {
        check_display_name("name", &profile.name)?;
        for (what, part) in [("given name", &profile.given_name), ("family name", &profile.family_name)] {
            part.as_deref().map_or(Ok(()), |part| check_display_name(what, part))?;
        }
        check_country(profile.country_code.as_deref())?;
        check_language(profile.language.as_deref())?;
        let id = &signed_in.user.id;
        let entry = self.entry(Action::ProfileChanged, id, None, visitor, now);
        let changed = self.house().db.transact::<_, Refused>(async |tx| {
            if !users::update_profile(tx, id, &profile).await? {
                return Err(Refused::NotFound);
            }
            Ok(activities::insert(tx, &entry).await?)
        });
        changed.await?;
        self.present_user(id).await
    }
}

/// A tag such as `de` or `de-CH` (RFC 5646); whether there are texts in it is another question.
fn check_language(language: Option<&str>) -> Result<(), Invalid> {
    let Some(tag) = language else { return Ok(()) };
    let parts = || tag.split('-');
    let plain = parts().all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    let primary = parts().next().is_some_and(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    if tag.len() <= LANGUAGE_BYTES_MAX && plain && primary {
        return Ok(());
    }
    Err(Invalid::new("language", tag, "use a tag such as de or de-CH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_and_no_text() {
        for good in [None, Some("de"), Some("de-CH"), Some("zh-Hant-TW")] {
            assert!(check_language(good).is_ok(), "{good:?}");
        }
        for bad in ["", "d", "de_CH", "de-", "../de", &"a-".repeat(30)] {
            assert!(check_language(Some(bad)).is_err(), "{bad}");
        }
    }
}

//! Accounts that an administrator made: the person chooses a password behind a link in a mail.

use tollgate_crypto::SecretText;
use tollgate_model::{
    Seconds, Timestamp,
    id::OrganizationId,
    organization::check_display_name,
    session::{Method, Methods, Session},
    user::{EmailAddress, User},
};
use tollgate_store::{
    activities,
    mailed_codes::CodePurpose,
    users::{self, Profile},
};

use crate::{
    People, Refused, SignInStep, Visitor,
    activity::Action,
    codes::{Details, MadeFlow, NewFlow, Taken},
    passwords::personal_words,
};

/// How long an invitation is good.
pub const INVITATION_LIFETIME: Seconds = Seconds(7 * Seconds::DAY.0);

/// An account that waits for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its address.
    pub email: EmailAddress,
    /// The name as the administrator wrote it.
    pub name: String,
    /// Where it is.
    pub organization_id: OrganizationId,
}

impl People {
    /// A flow that invites the owner of an account.
    pub(crate) fn make_invitation(&self, user: &User, organization: &str, now: Timestamp) -> (NewFlow, MadeFlow) {
        let new = NewFlow {
            purpose: CodePurpose::Invitation,
            user_id: Some(user.id.clone()),
            email: user.email.clone(),
            details: Details {
                language: user.language.clone(),
                name: Some(user.name.clone()),
                organization: Some(organization.to_owned()),
                ..Details::default()
            },
            lifetime: INVITATION_LIFETIME,
        };
        let made = self.make_long_flow(&new, now);
        (new, made)
    }

    /// What an invitation is for; it stays good.
    pub async fn invitation(&self, token: &str, now: Timestamp) -> Result<Invitation, Refused> {
        let (row, _) = self.long_flow(token, CodePurpose::Invitation, now).await?;
        let user = self.present_user(row.user_id.as_ref().ok_or(Refused::CodeOver)?).await?;
        Ok(Invitation { email: user.email, name: user.name, organization_id: user.organization_id })
    }

    /// Takes an invitation: sets name and password, which also proves the address, and signs in.
    pub async fn accept_invitation(
        &self,
        token: &str,
        name: &str,
        password: &SecretText,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let (row, secret) = self.long_flow(token, CodePurpose::Invitation, now).await?;
        let user = self.present_user(row.user_id.as_ref().ok_or(Refused::CodeOver)?).await?;
        if !self.may_sign_in(&user, now)? {
            return Err(Refused::AccountDisabled);
        }
        check_display_name("name", name)?;
        let organization = self.organization_of(&user, now)?;
        let mut words = personal_words(&user, organization.as_ref().map(|own| own.name.as_str()));
        words.push(name.to_owned());
        self.check_new_password(password, words).await?;
        let hash = self.hash_password(password).await?;
        let profile = Profile {
            name: name.to_owned(),
            given_name: user.given_name.clone(),
            family_name: user.family_name.clone(),
            language: user.language.clone(),
            country_code: user.country_code.clone(),
        };
        let entry = self.entry(Action::EmailVerified, &user.id, None, visitor, now);
        let outcome = self.house().db.transact::<_, Refused>(async |tx| {
            let outcome = self.take_code(tx, &row, &secret, now).await?;
            if outcome == Taken::Right {
                users::set_password(tx, &user.id, Some(&hash), false).await?;
                users::set_email_verified(tx, &user.id, true).await?;
                users::update_profile(tx, &user.id, &profile).await?;
                activities::insert(tx, &entry).await?;
            }
            Ok(outcome)
        });
        outcome.await?.accepted()?;
        let user = self.present_user(&user.id).await?;
        self.complete(user, Methods::one(Method::Password), visitor, current, now).await
    }
}

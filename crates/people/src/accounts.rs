//! What administrators do with accounts.

use tollgate_crypto::{SecretText, base64url, entropy};
use tollgate_model::{
    Timestamp,
    id::{OrganizationId, UserId},
    organization::check_display_name,
    token::Revoked,
    user::{AccountType, EmailAddress, Role, User},
};
use tollgate_store::{
    activities, grants,
    mailed_codes::{self, CodePurpose},
    mails, organizations, revocations, users,
};
use tollgate_web::Fault;

use crate::{People, Refused, activity::Action, passwords::words_of, reset::ticket_text};

/// Invitations of one account at a time.
const INVITATIONS_MAX: u32 = 1;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Where.
    pub organization_id: OrganizationId,
    /// Sign-in name.
    pub email: EmailAddress,
    /// Full name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Who owns it.
    pub account_type: AccountType,
    /// The language of mails and pages.
    pub language: Option<String>,
}

/// How the owner of a new account first gets in.
#[derive(Debug, Clone)]
pub enum FirstCredential {
    /// By the link in a mail.
    Invitation,
    /// With a password that we make and that has to be changed.
    OneTimePassword,
    /// With this password, which stays.
    Password(SecretText),
    /// At their identity provider.
    None,
}

/// An account at its making.
#[derive(Debug)]
pub struct CreatedAccount {
    /// The account.
    pub user: User,
    /// The address of the invitation, or the password for the first sign-in; shown this once.
    pub secret: Option<SecretText>,
}

/// What an account is named by.
#[derive(Debug, Clone)]
pub enum AccountName {
    /// Its id.
    Id(UserId),
    /// Its address.
    Email(EmailAddress),
}

impl People {
    /// Makes an account; with an invitation, the mail is on its way when this returns.
    pub async fn create_account(
        &self,
        new: NewAccount,
        first: FirstCredential,
        now: Timestamp,
    ) -> Result<CreatedAccount, Refused> {
        check_display_name("name", &new.name)?;
        let organization = organizations::find(&self.house().db, &new.organization_id).await?;
        let organization = organization.ok_or(Refused::NotFound)?;
        let (password, expired) = self.first_password(&first, &new, &organization.name).await?;
        let password_hash = match &password {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        let user = User {
            id: UserId::generate(&*self.house().entropy, &self.house().instance.authorities.user),
            organization_id: new.organization_id,
            email: new.email,
            name: new.name,
            role: new.role,
            password_hash,
            account_type: new.account_type,
            email_verified: false,
            given_name: None,
            family_name: None,
            language: new.language,
            country_code: None,
            password_expired: expired,
            enabled: true,
            created_at: now,
        };
        let invited =
            matches!(first, FirstCredential::Invitation).then(|| self.make_invitation(&user, &organization.name, now));
        let mail = invited.as_ref().map(|(new, made)| self.code_mail(new, made, now));
        let entry = self.administrative_entry(Action::AccountCreated, &user.id, now);
        let written = self.house().db.transact::<_, Refused>(async |tx| {
            if !users::insert(tx, &user).await? {
                return Err(Refused::Taken);
            }
            activities::insert(tx, &entry).await?;
            if let (Some((_, made)), Some(mail)) = (&invited, &mail) {
                mailed_codes::insert(tx, &made.row, INVITATIONS_MAX).await?;
                mails::insert(tx, mail).await?;
            }
            Ok(())
        });
        written.await?;
        let secret = match &invited {
            Some((_, made)) => {
                let link = format!("{}/invitation?token={}", self.issuer(), ticket_text(made).reveal());
                Some(SecretText::from(link))
            }
            None => password.filter(|_| expired),
        };
        Ok(CreatedAccount { user, secret })
    }

    async fn first_password(
        &self,
        first: &FirstCredential,
        new: &NewAccount,
        organization: &str,
    ) -> Result<(Option<SecretText>, bool), Refused> {
        Ok(match first {
            FirstCredential::Invitation | FirstCredential::None => (None, false),
            FirstCredential::OneTimePassword => {
                let random = entropy::bytes::<18>(&*self.house().entropy);
                (Some(SecretText::from(base64url::encode(&random))), true)
            }
            FirstCredential::Password(password) => {
                let words = words_of(new.email.as_str(), &[Some(&new.name), Some(organization)]);
                self.check_new_password(password, words).await?;
                (Some(password.clone()), false)
            }
        })
    }

    /// The account of this name.
    pub async fn account(&self, name: &AccountName) -> Result<User, Refused> {
        let db = &self.house().db;
        let found = match name {
            AccountName::Id(id) => users::find(db, id).await?,
            AccountName::Email(email) => users::find_by_email(db, email).await?,
        };
        found.ok_or(Refused::NotFound)
    }

    /// The next accounts of an organization after the id `after`, by id.
    pub async fn accounts(
        &self,
        organization: &OrganizationId,
        after: Option<&UserId>,
        accounts_max: u32,
    ) -> Result<Vec<User>, Fault> {
        Ok(users::list(&self.house().db, organization, after, accounts_max).await?)
    }

    /// Sends another invitation; the earlier one is dead. Answers its address.
    pub async fn invite_again(&self, user: &UserId, now: Timestamp) -> Result<SecretText, Refused> {
        let user = self.present_user(user).await?;
        let organization = organizations::find(&self.house().db, &user.organization_id).await?;
        let organization = organization.ok_or(Refused::NotFound)?;
        let (new, made) = self.make_invitation(&user, &organization.name, now);
        let mail = self.code_mail(&new, &made, now);
        let written = self.house().db.transact::<_, Refused>(async |tx| {
            mailed_codes::delete_of_user(tx, &user.id, CodePurpose::Invitation).await?;
            mailed_codes::insert(tx, &made.row, INVITATIONS_MAX).await?;
            mails::insert(tx, &mail).await?;
            Ok(())
        });
        written.await?;
        Ok(SecretText::from(format!("{}/invitation?token={}", self.issuer(), ticket_text(&made).reveal())))
    }

    /// Lets a person in again, or ends all that they and their applications hold and lets them in no more.
    pub async fn set_account_enabled(&self, user: &UserId, enabled: bool, now: Timestamp) -> Result<(), Refused> {
        let entry = self.administrative_entry(Action::AdministratorChanged, user, now);
        let changed = self.house().db.transact::<_, Refused>(async |tx| {
            if !users::set_enabled(tx, user, enabled).await? {
                return Err(Refused::NotFound);
            }
            activities::insert(tx, &entry).await?;
            if !enabled {
                grants::revoke_of_user(tx, user, now).await?;
                self.close_sessions_of(tx, user, None, now).await?;
                revocations::insert(tx, &self.revocation(Revoked::Subject(user.to_string()), now)).await?;
            }
            Ok(())
        });
        changed.await?;
        Ok(self.house().directory.refresh().await?)
    }

    /// Deletes an account with all that belongs to it.
    pub async fn delete_account(&self, user: &UserId, now: Timestamp) -> Result<(), Refused> {
        let deleted = self.house().db.transact::<_, Refused>(async |tx| {
            // Applications are told of the end of their sessions before the rows go.
            self.close_sessions_of(tx, user, None, now).await?;
            if !users::delete(tx, user).await? {
                return Err(Refused::NotFound);
            }
            revocations::insert(tx, &self.revocation(Revoked::Subject(user.to_string()), now)).await?;
            Ok(())
        });
        deleted.await?;
        Ok(self.house().directory.refresh().await?)
    }

    /// Changes what a person may do.
    pub async fn set_account_role(&self, user: &UserId, role: Role, now: Timestamp) -> Result<(), Refused> {
        let entry = self.administrative_entry(Action::AdministratorChanged, user, now);
        let changed = self.house().db.transact::<_, Refused>(async |tx| {
            if !users::set_role(tx, user, role).await? {
                return Err(Refused::NotFound);
            }
            Ok(activities::insert(tx, &entry).await?)
        });
        changed.await
    }

    /// Ends every session of a person; tells how many.
    pub async fn end_all_sessions(&self, user: &UserId, now: Timestamp) -> Result<usize, Fault> {
        let ended =
            self.house().db.transact::<_, Fault>(async |tx| Ok(self.close_sessions_of(tx, user, None, now).await?));
        let ended = ended.await?;
        self.house().directory.refresh().await?;
        Ok(ended)
    }
}

//! Making an account by oneself, where the organization allows it.
//!
//! The account is made when the address is proved, in the browser that asked: the mail has a code and no link, so nobody
//! can be made to finish what a stranger began. Whoever has an account already is told so by mail and not by the page.

use std::sync::Arc;

use tollgate_crypto::SecretText;
use tollgate_model::{
    Invalid, Timestamp,
    id::{ClientId, OrganizationId, UserId},
    organization::{Organization, check_display_name},
    session::{Method, Methods, Session},
    user::{AccountType, EmailAddress, Role, User},
};
use tollgate_store::{activities, mailed_codes::CodePurpose, users};
use tollgate_web::Fault;

use crate::{
    Flow, People, Refused, SignInStep, Visitor,
    activity::Action,
    codes::{AccountToBe, CODE_LIFETIME, Details, NewFlow, Taken},
    mail::{Letter, Topic},
    passwords::words_of,
};

/// What somebody says of themselves who wants an account.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Where.
    pub organization_id: OrganizationId,
    /// The address, yet to be proved.
    pub email: EmailAddress,
    /// The name.
    pub name: String,
    /// Two letters of ISO 3166-1.
    pub country: Option<String>,
    /// The language of mails and pages.
    pub language: Option<String>,
    /// The password to be.
    pub password: SecretText,
}

impl People {
    /// The organization in which whoever comes from this application may make an account.
    pub fn sign_up_organization(
        &self,
        client: Option<&ClientId>,
        now: Timestamp,
    ) -> Result<Option<Arc<Organization>>, Fault> {
        let directory = self.house().directory_at(now)?;
        let configured = self.settings().sign_up_organization.as_ref();
        let found = match client {
            Some(client) => directory.client(client.as_str()).map(|own| Arc::clone(&own.organization)),
            None => configured.and_then(|id| directory.organization(id.as_str()).cloned()),
        };
        Ok(found.filter(|own| own.enabled && own.sign_in_rules.self_sign_up))
    }

    /// Checks what somebody says of themselves and sends a code. Answer and time are the same for an address that has an
    /// account.
    pub async fn begin_sign_up(&self, sign_up: SignUp, visitor: &Visitor, now: Timestamp) -> Result<Flow, Refused> {
        let organization = self.house().directory_at(now)?.organization(sign_up.organization_id.as_str()).cloned();
        let open = organization.filter(|own| own.enabled && own.sign_in_rules.self_sign_up);
        let organization = open.ok_or(Refused::SignUpClosed)?;
        check_display_name("name", &sign_up.name)?;
        check_country(sign_up.country.as_deref())?;
        let words = words_of(sign_up.email.as_str(), &[Some(&sign_up.name), Some(&organization.name)]);
        self.check_new_password(&sign_up.password, words).await?;
        self.count_mail(&sign_up.email, visitor, now).await?;
        let password_hash = self.hash_password(&sign_up.password).await?;
        let existing = users::find_by_email(&self.house().db, &sign_up.email).await?;
        let new = NewFlow {
            purpose: CodePurpose::SignUp,
            user_id: None,
            details: Details {
                language: sign_up.language.clone(),
                account: Some(AccountToBe {
                    organization_id: sign_up.organization_id.to_string(),
                    name: sign_up.name,
                    country: sign_up.country,
                    password_hash,
                }),
                decoy: existing.is_some(),
                ..Details::default()
            },
            email: sign_up.email,
            lifetime: CODE_LIFETIME,
        };
        let made = self.make_flow(&new, now);
        let mail = match &existing {
            Some(user) => self.seal_letter(&self.taken_letter(user), now),
            None => self.code_mail(&new, &made, now),
        };
        self.write_flow(&made, &mail).await?;
        Ok(made.flow())
    }

    fn taken_letter(&self, user: &User) -> Letter {
        let [link, reset] = ["sign-in", "forgot"].map(|path| format!("{}/{path}", self.issuer()));
        Letter::to(user, Topic::SignUpTaken, &[("link", &link), ("reset", &reset)])
    }

    /// Makes the account whose address the code proves, and signs in.
    pub async fn finish_sign_up(
        &self,
        flow: &str,
        code: &str,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let row = self.flow(flow, CodePurpose::SignUp, now).await?;
        let attempt = self.attempt(Some(&row.email), visitor, now).await?;
        let details = self.details(&row)?;
        let to_be = details.account.ok_or(Refused::CodeOver)?;
        let organization = to_be.organization_id.parse()?;
        let user = User {
            id: UserId::generate(&*self.house().entropy, &self.house().instance.authorities.user),
            organization_id: organization,
            email: row.email.clone(),
            name: to_be.name,
            role: Role::Member,
            password_hash: Some(to_be.password_hash),
            account_type: AccountType::Individual,
            email_verified: true,
            given_name: None,
            family_name: None,
            language: details.language,
            country_code: to_be.country,
            password_expired: false,
            enabled: true,
            created_at: now,
        };
        let entry = self.entry(Action::AccountCreated, &user.id, None, visitor, now);
        let taken = self.house().db.transact::<_, Refused>(async |tx| {
            let taken = self.take_code(tx, &row, code, now).await?;
            if taken == Taken::Right {
                if details.decoy || !users::insert(tx, &user).await? {
                    return Ok(Taken::Over);
                }
                activities::insert(tx, &entry).await?;
            }
            Ok(taken)
        });
        taken.await?.accepted()?;
        let step = self.complete(user, Methods::one(Method::Password), visitor, current, now).await?;
        attempt.succeeded().await?;
        Ok(step)
    }
}

/// Two capital letters, as ISO 3166-1 has them.
pub(crate) fn check_country(country: Option<&str>) -> Result<(), Invalid> {
    match country {
        Some(code) if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Err(Invalid::new("country", code, "use two capital letters, such as CH"))
        }
        _ => Ok(()),
    }
}

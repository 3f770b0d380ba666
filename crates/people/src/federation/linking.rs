//! From what a provider says about a person to an account.
//!
//! The provider's subject names the person once they are linked. Before that only an e-mail address does, and an address
//! is believed only if the provider says that it is verified **and** an operator has verified that its domain belongs to
//! this provider. An account that can be signed in to in another way is never linked: whoever holds the address
//! at the provider would take it over.

use tollgate_model::{
    Timestamp,
    id::UserId,
    organization::check_display_name,
    user::{AccountType, EmailAddress, Role, User},
};
use tollgate_store::{
    StoreError, Transaction, activities, domains,
    federated_identities::{self, FederatedIdentity},
    generations::{self, Generation},
    identity_providers::IdentityProvider,
    passkeys, users,
};

use super::{FederationRefused, id_token::PersonClaims};
use crate::{People, Visitor, activity::Action};

const NAME_CHARS_MAX: usize = 80;
/// Two first sign-ins of a person at once: one makes the account, the other finds it at its second try.
const TRIES: usize = 2;

enum Outcome {
    Found(Box<User>),
    Made(Box<User>),
    /// Somebody was faster; what they wrote is found at the next try.
    Again,
    Refused(FederationRefused),
}

/// Undoes a transaction that came too late.
enum Undo {
    Again,
    Store(StoreError),
}

impl From<StoreError> for Undo {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}

impl People {
    /// The account of a person for whom the provider vouches; made or linked if need be and allowed.
    pub(super) async fn user_of(
        &self,
        provider: &IdentityProvider,
        person: &PersonClaims,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<User, FederationRefused> {
        for _ in 0..TRIES {
            match self.find_link_or_make(provider, person, visitor, now).await? {
                Outcome::Found(user) => return Ok(*user),
                Outcome::Made(user) => {
                    tracing::info!(user = %user.id, provider = %provider.id, "an account was made for a person of a provider");
                    return Ok(*user);
                }
                Outcome::Refused(refused) => return Err(refused),
                Outcome::Again => {}
            }
        }
        Err(FederationRefused::NotAllowed)
    }

    async fn find_link_or_make(
        &self,
        provider: &IdentityProvider,
        person: &PersonClaims,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Outcome, FederationRefused> {
        let house = self.house();
        let newcomer = self.newcomer(provider, person, now);
        let worked = house.db.transact::<_, Undo>(async |tx| {
            if let Some(user) = federated_identities::find(&mut *tx, &provider.id, &person.sub).await? {
                return Ok(known(user, provider));
            }
            // One first sign-in after the other: what one of them wrote is seen whole from here on, account and link.
            generations::hold(tx, Generation::Directory).await?;
            if let Some(user) = federated_identities::find(&mut *tx, &provider.id, &person.sub).await? {
                return Ok(known(user, provider));
            }
            let Some(newcomer) = newcomer else { return Ok(Outcome::Refused(FederationRefused::NoEmail)) };
            if !speaks_for(tx, provider, &newcomer.email).await? {
                return Ok(Outcome::Refused(FederationRefused::NotAllowed));
            }
            let (user, is_new) = match users::find_by_email(&mut *tx, &newcomer.email).await? {
                None => (newcomer, true),
                Some(user) if may_be_linked(tx, provider, &user).await? => (user, false),
                Some(_) => return Ok(Outcome::Refused(FederationRefused::NotAllowed)),
            };
            if is_new && !users::insert(tx, &user).await? {
                return Err(Undo::Again);
            }
            let link = FederatedIdentity {
                provider_id: provider.id.clone(),
                subject: person.sub.clone(),
                user_id: user.id.clone(),
                created_at: now,
            };
            if !federated_identities::insert(tx, &link).await? {
                return Err(Undo::Again);
            }
            let action = if is_new { Action::AccountCreated } else { Action::ProviderLinked };
            activities::insert(tx, &self.entry(action, &user.id, None, visitor, now)).await?;
            Ok(if is_new { Outcome::Made(user.into()) } else { Outcome::Found(user.into()) })
        });
        match worked.await {
            Ok(outcome) => Ok(outcome),
            Err(Undo::Again) => Ok(Outcome::Again),
            Err(Undo::Store(cause)) => Err(cause.into()),
        }
    }

    /// The account that would be made; `None` without an e-mail address that the provider vouches for.
    fn newcomer(&self, provider: &IdentityProvider, person: &PersonClaims, now: Timestamp) -> Option<User> {
        let house = self.house();
        let email = person.email.as_deref().filter(|_| person.email_verified)?.parse::<EmailAddress>().ok()?;
        let short = |text: &Option<String>| text.as_deref().and_then(display_name);
        let (given_name, family_name) = (short(&person.given_name), short(&person.family_name));
        let whole = [given_name.as_deref(), family_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = short(&person.name).or_else(|| display_name(&whole));
        Some(User {
            id: UserId::generate(&*house.entropy, &house.instance.authorities.user),
            organization_id: provider.organization_id.clone(),
            name: name.or_else(|| display_name(email.as_str())).unwrap_or_else(|| "?".to_owned()),
            email,
            role: Role::Member,
            password_hash: None,
            account_type: AccountType::Federated,
            email_verified: true,
            given_name,
            family_name,
            language: person.locale.as_deref().and_then(language),
            country_code: None,
            password_expired: false,
            enabled: true,
            created_at: now,
        })
    }
}

/// Somebody whom the provider has signed in before.
fn known(user: User, provider: &IdentityProvider) -> Outcome {
    if user.organization_id == provider.organization_id {
        Outcome::Found(user.into())
    } else {
        Outcome::Refused(FederationRefused::NotAllowed)
    }
}

/// Whether the domain of `email` is verified for this provider.
async fn speaks_for(
    tx: &mut Transaction,
    provider: &IdentityProvider,
    email: &EmailAddress,
) -> Result<bool, StoreError> {
    let Some((_, name)) = email.as_str().rsplit_once('@') else { return Ok(false) };
    let domain = domains::find(&mut *tx, name).await?;
    Ok(domain.is_some_and(|domain| {
        domain.verified_at.is_some()
            && domain.provider_id.as_ref() == Some(&provider.id)
            && domain.organization_id == provider.organization_id
    }))
}

/// Whether an account may be linked: one of the provider's organization that has no way in of its own, and that is not
/// linked to another person of this provider, whose address this may have been before.
async fn may_be_linked(tx: &mut Transaction, provider: &IdentityProvider, user: &User) -> Result<bool, StoreError> {
    if user.organization_id != provider.organization_id {
        return Ok(false);
    }
    let has_way_in = match user.account_type {
        AccountType::Federated => false,
        AccountType::Enterprise => {
            user.password_hash.is_some() || !passkeys::list_of_user(&mut *tx, &user.id).await?.is_empty()
        }
        // Made by the person, so not the organization's to hand over.
        AccountType::Individual => true,
    };
    let linked = federated_identities::list_of_user(&mut *tx, &user.id).await?;
    Ok(!has_way_in && linked.iter().all(|link| link.provider_id != provider.id))
}

/// What somebody else wrote, made fit for a name.
fn display_name(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    let cut: String = plain.trim().chars().take(NAME_CHARS_MAX).collect();
    let name = cut.trim();
    check_display_name("name", name).is_ok().then(|| name.to_owned())
}

/// The language of a locale such as `de-CH`.
fn language(locale: &str) -> Option<String> {
    let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    (language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(language)
}

//! Authenticator applications: one-time codes by time (RFC 6238).

use qrcodegen::{QrCode, QrCodeEcc};
use tollgate_crypto::{SecretText, entropy};
use tollgate_model::{Timestamp, id::UserId, user::User};
use tollgate_store::{
    activities,
    authenticators::{self, Authenticator},
    organizations, recovery_codes as stored_codes,
};
use tollgate_web::Fault;
use totp_rs::{Builder, Totp};

use crate::{
    FactorRefused, People, SignedIn, Visitor,
    activity::Action,
    factors::{drop_codes_without_factor, is_recent},
    recovery_codes::{self, RecoveryCodes},
};

/// As RFC 4226 section 4 recommends for HMAC-SHA1, the one function that all applications know.
const SECRET_BYTES: usize = 20;
/// Steps before and after the present whose codes are taken, for clocks that are off (RFC 6238 section 5.2).
const SKEW_STEPS: u16 = 1;
const CODE_DIGITS: usize = 6;

/// Whether a person has an authenticator application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticatorState {
    /// None.
    Off,
    /// One that has not yet shown that it works.
    Unconfirmed,
    /// One that is asked for at the sign-in.
    On {
        /// Since when.
        since: Timestamp,
    },
}

/// A new authenticator application, to be shown once.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret in base32, for those who type it.
    pub secret: SecretText,
    /// The secret as an `otpauth` address.
    pub uri: SecretText,
    /// The address as a QR code: rows of modules, `true` is dark; without the quiet zone.
    pub modules: Vec<Vec<bool>>,
}

impl People {
    /// Whether a person has an authenticator application.
    pub async fn authenticator(&self, user: &UserId) -> Result<AuthenticatorState, Fault> {
        let found = authenticators::find(&self.house().db, user).await?;
        Ok(match found {
            None => AuthenticatorState::Off,
            Some(Authenticator { confirmed_at: None, .. }) => AuthenticatorState::Unconfirmed,
            Some(Authenticator { confirmed_at: Some(since), .. }) => AuthenticatorState::On { since },
        })
    }

    /// Begins with a new secret, which counts for nothing until [`confirm_authenticator`](Self::confirm_authenticator).
    pub async fn enrol_authenticator(&self, signed_in: &SignedIn, now: Timestamp) -> Result<Enrolment, FactorRefused> {
        if !is_recent(signed_in, now) {
            return Err(FactorRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user);
        let organization = organizations::find(&house.db, &user.organization_id).await?;
        let issuer = organization.map_or_else(|| "Tollgate".to_owned(), |found| found.name);
        let secret = entropy::bytes::<SECRET_BYTES>(&*house.entropy);
        let enrolment = enrolment(&secret, &issuer, user.email.as_str())?;
        let sealed = house.master_key.seal(&*house.entropy, &seal_purpose(&user.id), &secret);
        let put = house.db.transact(async |tx| authenticators::put(tx, &user.id, &sealed, now).await).await?;
        if put { Ok(enrolment) } else { Err(FactorRefused::AlreadyOn) }
    }

    /// The application that waits for its first code, shown again.
    pub async fn waiting_enrolment(&self, signed_in: &SignedIn, now: Timestamp) -> Result<Enrolment, FactorRefused> {
        if !is_recent(signed_in, now) {
            return Err(FactorRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user);
        let found = authenticators::find(&house.db, &user.id).await?;
        let waiting = found.filter(|found| found.confirmed_at.is_none()).ok_or(FactorRefused::NotEnrolled)?;
        let secret = house.master_key.open(&seal_purpose(&user.id), &waiting.sealed_secret).map_err(Fault::from)?;
        let organization = organizations::find(&house.db, &user.organization_id).await?;
        let issuer = organization.map_or_else(|| "Tollgate".to_owned(), |found| found.name);
        Ok(enrolment(secret.reveal(), &issuer, user.email.as_str())?)
    }

    /// Takes the first code of a new application, which from now on is asked for. Answers recovery codes when the person
    /// had none.
    pub async fn confirm_authenticator(
        &self,
        signed_in: &SignedIn,
        code: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Option<Vec<SecretText>>, FactorRefused> {
        if !is_recent(signed_in, now) {
            return Err(FactorRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user);
        let attempt = self.attempt(Some(&user.email), visitor, now).await?;
        let found = authenticators::find(&house.db, &user.id).await?;
        let waiting = found.filter(|found| found.confirmed_at.is_none()).ok_or(FactorRefused::NotEnrolled)?;
        let step = self.matching_step(&waiting, code, now)?.ok_or(FactorRefused::WrongCode)?;
        let codes = RecoveryCodes::generate(&*house.entropy);
        let digests = codes.digests(&house.digest_key, &user.id);
        let added = self.entry(Action::AuthenticatorAdded, &user.id, None, visitor, now);
        let made = self.entry(Action::RecoveryCodesMade, &user.id, None, visitor, now);
        let first = house
            .db
            .transact(async |tx| {
                if !authenticators::confirm(tx, &user.id, &waiting.sealed_secret, step, now).await? {
                    return Err(FactorRefused::NotEnrolled);
                }
                activities::insert(tx, &added).await?;
                let first = stored_codes::count(&mut *tx, &user.id).await? == 0;
                if first {
                    stored_codes::replace_all(tx, &user.id, &digests, now).await?;
                    activities::insert(tx, &made).await?;
                }
                Ok(first)
            })
            .await?;
        attempt.succeeded().await?;
        Ok(first.then(|| codes.into_shown()))
    }

    /// Takes the application away, and the recovery codes with it if no passkey is left.
    pub async fn disable_authenticator(
        &self,
        signed_in: &SignedIn,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), FactorRefused> {
        if !is_recent(signed_in, now) {
            return Err(FactorRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user.id);
        let removed = self.entry(Action::AuthenticatorRemoved, user, None, visitor, now);
        house
            .db
            .transact(async |tx| {
                if !authenticators::delete(tx, user).await? {
                    return Err(FactorRefused::NotEnrolled);
                }
                drop_codes_without_factor(tx, user, now).await?;
                Ok(activities::insert(tx, &removed).await?)
            })
            .await
    }

    /// Whether `code` is one that the person's application shows now, or an unused recovery code; it is used up by this.
    /// Whoever calls this has counted the attempt before.
    pub(crate) async fn check_one_time_code(
        &self,
        user: &User,
        code: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let db = &self.house().db;
        if let Some(digest) = recovery_codes::digest_of(&self.house().digest_key, &user.id, code) {
            let entry = self.entry(Action::RecoveryCodeUsed, &user.id, None, visitor, now);
            let consumed = db.transact::<_, Fault>(async |tx| {
                let is_right = stored_codes::consume(tx, &user.id, &digest).await?;
                if is_right {
                    activities::insert(tx, &entry).await?;
                }
                Ok(is_right)
            });
            return consumed.await;
        }
        let found = authenticators::find(db, &user.id).await?;
        let Some(own) = found.filter(|found| found.confirmed_at.is_some()) else { return Ok(false) };
        let Some(step) = self.matching_step(&own, code, now)? else { return Ok(false) };
        Ok(db.transact(async |tx| authenticators::use_step(tx, &user.id, step).await).await?)
    }

    /// The time step whose code this is.
    fn matching_step(&self, authenticator: &Authenticator, code: &str, now: Timestamp) -> Result<Option<i64>, Fault> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != CODE_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(None);
        }
        let purpose = seal_purpose(&authenticator.user_id);
        let secret = self.house().master_key.open(&purpose, &authenticator.sealed_secret)?;
        let totp = totp(secret.reveal(), None)?;
        let step = u64::try_from(now.seconds()).ok().and_then(|seconds| totp.check(&digits, seconds));
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }
}

fn seal_purpose(user: &UserId) -> String {
    format!("authenticator {user}")
}

/// The codes of a secret; issuer and account name are needed for the address alone.
fn totp(secret: &[u8], names: Option<(&str, &str)>) -> Result<Totp, Fault> {
    let mut builder = Builder::new().with_secret(secret.to_vec()).with_skew(SKEW_STEPS);
    if let Some((issuer, account)) = names {
        // A colon stands between the two in the address.
        builder = builder.with_issuer(Some(issuer.replace(':', " "))).with_account_name(account.replace(':', " "));
    }
    builder.build().map_err(|cause| Fault::caused("the secret of an authenticator application is no secret", cause))
}

fn enrolment(secret: &[u8], issuer: &str, account: &str) -> Result<Enrolment, Fault> {
    let totp = totp(secret, Some((issuer, account)))?;
    let uri = totp.to_url().map_err(|cause| Fault::caused("an otpauth address could not be written", cause))?;
    let code = QrCode::encode_text(&uri, QrCodeEcc::Medium)
        .map_err(|cause| Fault::caused("an otpauth address is too long for a QR code", cause))?;
    let modules = (0..code.size()).map(|y| (0..code.size()).map(|x| code.get_module(x, y)).collect()).collect();
    Ok(Enrolment { secret: SecretText::from(totp.secret().to_base32()), uri: SecretText::from(uri), modules })
}

#[cfg(test)]
mod tests;

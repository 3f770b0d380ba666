//! Accounts, sign-ins, sessions, codes, mails and consents in a house with one organization.

mod accounts;
mod codes;
mod consents;
mod credential;
mod sessions;
mod sign_in;
mod work;

use tollgate_crypto::{SecretText, SystemEntropy, password};
use tollgate_model::user::{AccountType, User};
use tollgate_store::{StoreError, Transaction, mails};

use crate::{
    NewSession, Refused, SignInStep,
    mail::Letter,
    scene::{Scene, visitor},
};

pub(crate) const EMAIL: &str = "ada@example.org";
pub(crate) const PASSWORD: &str = "Zr8#kQ!2vLpW-gt5";
pub(crate) const NEXT_PASSWORD: &str = "mU4)wB&7xNcJ_he9";

pub(crate) fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

impl Scene {
    /// A person with [`EMAIL`] and [`PASSWORD`].
    pub(crate) async fn ada(&self) -> User {
        let hash = password::hash(&SystemEntropy, PASSWORD).unwrap();
        self.person_of(&self.organization, EMAIL, AccountType::Individual, Some(hash)).await
    }

    pub(crate) async fn try_password(&self, email: &str, text: &str) -> Result<SignInStep, Refused> {
        let email = email.parse().unwrap();
        self.people.sign_in_with_password(&email, &secret(text), &visitor(), None, self.now()).await
    }

    /// Signs in with [`PASSWORD`] in a new browser.
    pub(crate) async fn sign_in(&self) -> NewSession {
        complete(self.try_password(EMAIL, PASSWORD).await)
    }

    /// Whether the cookie opens a session.
    pub(crate) async fn opens(&self, session: &NewSession) -> bool {
        self.people.session(session.secret.reveal(), self.now()).await.unwrap().is_some()
    }

    /// Runs one change in a transaction and lets the directory follow.
    pub(crate) async fn change<T>(&self, work: impl AsyncFnOnce(&mut Transaction) -> Result<T, StoreError>) -> T {
        let value = self.people.house().db.transact::<_, StoreError>(work).await.unwrap();
        self.people.house().directory.refresh().await.unwrap();
        value
    }

    /// Lets time pass, and the directory notice.
    pub(crate) async fn wait(&self, seconds: i64) {
        self.pass(seconds);
        self.people.house().directory.refresh().await.unwrap();
    }

    /// The mails to this address that wait, newest first.
    pub(crate) async fn letters(&self, email: &str) -> Vec<Letter> {
        let mut all = Vec::new();
        for mail in mails::list_recent(&self.people.house().db, Some(email), 50).await.unwrap() {
            all.push(self.people.open_letter(&mail).unwrap());
        }
        all
    }

    /// The code in the newest mail.
    pub(crate) async fn mailed_code(&self, email: &str) -> String {
        let letters = self.letters(email).await;
        let line = letters[0].body.lines().find(|line| line.starts_with("    ")).expect("a code");
        line.trim().to_owned()
    }
}

pub(crate) fn complete(step: Result<SignInStep, Refused>) -> NewSession {
    match step {
        Ok(SignInStep::Complete(session)) => *session,
        other => panic!("the sign-in is not complete: {other:?}"),
    }
}

pub(crate) fn signed_in(session: &NewSession) -> crate::SignedIn {
    crate::SignedIn { session: session.session.clone(), user: session.user.clone() }
}

//! Signing in: one proof after another, until nothing is missing and a session begins.
//!
//! Between two proofs the browser holds a *ticket*: a secret of its own, good for one step. What is still missing is
//! decided anew at each step from the person, the organization's rules and the proofs so far, so no step can be skipped
//! by asking for a later one.

use tollgate_crypto::{Digest, SecretText};
use tollgate_model::{
    Timestamp,
    session::{Assurance, Method, Methods, Session},
    user::{AccountType, EmailAddress, User},
};
use tollgate_store::{sign_ins, users};
use tollgate_web::Fault;

use crate::{
    Attempt, AuthenticatorState, FactorWays, NewSession, People, Refused, SignedIn, Ticket, Visitor, activity::Action,
    beginning::Beginning, ticket::use_up,
};

/// What comes of a proof.
#[derive(Debug)]
pub enum SignInStep {
    /// Nothing is missing.
    Complete(Box<NewSession>),
    /// A second factor is missing.
    SecondFactor {
        /// What the browser goes on with.
        ticket: SecretText,
        /// The ways this person has.
        ways: FactorWays,
    },
    /// The organization wants a second factor, and the person has none yet.
    EnrolSecondFactor {
        /// What the browser goes on with.
        ticket: SecretText,
    },
    /// The password has to be changed.
    PasswordExpired {
        /// What the browser goes on with.
        ticket: SecretText,
    },
}

/// What is still missing.
pub(crate) enum Missing {
    Nothing,
    SecondFactor(FactorWays),
    Enrolment,
    NewPassword,
}

/// A proof that was just accepted, and what goes with it.
pub(crate) struct Proved<'a> {
    pub(crate) user: User,
    pub(crate) methods: Methods,
    /// The ticket that this step uses up.
    pub(crate) ticket: Option<&'a Digest>,
    /// The hash of a password that was set in this step.
    pub(crate) new_password: Option<String>,
}

impl Proved<'_> {
    pub(crate) fn first(user: User, methods: Methods) -> Self {
        Self { user, methods, ticket: None, new_password: None }
    }
}

impl People {
    /// Signs in with address and password. Answer and time are the same for an address that nobody has.
    pub async fn sign_in_with_password(
        &self,
        email: &EmailAddress,
        password: &SecretText,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let attempt = self.attempt(Some(email), visitor, now).await?;
        let found = users::find_by_email(&self.house().db, email).await?;
        let checked = found.as_ref().filter(|user| user.account_type != AccountType::Federated);
        let (attempt, right) = attempt.unless_fault(self.has_password(checked, password).await).await?;
        match found {
            Some(user) if right => {
                let step = self.complete(user, Methods::one(Method::Password), visitor, current, now).await?;
                self.settle_attempt(attempt, &step).await?;
                Ok(step)
            }
            other => {
                self.note_failure(other.as_ref(), visitor, now);
                Err(Refused::WrongPassword)
            }
        }
    }

    /// What every first proof ends in. The browser gets a new secret; a session of another person in it ends, and one of
    /// the same person goes on under its id.
    pub async fn complete(
        &self,
        user: User,
        methods: Methods,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        self.advance(Proved::first(user, methods), visitor, current, now).await
    }

    /// Gives a code of the authenticator application, or a recovery code.
    pub async fn sign_in_with_code(
        &self,
        ticket: &str,
        code: &str,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let Ticket { user, .. } = self.ticket(ticket, now).await?;
        let attempt = self.attempt(Some(&user.email), visitor, now).await?;
        let checked = self.check_one_time_code(&user, code, visitor, now).await;
        let (attempt, right) = attempt.unless_fault(checked).await?;
        if !right {
            self.note_failure(Some(&user), visitor, now);
            return Err(Refused::WrongCode);
        }
        let step = self.pass_second_factor(ticket, Method::OneTimeCode, visitor, current, now).await?;
        self.settle_attempt(attempt, &step).await?;
        Ok(step)
    }

    /// Goes on after a second factor was found right; uses the ticket up.
    pub(crate) async fn pass_second_factor(
        &self,
        ticket: &str,
        method: Method,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let (Ticket { user, methods, .. }, digest) = self.opened(ticket, now).await?;
        let proved = Proved { user, methods: methods.and(method), ticket: Some(&digest), new_password: None };
        self.advance(proved, visitor, current, now).await
    }

    /// Changes a password that has to be changed, and goes on.
    pub async fn change_expired_password(
        &self,
        ticket: &str,
        new: &SecretText,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let (Ticket { user, methods, .. }, digest) = self.opened(ticket, now).await?;
        if !matches!(self.missing(&user, &methods, now).await?, Missing::NewPassword) {
            return Err(Refused::TicketOver);
        }
        let hash = self.hash_next_password(&user, new, now).await?;
        let proved = Proved { user, methods, ticket: Some(&digest), new_password: Some(hash) };
        self.advance(proved, visitor, current, now).await
    }

    /// Asks a signed-in person for the second factor alone; `None` when they have none.
    pub async fn step_up(&self, signed_in: &SignedIn, now: Timestamp) -> Result<Option<SignInStep>, Fault> {
        let ways = self.second_factor_ways(&signed_in.user.id).await?;
        if !ways.authenticator && !ways.passkey {
            return Ok(None);
        }
        let (ticket, row) = self.new_ticket(&signed_in.user, &signed_in.session.methods, now);
        self.house().db.transact::<_, Fault>(async |tx| Ok(sign_ins::insert(tx, &row).await?)).await?;
        Ok(Some(SignInStep::SecondFactor { ticket, ways }))
    }

    /// Goes on once the second factor was added with [`enrolling`](Self::enrolling): adding it proved it.
    pub async fn finish_enrolment(
        &self,
        ticket: &str,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let opened = self.ticket(ticket, now).await?;
        match self.authenticator(&opened.user.id).await? {
            AuthenticatorState::On { since } if since >= opened.created_at => {}
            _ => return Err(Refused::TicketOver),
        }
        self.pass_second_factor(ticket, Method::OneTimeCode, visitor, current, now).await
    }

    /// Takes in a proof: writes the next ticket, or begins the session. One transaction; a ticket is used up once.
    pub(crate) async fn advance(
        &self,
        proved: Proved<'_>,
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let mut user = proved.user;
        if !self.may_sign_in(&user, now)? {
            return Err(Refused::AccountDisabled);
        }
        if let Some(hash) = &proved.new_password {
            user = User { password_hash: Some(hash.clone()), password_expired: false, ..user };
        }
        let missing = self.missing(&user, &proved.methods, now).await?;
        if matches!(missing, Missing::Nothing) {
            let beginning = Beginning { user, methods: proved.methods, current };
            return self.begin(beginning, proved.ticket, proved.new_password.as_deref(), visitor, now).await;
        }
        let (ticket, row) = self.new_ticket(&user, &proved.methods, now);
        let written = self.house().db.transact::<_, Refused>(async |tx| {
            if let Some(hash) = &proved.new_password {
                users::set_password(tx, &user.id, Some(hash), false).await?;
            }
            use_up(tx, proved.ticket, now).await?;
            Ok(sign_ins::insert(tx, &row).await?)
        });
        written.await?;
        Ok(match missing {
            Missing::SecondFactor(ways) => SignInStep::SecondFactor { ticket, ways },
            Missing::Enrolment => SignInStep::EnrolSecondFactor { ticket },
            Missing::NewPassword | Missing::Nothing => SignInStep::PasswordExpired { ticket },
        })
    }

    /// What this person still has to do after these proofs.
    pub(crate) async fn missing(&self, user: &User, methods: &Methods, now: Timestamp) -> Result<Missing, Fault> {
        let by_password = methods.iter().any(|method| method == Method::Password);
        if by_password && methods.assurance() == Assurance::OneFactor {
            let ways = self.second_factor_ways(&user.id).await?;
            let organization = self.organization_of(user, now)?;
            let required = organization.is_some_and(|own| own.sign_in_rules.second_factor_required);
            // A passkey alone is a way to sign in and no wish for a second factor: whoever lost it has the password.
            if ways.authenticator || required && ways.passkey {
                return Ok(Missing::SecondFactor(ways));
            }
            if required {
                return Ok(Missing::Enrolment);
            }
        }
        Ok(if by_password && user.password_expired { Missing::NewPassword } else { Missing::Nothing })
    }

    /// A sign-in that is complete forgives earlier failures; a step of one only takes itself back.
    async fn settle_attempt(&self, attempt: Attempt, step: &SignInStep) -> Result<(), Fault> {
        match step {
            SignInStep::Complete(_) => attempt.succeeded().await,
            _ => attempt.give_back().await,
        }
    }

    pub(crate) fn note_failure(&self, user: Option<&User>, visitor: &Visitor, now: Timestamp) {
        if let Some(user) = user {
            self.0.aside.happened(self.entry(Action::SignInFailed, &user.id, None, visitor, now));
        }
    }
}

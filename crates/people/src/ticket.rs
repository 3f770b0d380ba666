//! What a browser holds between two proofs of a sign-in: a secret of its own, good for one step and a quarter of an hour.

use tollgate_crypto::{Digest, SecretText};
use tollgate_model::{
    Seconds, Timestamp,
    id::SessionId,
    session::{Methods, Session},
    user::User,
};
use tollgate_store::{
    Transaction,
    sign_ins::{self, SignIn},
    users,
};

use crate::{
    FactorWays, People, Refused, SignedIn,
    sessions::{DIGEST_PURPOSE, SECRET_CHARS},
    sign_in::Missing,
};

/// How long a sign-in may take.
pub const TICKET_LIFETIME: Seconds = Seconds(900);
const TICKET_PURPOSE: &str = "sign-in";

/// A sign-in that is not complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Who is about to sign in.
    pub user: User,
    /// What was proved so far.
    pub methods: Methods,
    /// When the last step was done.
    pub created_at: Timestamp,
}

impl People {
    /// Who goes on with this ticket.
    pub async fn ticket(&self, ticket: &str, now: Timestamp) -> Result<Ticket, Refused> {
        self.opened(ticket, now).await.map(|(ticket, _)| ticket)
    }

    /// Who goes on with this ticket, and in which ways.
    pub async fn ticket_ways(&self, ticket: &str, now: Timestamp) -> Result<(User, FactorWays), Refused> {
        let Ticket { user, .. } = self.ticket(ticket, now).await?;
        let ways = self.second_factor_ways(&user.id).await?;
        Ok((user, ways))
    }

    /// Whoever must add a second factor before the session begins, in the form that the use cases of factors take. It is
    /// no session: nothing but a factor can be added with it.
    pub async fn enrolling(&self, ticket: &str, now: Timestamp) -> Result<SignedIn, Refused> {
        let Ticket { user, methods, created_at } = self.ticket(ticket, now).await?;
        if !matches!(self.missing(&user, &methods, now).await?, Missing::Enrolment) {
            return Err(Refused::TicketOver);
        }
        let (_, digest) = self.new_secret(DIGEST_PURPOSE);
        let session = Session {
            id: SessionId::generate(&*self.house().entropy, now),
            digest,
            user_id: user.id.clone(),
            methods,
            authenticated_at: created_at,
            created_at,
            last_seen_at: created_at,
            expires_at: created_at + TICKET_LIFETIME,
            address: String::new(),
            user_agent: String::new(),
        };
        Ok(SignedIn { session, user })
    }

    /// Who goes on with this ticket, and what is stored of it.
    pub(crate) async fn opened(&self, ticket: &str, now: Timestamp) -> Result<(Ticket, Digest), Refused> {
        if ticket.len() != SECRET_CHARS {
            return Err(Refused::TicketOver);
        }
        let digest = self.house().digest_key.digest(TICKET_PURPOSE, ticket.as_bytes());
        let row = sign_ins::find(&self.house().db, &digest, now).await?.ok_or(Refused::TicketOver)?;
        let user = users::find(&self.house().db, &row.user_id).await?.ok_or(Refused::TicketOver)?;
        Ok((Ticket { user, methods: row.methods, created_at: row.created_at }, digest))
    }

    /// A ticket for the next step, not written yet.
    pub(crate) fn new_ticket(&self, user: &User, methods: &Methods, now: Timestamp) -> (SecretText, SignIn) {
        let (ticket, digest) = self.new_secret(TICKET_PURPOSE);
        let row = SignIn {
            digest,
            user_id: user.id.clone(),
            methods: methods.clone(),
            created_at: now,
            expires_at: now + TICKET_LIFETIME,
        };
        (ticket, row)
    }
}

/// Uses a ticket up; of two who try at once, one goes on.
pub(crate) async fn use_up(tx: &mut Transaction, ticket: Option<&Digest>, now: Timestamp) -> Result<(), Refused> {
    match ticket {
        Some(ticket) => sign_ins::consume(tx, ticket, now).await?.map(drop).ok_or(Refused::TicketOver),
        None => Ok(()),
    }
}

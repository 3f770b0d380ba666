//! What people let applications do, and how they take it back.

use tollgate_model::{
    Timestamp,
    grant::Consent,
    id::{ClientId, GrantId, UserId},
    scope::ScopeSet,
    token::Revoked,
};
use tollgate_store::{activities, consents, grants, revocations};
use tollgate_web::Fault;

use crate::{People, SignedIn, Visitor, activity::Action};

/// Most applications that are listed.
const APPLICATIONS_MAX: u32 = 500;

/// An application that a person let in.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectedApplication {
    /// Its credential.
    pub client_id: ClientId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Since when.
    pub since: Timestamp,
    /// When it last got a token, if that is known.
    pub last_used_at: Option<Timestamp>,
}

impl People {
    /// What the person agreed to so far.
    pub async fn consented_scopes(&self, user: &UserId, client: &ClientId) -> Result<ScopeSet, Fault> {
        let consent = consents::find(&self.house().db, user, client).await?;
        Ok(consent.map_or_else(ScopeSet::empty, |own| own.scope))
    }

    /// The scopes of `asked` that the person has not agreed to.
    pub async fn missing_scopes(&self, user: &UserId, client: &ClientId, asked: &ScopeSet) -> Result<ScopeSet, Fault> {
        Ok(asked.without(&self.consented_scopes(user, client).await?))
    }

    /// Remembers that the person agrees to these scopes; answers all that they agreed to by now.
    pub async fn give_consent(
        &self,
        signed_in: &SignedIn,
        client: &ClientId,
        scope: &ScopeSet,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<ScopeSet, Fault> {
        let user = &signed_in.user.id;
        let consent = Consent {
            user_id: user.clone(),
            client_id: client.clone(),
            scope: scope.clone(),
            created_at: now,
            updated_at: now,
        };
        let entry = self.entry(Action::ConsentGiven, user, Some(client), visitor, now);
        let given = self.house().db.transact::<_, Fault>(async |tx| {
            let all = consents::grant(tx, &consent).await?;
            activities::insert(tx, &entry).await?;
            Ok(all)
        });
        given.await
    }

    /// The applications that the person let in, or that hold a grant of theirs.
    pub async fn connected_applications(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<ConnectedApplication>, Fault> {
        let db = &self.house().db;
        let consented = consents::list_of_user(db, user, None, APPLICATIONS_MAX).await?;
        let in_use = grants::list_of_user(db, user, now).await?;
        let mut all: Vec<ConnectedApplication> = consented
            .into_iter()
            .map(|(consent, name)| ConnectedApplication {
                last_used_at: in_use.iter().find(|own| own.client_id == consent.client_id).map(|own| own.last_used_at),
                client_id: consent.client_id,
                name,
                scopes: consent.scope,
                since: consent.created_at,
            })
            .collect();
        // The organization's own applications get grants without asking.
        for unasked in in_use {
            if all.iter().all(|own| own.client_id != unasked.client_id) {
                all.push(ConnectedApplication {
                    client_id: unasked.client_id,
                    name: unasked.client_name,
                    scopes: ScopeSet::empty(),
                    since: unasked.first_at,
                    last_used_at: Some(unasked.last_used_at),
                });
            }
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// Takes back what the person let an application do: consent, grants and tokens end at once. `false` when there was
    /// nothing to take back.
    pub async fn disconnect(
        &self,
        user: &UserId,
        client: &ClientId,
        visitor: Option<&Visitor>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let entry = match visitor {
            Some(visitor) => self.entry(Action::ConsentRevoked, user, Some(client), visitor, now),
            None => self.administrative_entry(Action::ConsentRevoked, user, now),
        };
        let ended = self.house().db.transact::<_, Fault>(async |tx| {
            let had_consent = consents::revoke(tx, user, client).await?;
            let ended: Vec<GrantId> = grants::revoke_of_user_client(tx, user, client, now).await?;
            if !had_consent && ended.is_empty() {
                return Ok(false);
            }
            activities::insert(tx, &entry).await?;
            for grant in ended {
                revocations::insert(tx, &self.revocation(Revoked::Grant(grant), now)).await?;
            }
            Ok(true)
        });
        let ended = ended.await?;
        self.house().directory.refresh().await?;
        Ok(ended)
    }
}

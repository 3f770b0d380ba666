//! The answer to a request that nothing stands in the way of: a code, and for legacy applications tokens beside it.

use tollgate_model::{
    Timestamp,
    grant::{CODE_LIFETIME, CodeBinding, Grant, REFRESH_LIFETIME, SignInFacts},
    id::GrantId,
    session::Session,
    token::TokenType,
    user::User,
};
use tollgate_oauth::{
    authorize_answer::{AuthorizeAnswer, Delivery, GrantedAnswer},
    id_token::IdTokenClaims,
};
use tollgate_store::{Directory, StoreError, grants, pending_requests};
use tollgate_web::Stop;

use super::{Halt, asked::Asked};
use crate::{
    Identity,
    granted::Granted,
    issue::{ID_TOKEN_LIFETIME, Issued, sign_id_token},
    reference::{Reference, Referred},
};

/// What is given away at once, before anything is stored.
struct Drafted {
    grant: Grant,
    code: Option<Reference>,
    access_token: Option<Issued>,
    id_token: Option<String>,
}

impl Identity {
    /// Answers a request in the name of the person who is signed in. `waiting` is the row in which the request waited, if
    /// it did; it is used up, so that a request is answered once. One durable write.
    pub(crate) async fn answer_request(
        &self,
        directory: &Directory,
        asked: &Asked,
        (session, user): (&Session, &User),
        waiting: Option<&str>,
        now: Timestamp,
    ) -> Result<Delivery, Halt> {
        let drafted = self.draft(directory, asked, (session, user), now).map_err(|stop| Halt::of(stop, &asked.way))?;
        let response_type = asked.request.response_type;
        let is_kept = response_type.has_code() || response_type.has_token();
        let stored = self
            .house()
            .db
            .transact::<_, StoreError>(async |tx| {
                if let Some(id) = waiting
                    && pending_requests::consume(tx, id, now).await?.is_none()
                {
                    return Ok(false);
                }
                if is_kept {
                    grants::insert(tx, &drafted.grant).await?;
                }
                Ok(true)
            })
            .await?;
        if !stored {
            return Err(Halt::expired());
        }
        let Drafted { code, access_token, id_token, .. } = &drafted;
        let answer = AuthorizeAnswer::granted(GrantedAnswer {
            code: code.as_ref().map(|code| code.text.reveal()),
            access_token: access_token.as_ref().map(|issued| (issued.access_token.as_str(), issued.remaining)),
            id_token: id_token.as_deref(),
        });
        Ok(self.deliver(answer, &asked.way))
    }

    /// How an answer reaches the application.
    pub(crate) fn deliver(&self, answer: AuthorizeAnswer, way: &super::asked::Return) -> Delivery {
        answer.deliver(&way.redirect_uri, way.mode, way.state.as_deref(), &self.house().instance.issuer)
    }

    fn draft(
        &self,
        directory: &Directory,
        asked: &Asked,
        (session, user): (&Session, &User),
        now: Timestamp,
    ) -> Result<Drafted, Stop> {
        let (request, client) = (&asked.request, &asked.client);
        let grant_id = GrantId::generate(&*self.house().entropy, now);
        let code = request.response_type.has_code().then(|| {
            let referred = Referred {
                token_type: TokenType::AuthorizationCode,
                client_id: &client.client.id,
                user_id: user.id.as_str(),
                grant_id: Some(&grant_id),
                expires_at: now + CODE_LIFETIME,
            };
            self.write_reference(referred, now)
        });
        let grant = Grant {
            id: grant_id,
            client_id: client.client.id.clone(),
            user_id: user.id.clone(),
            sign_in: SignInFacts {
                session_id: Some(session.id.clone()),
                authenticated_at: session.authenticated_at,
                methods: session.methods.clone(),
            },
            scope: asked.scope.clone(),
            resources: request.resources.clone(),
            binding: binding(asked),
            key_thumbprint: request.key_thumbprint.clone(),
            code_digest: code.as_ref().map(|code| code.digest.clone()),
            code_expires_at: now + CODE_LIFETIME,
            created_at: now,
            expires_at: now + REFRESH_LIFETIME,
        };
        let access_token = if request.response_type.has_token() {
            let audience = crate::grants::audience(&self.house().instance, request.resources.clone())?;
            let granted = Granted::of_grant(std::sync::Arc::clone(client), &grant, audience);
            Some(self.issue(directory, granted, now)?)
        } else {
            None
        };
        let id_token = if request.response_type.has_id_token() {
            let claims = IdTokenClaims {
                issuer: &self.house().instance.issuer,
                user,
                client_id: &client.client.id,
                scope: &grant.scope,
                named: &grant.binding.id_token_claims,
                nonce: request.nonce.as_deref(),
                sign_in: &grant.sign_in,
                issued_at: now,
                expires_at: now + ID_TOKEN_LIFETIME,
                access_token: access_token.as_ref().map(|issued| issued.access_token.as_str()),
                code: code.as_ref().map(|code| code.text.reveal()),
            };
            Some(sign_id_token(directory, &claims, now)?)
        } else {
            None
        };
        Ok(Drafted { grant, code, access_token, id_token })
    }
}

/// What redeeming the code has to match.
fn binding(asked: &Asked) -> CodeBinding {
    let request = &asked.request;
    CodeBinding {
        redirect_uri: asked.way.redirect_uri.clone(),
        redirect_uri_named: request.target.redirect_uri.is_some(),
        code_challenge: request.code_challenge.as_ref().map(ToString::to_string),
        nonce: request.nonce.clone(),
        id_token_claims: request.claims.id_token_names(),
        userinfo_claims: request.claims.userinfo_names(),
    }
}

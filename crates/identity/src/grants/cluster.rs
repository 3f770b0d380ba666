//! The grant `cluster_at_exchange`: a token of another profile of the same person (contract section 1.5).
//!
//! Here a person has one profile for each verified e-mail address, in the organization that owns it; so this gives a token
//! of that profile, or says that there is no other.

use tollgate_crypto::SecretText;
use tollgate_model::{scope::ScopeSet, user::User};
use tollgate_oauth::{OauthError, answers::TokenAnswer, token::ClusterTarget};
use tollgate_web::Stop;

use super::{
    Call, invalid_grant,
    token_exchange::{exchange, persons_token},
};
use crate::give::answer_type;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) user_token: SecretText,
    pub(crate) target: ClusterTarget,
    pub(crate) scope: Option<ScopeSet>,
    pub(crate) resources: Vec<String>,
}

/// Exchanges the token of a person for one of the profile that is named.
pub(crate) async fn redeem(call: &Call<'_>, asked: Asked) -> Result<Vec<u8>, Stop> {
    let (shown, user) = persons_token(call, asked.user_token.reveal(), "user_token").await?;
    check_target(&user, &asked.target)?;
    let issued = exchange(call, shown.token(), asked.scope, asked.resources)?;
    let answer = TokenAnswer::of_token(call.version, &issued.access_token, issued.remaining, Some(&issued.scope));
    Ok(answer.with_type(answer_type(&issued)).to_json())
}

fn check_target(user: &User, target: &ClusterTarget) -> Result<(), OauthError> {
    match target {
        ClusterTarget::User(id) if *id == user.id => Ok(()),
        ClusterTarget::Organization(id) if *id == user.organization_id => Ok(()),
        ClusterTarget::User(_) => Err(invalid_grant("user_id is no other profile of the person of user_token")),
        ClusterTarget::Organization(_) => {
            Err(invalid_grant("the person of user_token has no profile in the organization owning_org_id"))
        }
    }
}

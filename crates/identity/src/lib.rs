//! Identity: who may have a token, what it says, and how it ends, in the words of OAuth 2.0 and of IMS.
//!
//! This wing answers everything under `/ims`, the metadata and certificates that verifiers read, and the questions
//! whether the process lives. It knows nothing of the other wings. It may name `tollgate-web` and what lies below.
//!
//! Read it in this order: `endpoints` (what there is, each endpoint a list of named steps), `client_auth` (who asks)
//! with `signer` and `possession`, `authorize` with `page` (how a person lets an application act), `grants` (what is
//! granted), `issue` and `reference` (how that becomes a token) with `give` (an answer of several), `endings` (how tokens
//! end early), [`keys`] (what tokens are signed with), `last_used` and `work` (what happens beside the requests).

pub mod keys;

mod authorize;
mod client_auth;
mod departure;
mod endings;
mod endpoints;
mod give;
mod granted;
mod grants;
mod holder;
mod issue;
mod last_used;
mod logout_notices;
mod page;
mod possession;
mod reference;
mod signer;
mod work;

use std::sync::Arc;

use axum::Router;
use tollgate_oauth::metadata::Metadata;
use tollgate_people::People;
use tollgate_web::House;

use crate::last_used::LastUsed;

/// The wing. Clones share everything.
#[derive(Clone)]
pub struct Identity(Arc<Wing>);

struct Wing {
    house: House,
    people: People,
    last_used: LastUsed,
    /// What the metadata addresses answer.
    metadata: Vec<u8>,
    /// Whom a client assertion may be meant for: our base URLs, and the endpoints under them.
    assertion_audiences: Vec<String>,
}

impl Identity {
    /// The wing of a house and its people. Before it serves, [`keys::ensure`] must have made the first keys.
    pub fn new(house: House, people: People) -> Self {
        let instance = &*house.instance;
        let metadata = Metadata::new(&instance.issuer, &instance.assertion_algorithms).to_json();
        let assertion_audiences = assertion_audiences(&instance.base_urls);
        Self(Arc::new(Wing { last_used: LastUsed::default(), metadata, assertion_audiences, house, people }))
    }

    /// Everything that identity answers, to be put behind a [`tollgate_web::Front`].
    pub fn router(&self) -> Router {
        endpoints::router(self.clone())
    }

    fn house(&self) -> &House {
        &self.0.house
    }

    fn people(&self) -> &People {
        &self.0.people
    }
}

/// RFC 7523 section 3 wants the issuer or the address of the token endpoint. Each base URL may stand for the issuer, and
/// each address under which the token endpoint answers for the latter.
fn assertion_audiences(base_urls: &[String]) -> Vec<String> {
    let tokens = endpoints::token::ADDRESSES.map(|(path, _)| path);
    let others = ["/ims/exchange/jwt", "/ims/revoke", "/ims/introspect", "/ims/par", "/ims/device_authorization"];
    let paths: Vec<&str> = [""].into_iter().chain(tokens).chain(others).collect();
    base_urls.iter().flat_map(|base| paths.iter().map(move |path| format!("{base}{path}"))).collect()
}

//! What an application asks for, one plain sentence for each scope.

use tollgate_model::scope::Scope;

use crate::texts::Texts;

/// A scope that an application asks for or has been given.
#[derive(Debug, Clone)]
pub struct AskedScope {
    /// The scope.
    pub scope: Scope,
    /// The name of the service that the scope opens; `None` for scopes of the identity side and unknown ones.
    pub service: Option<String>,
    /// Whether the person agreed to it before.
    pub agreed: bool,
}

/// A sentence of a list of scopes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// What the application will be able to do.
    pub(crate) text: String,
    /// Whether the person has not agreed to it yet.
    pub(crate) new: bool,
}

/// The sentences for `scopes`, each once, in the order of the scopes.
pub(crate) fn sentences(texts: Texts, scopes: &[AskedScope]) -> Vec<Sentence> {
    let mut told: Vec<Sentence> = Vec::new();
    for asked in scopes {
        let text = sentence(texts, asked);
        match told.iter_mut().find(|sentence| sentence.text == text) {
            Some(sentence) => sentence.new |= !asked.agreed,
            None => told.push(Sentence { text, new: !asked.agreed }),
        }
    }
    told
}

fn sentence(texts: Texts, asked: &AskedScope) -> String {
    match (identity_text_key(asked.scope.as_str()), &asked.service) {
        (Some(key), _) => texts.text(key),
        (None, Some(service)) => texts.with("scope-service", "service", service),
        (None, None) => texts.with("scope-other", "scope", &asked.scope),
    }
}

/// The text of an identity scope (contract section 4.1).
fn identity_text_key(scope: &str) -> Option<&'static str> {
    Some(match scope {
        "openid" => "scope-openid",
        "profile" => "scope-profile",
        "email" => "scope-email",
        "address" => "scope-address",
        "offline_access" => "scope-offline-access",
        "AdobeID" => "scope-full-profile",
        "creative_sdk" => "scope-linked-services",
        "read_organizations" | "org.read" => "scope-organizations",
        "additional_info.projectedProductContext" => "scope-products",
        "additional_info.roles" => "scope-roles",
        "additional_info.job_function" => "scope-job-function",
        "additional_info.ownerOrg" => "scope-owner-organization",
        "additional_info" => "scope-additional",
        "session" => "scope-session",
        "reauthenticated" => "scope-reauthenticated",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn scopes_with_one_meaning_are_told_once_and_stay_new_while_one_of_them_is() {
        let asked = |scope: &str, agreed| AskedScope { scope: scope.parse().unwrap(), service: None, agreed };
        let told = sentences(Texts::of(Language::En), &[asked("read_organizations", true), asked("org.read", false)]);
        assert_eq!(told.len(), 1);
        assert!(told[0].new);
    }
}

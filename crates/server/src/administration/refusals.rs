//! Refusals of the console in words of the command line: what to type next.

use tollgate_console::{Error, Noun, Refusal};

use crate::error::CommandError;

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::bad_input(in_words(&refusal)),
            Error::Fault(fault) => Self::fault("the command was not carried out", &fault),
        }
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

fn in_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unknown { noun, name } => {
            format!("{noun} `{name}` does not exist: {} shows those that do", list_of(*noun))
        }
        Refusal::NoneYet(noun) => {
            format!("there is no {noun} yet: create one with `tollgate {noun} create --name NAME`")
        }
        Refusal::NoClientSecret(own) => {
            format!("credentials of type {own} have no client secret: add --kind secret_key for a secret key")
        }
        Refusal::Unstated(noun) => {
            format!("there are several {noun}s: say which one with --{noun}; {} shows them", list_of(*noun))
        }
        Refusal::NotEmpty { noun, name, contents } => {
            format!("{noun} `{name}` still holds {contents}: delete what it holds first, or add --recursive")
        }
        Refusal::NotSubscribed { client_id, service } => format!(
            "credential `{client_id}` is not subscribed to service `{service}`: \
             `tollgate subscription list --credential {client_id}` shows its subscriptions"
        ),
        Refusal::SecretsFull { client_id, .. } => {
            format!("{refusal}; `tollgate secret list --credential {client_id}` shows them")
        }
        Refusal::CertificatesFull(client_id) => {
            format!("{refusal}; `tollgate certificate list --credential {client_id}` shows them")
        }
        Refusal::CertificateMissing => {
            let remedy = "add --generate-key-pair or --certificate FILE";
            format!("a credential of type service_account_jwt needs a certificate: {remedy}")
        }
        Refusal::UpstreamMissing(code) => {
            let remedy = "add --upstream, such as --upstream http://127.0.0.1:3000";
            format!("service `{code}` has a gateway path but no upstream: {remedy}")
        }
        Refusal::PathMissing(code) => {
            format!("service `{code}` has an upstream or host but no gateway path: add --path, such as --path /weather")
        }
        Refusal::ScopeNotGranted { service, scope } => {
            format!("service `{service}` requires scope `{scope}`, which it does not grant: add it with --scopes")
        }
        _ => refusal.to_string(),
    }
}

/// The command that lists all of a noun.
fn list_of(noun: Noun) -> String {
    match noun {
        Noun::Organization | Noun::Project | Noun::Service | Noun::Credential => format!("`tollgate {noun} list`"),
        Noun::Workspace => "`tollgate project show`".to_owned(),
        Noun::Secret | Noun::Certificate | Noun::Subscription => format!("`tollgate {noun} list --credential ...`"),
        Noun::User => "the list of users".to_owned(),
    }
}

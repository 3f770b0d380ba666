//! `tollgate identity-provider`

use std::path::PathBuf;

use serde::Serialize;
use tollgate_console::Console;
use tollgate_crypto::SecretText;
use tollgate_model::{
    Clock, SystemClock,
    id::{OrganizationId, ProviderId},
};
use tollgate_people::{FederationRefused, People, federation::administration::NewProvider};
use tollgate_store::{domains::Domain, identity_providers::IdentityProvider};

use crate::{
    administration::{
        arguments::organization_or_only,
        table::{Fit, Table, fields},
        views::Deleted,
        words::{minute, state},
    },
    error::CommandError,
    files,
    output::Output,
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Add an OpenID Connect provider that signs in the people of an organization
    Create {
        /// What people see on the button
        #[arg(long)]
        name: String,
        /// Its issuer, an https address, letter by letter as the provider writes it
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// What it knows us as
        #[arg(long, value_name = "ID")]
        client_id: String,
        /// A private file with the client secret; none for a public client
        #[arg(long, value_name = "FILE")]
        client_secret_file: Option<PathBuf>,
        /// Id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
    },
    /// List the providers of an organization
    List {
        /// Id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
    },
    /// Let a provider sign people in again
    Enable {
        /// Its id
        provider: ProviderId,
    },
    /// Let a provider sign nobody in
    Disable {
        /// Its id
        provider: ProviderId,
    },
    /// Remove a provider with its links to accounts
    Delete {
        /// Its id
        provider: ProviderId,
    },
    /// Route the people of a mail domain to a provider, once you have made sure that the domain is the organization's
    AddDomain {
        /// Such as example.com
        domain: String,
        /// The provider that signs its people in
        #[arg(long)]
        provider: ProviderId,
        /// Id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
        /// You have made sure that the domain belongs to the organization
        #[arg(long)]
        verified: bool,
    },
    /// Count a domain as verified: you have made sure that it belongs to the organization
    VerifyDomain {
        /// Such as example.com
        domain: String,
    },
    /// List the mail domains of an organization
    Domains {
        /// Id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
    },
    /// Remove a mail domain
    DeleteDomain {
        /// Such as example.com
        domain: String,
        /// Id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
    },
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. } | Self::Domains { .. })
    }
}

pub(super) async fn run(
    action: Action,
    people: &People,
    console: &Console,
    output: Output,
) -> Result<(), CommandError> {
    let named = async |name: Option<String>| organization_or_only(console, name.as_deref()).await;
    match action {
        Action::Create { name, issuer, client_id, client_secret_file, organization } => {
            let read = |file: PathBuf| files::read_private(&file, "client secret file");
            let secret = client_secret_file.map(read).transpose()?;
            let secret = secret.map(|text| SecretText::from(text.trim().to_owned()));
            let organization_id = named(organization).await?;
            let new = NewProvider { organization_id, name, issuer, client_id, secret };
            let made = people.add_identity_provider(new, SystemClock.now()).await?;
            show(&made, &people.federated_callback_uri(), output)
        }
        Action::List { organization } => list(&people.identity_providers(&named(organization).await?).await?, output),
        Action::Enable { provider } => enable(people, &provider, true, output).await,
        Action::Disable { provider } => enable(people, &provider, false, output).await,
        Action::Delete { provider } => {
            if !people.delete_identity_provider(&provider).await? {
                return Err(unknown("identity provider", provider.as_str()));
            }
            deleted(provider.as_str(), output)
        }
        Action::AddDomain { domain, provider, organization, verified } => {
            let organization = named(organization).await?;
            let added = people.add_domain(&domain, &organization, Some(&provider), SystemClock.now()).await?;
            if verified {
                people.verify_domain(&added.name, SystemClock.now()).await?;
            }
            domains(people, &organization, output).await
        }
        Action::VerifyDomain { domain } => {
            if !people.verify_domain(&domain, SystemClock.now()).await? {
                return Err(unknown("domain", &domain));
            }
            output.line(format_args!("{domain} counts as verified."))
        }
        Action::Domains { organization } => domains(people, &named(organization).await?, output).await,
        Action::DeleteDomain { domain, organization } => {
            if !people.delete_domain(&named(organization).await?, &domain).await? {
                return Err(unknown("domain", &domain));
            }
            deleted(&domain, output)
        }
    }
}

impl From<FederationRefused> for CommandError {
    fn from(refused: FederationRefused) -> Self {
        match refused {
            FederationRefused::Fault(fault) => fault.into(),
            refused => Self::bad_input(refused),
        }
    }
}

fn unknown(noun: &str, name: &str) -> CommandError {
    CommandError::bad_input(format_args!("{noun} `{name}` does not exist"))
}

fn deleted(name: &str, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&Deleted { deleted: name });
    }
    output.line(format_args!("{name} is deleted."))
}

async fn enable(people: &People, id: &ProviderId, enabled: bool, output: Output) -> Result<(), CommandError> {
    if !people.set_identity_provider_enabled(id, enabled).await? {
        return Err(unknown("identity provider", id.as_str()));
    }
    if output.is_json() {
        return output.json(&Switched { id: id.as_str(), enabled });
    }
    output.line(format_args!("Identity provider {id} is {}.", state(enabled)))
}

#[derive(Serialize)]
struct Switched<'a> {
    id: &'a str,
    enabled: bool,
}

#[derive(Serialize)]
struct ProviderView<'a> {
    id: &'a str,
    name: &'a str,
    issuer: &'a str,
    client_id: &'a str,
    organization_id: &'a str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<&'a str>,
}

impl<'a> ProviderView<'a> {
    fn new(own: &'a IdentityProvider, redirect_uri: Option<&'a str>) -> Self {
        Self {
            id: own.id.as_str(),
            name: &own.name,
            issuer: &own.issuer,
            client_id: &own.client_id,
            organization_id: own.organization_id.as_str(),
            enabled: own.enabled,
            redirect_uri,
        }
    }
}

fn show(own: &IdentityProvider, redirect_uri: &str, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&ProviderView::new(own, Some(redirect_uri)));
    }
    output.line(fields([
        ("id", own.id.to_string()),
        ("name", own.name.clone()),
        ("issuer", own.issuer.clone()),
        ("client id", own.client_id.clone()),
        ("redirect URI", redirect_uri.to_owned()),
    ]))?;
    output.line("\nRegister the redirect URI at the provider, then add the mail domains whose people it signs in.")
}

fn list(all: &[IdentityProvider], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(|own| ProviderView::new(own, None)).collect::<Vec<_>>());
    }
    let mut table = Table::new([("id", Fit::Whole), ("name", Fit::Cut), ("issuer", Fit::Whole), ("state", Fit::Whole)]);
    for own in all {
        table.row([own.id.to_string(), own.name.clone(), own.issuer.clone(), state(own.enabled)]);
    }
    table.print(output, "No identity provider. `tollgate identity-provider create` adds one.")
}

#[derive(Serialize)]
struct DomainView<'a> {
    domain: &'a str,
    identity_provider: Option<&'a str>,
    verified_at: Option<String>,
}

impl<'a> From<&'a Domain> for DomainView<'a> {
    fn from(own: &'a Domain) -> Self {
        Self {
            domain: &own.name,
            identity_provider: own.provider_id.as_ref().map(ProviderId::as_str),
            verified_at: own.verified_at.map(|at| at.to_string()),
        }
    }
}

async fn domains(people: &People, organization: &OrganizationId, output: Output) -> Result<(), CommandError> {
    let all = people.domains(organization).await?;
    if output.is_json() {
        return output.json(&all.iter().map(DomainView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([("domain", Fit::Whole), ("identity provider", Fit::Whole), ("verified", Fit::Whole)]);
    for own in &all {
        let provider = own.provider_id.as_ref().map_or_else(String::new, ToString::to_string);
        table.row([own.name.clone(), provider, own.verified_at.map_or_else(|| "not yet".to_owned(), minute)]);
    }
    table.print(output, "No mail domain. `tollgate identity-provider add-domain` adds one.")
}

//! `tollgate credential`

use tollgate_console::{
    Console,
    credentials::{Credential, CredentialChange, PlacedCredential},
};
use tollgate_crypto::Algorithm;
use tollgate_model::client::{AllowedOrigin, ClientKind};

use super::{
    arguments::{LimitArguments, OrNone, organization_if_named, token_algorithm_or_none},
    new_credential::{self, Create},
    sign_in_arguments::SignInArguments,
    table::{Fit, Table, fields},
    views::{CredentialView, Deleted, FullCredentialView},
    words::{limits, lines, scopes, state},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make a credential with its first secret, certificates and subscriptions
    Create(Box<Create>),
    /// List credentials
    List {
        /// Of one organization only: id, number or name
        #[arg(long)]
        organization: Option<String>,
        /// Of one project only: number or name
        #[arg(long)]
        project: Option<String>,
    },
    /// Show one credential with its services
    Show {
        /// Client id or credential id
        credential: String,
    },
    /// Change a credential; what is not given stays as it is
    Update(Box<Update>),
    /// Let a credential work again
    Enable {
        /// Client id or credential id
        credential: String,
    },
    /// Stop a credential and every token it has
    Disable {
        /// Client id or credential id
        credential: String,
    },
    /// Delete a credential with its secrets, certificates and subscriptions
    Delete {
        /// Client id or credential id
        credential: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Update {
    /// Client id or credential id
    credential: String,
    /// The name people see
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    sign_in: SignInArguments,
    /// Origin that browsers may call from, such as `https://www.example.com`; repeat it; `none` for any
    #[arg(long, value_name = "ORIGIN")]
    allowed_origin: Vec<OrNone<AllowedOrigin>>,
    /// How its access tokens are signed; `none` for as the instance does
    #[arg(long, value_name = "ALGORITHM", value_parser = token_algorithm_or_none())]
    token_algorithm: Option<OrNone<Algorithm>>,
    #[command(flatten)]
    limits: LimitArguments,
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. } | Self::Show { .. })
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create(create) => new_credential::run(*create, console, output).await,
        Action::List { organization, project } => {
            let organization = organization_if_named(console, organization.as_deref()).await?;
            let project = match project {
                Some(name) => Some(console.project(&name, organization.as_ref()).await?.project.id),
                None => None,
            };
            list(&console.credentials(organization.as_ref(), project.as_ref()).await?, output)
        }
        Action::Show { credential } => show(&console.credential(&credential).await?, output),
        Action::Update(update) => change(*update, console, output).await,
        Action::Enable { credential } => enable(&credential, true, console, output).await,
        Action::Disable { credential } => enable(&credential, false, console, output).await,
        Action::Delete { credential } => {
            let client_id = console.client(&credential).await?.id;
            console.delete_credential(&client_id).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: client_id.as_str() });
            }
            output.line(format_args!("Credential {client_id} is deleted. Its tokens no longer work."))
        }
    }
}

async fn change(update: Update, console: &Console, output: Output) -> Result<(), CommandError> {
    let client = console.client(&update.credential).await?;
    let client_id = client.id;
    let origins = update.allowed_origin;
    let change = CredentialChange {
        name: update.name,
        limits: update.limits.change(),
        allowed_origins: (!origins.is_empty()).then(|| origins.into_iter().filter_map(|OrNone(own)| own).collect()),
        redirects: update.sign_in.changed(client.kind.redirects())?,
        token_algorithm: update.token_algorithm.map(|OrNone(algorithm)| algorithm),
    };
    console.update_credential(&client_id, change).await?;
    show(&console.credential(client_id.as_str()).await?, output)
}

async fn enable(name: &str, enabled: bool, console: &Console, output: Output) -> Result<(), CommandError> {
    let client_id = console.client(name).await?.id;
    console.set_credential_enabled(&client_id, enabled).await?;
    show(&console.credential(client_id.as_str()).await?, output)
}

fn list(all: &[PlacedCredential], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(CredentialView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([
        ("client id", Fit::Whole),
        ("type", Fit::Whole),
        ("name", Fit::Cut),
        ("project", Fit::Spare),
        ("state", Fit::Whole),
    ]);
    for PlacedCredential { client, project, .. } in all {
        table.row([
            client.id.to_string(),
            client.credential_type().to_string(),
            client.name.clone(),
            project.name.clone(),
            state(client.enabled),
        ]);
    }
    table.print(output, "No credential yet. `tollgate credential create` makes one; see its --help.")
}

fn show(credential: &Credential, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&FullCredentialView::from(credential));
    }
    output.line(fields(described(credential)))
}

/// Everything about a credential that is not secret, for people.
pub(super) fn described(credential: &Credential) -> Vec<(&'static str, String)> {
    let PlacedCredential { client, project, workspace } = &credential.placed;
    let account = client.kind.technical_account();
    let origins = match &client.kind {
        ClientKind::ApiKey { allowed_origins } => lines(allowed_origins),
        _ => String::new(),
    };
    vec![
        ("client id", client.id.to_string()),
        ("credential id", client.credential_id.to_string()),
        ("type", client.credential_type().to_string()),
        ("name", client.name.clone()),
        ("state", state(client.enabled)),
        ("organization", client.organization_id.to_string()),
        ("project", format!("{} ({})", project.name, project.id)),
        ("workspace", format!("{} ({})", workspace.name, workspace.id)),
        ("technical account", account.map(|own| own.id.to_string()).unwrap_or_default()),
        ("technical account e-mail", account.map(|own| own.email.clone()).unwrap_or_default()),
        ("redirect URI", client.kind.redirects().map(|own| own.default_uri.clone()).unwrap_or_default()),
        ("allowed origins", origins),
        ("services", lines(credential.services.iter().map(|own| &own.code))),
        ("scopes", scopes(&credential.scopes())),
        ("metascopes", scopes(&credential.metascopes())),
        ("token algorithm", client.token_algorithm.map(|own| own.to_string()).unwrap_or_default()),
        ("limits", limits(&client.limits)),
        ("created", client.created_at.to_string()),
    ]
}

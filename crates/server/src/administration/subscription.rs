//! `tollgate subscription`

use tollgate_console::Console;
use tollgate_model::{client::Client, id::ServiceCode, service::Service};

use super::{
    table::{Fit, Table},
    views::{Deleted, SubscriptionView},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Subscribe a credential to services; they are open to it at once
    Create(Named),
    /// Make these the only services that a credential is subscribed to
    Replace(Named),
    /// List the services of a credential, or the credentials of a service
    List {
        /// Client id or credential id
        #[arg(long, required_unless_present = "service")]
        credential: Option<String>,
        /// The service's code
        #[arg(long, value_name = "CODE", conflicts_with = "credential")]
        service: Option<ServiceCode>,
    },
    /// End a subscription
    Delete {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
        /// The service's code
        #[arg(long, value_name = "CODE")]
        service: ServiceCode,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Named {
    /// Client id or credential id
    #[arg(long)]
    credential: String,
    /// The service's code; repeat it for more than one
    #[arg(long, value_name = "CODE", required = true)]
    service: Vec<ServiceCode>,
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. })
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create(named) => {
            let client = console.client(&named.credential).await?;
            of_credential(&client, &console.subscribe(&client.id, &named.service).await?, output)
        }
        Action::Replace(named) => {
            let client = console.client(&named.credential).await?;
            of_credential(&client, &console.replace_subscriptions(&client.id, &named.service).await?, output)
        }
        Action::List { service: Some(code), .. } => {
            let service = console.service(&code).await?;
            of_service(&console.subscribers(&code).await?, &service, output)
        }
        Action::List { credential, .. } => {
            let client = console.client(&credential.unwrap_or_default()).await?;
            of_credential(&client, &console.subscriptions(&client.id).await?, output)
        }
        Action::Delete { credential, service } => {
            let client_id = console.client(&credential).await?.id;
            console.unsubscribe(&client_id, &service).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: service.as_str() });
            }
            output.line(format_args!("Credential {client_id} is no longer subscribed to {service}."))
        }
    }
}

fn of_credential(client: &Client, services: &[Service], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&services.iter().map(|own| SubscriptionView::new(client, own)).collect::<Vec<_>>());
    }
    let mut table = Table::new([
        ("service", Fit::Whole),
        ("name", Fit::Cut),
        ("authorization", Fit::Whole),
        ("gateway path", Fit::Whole),
    ]);
    for service in services {
        table.row([
            service.code.to_string(),
            service.name.clone(),
            service.authorization.to_string(),
            service.gateway_path.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]);
    }
    let nothing_yet = format!("Credential {} is subscribed to no service yet.", client.id);
    table.print(output, &nothing_yet)
}

fn of_service(clients: &[Client], service: &Service, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&clients.iter().map(|own| SubscriptionView::new(own, service)).collect::<Vec<_>>());
    }
    let mut table = Table::new([("client id", Fit::Whole), ("type", Fit::Whole), ("name", Fit::Cut)]);
    for client in clients {
        table.row([client.id.to_string(), client.credential_type().to_string(), client.name.clone()]);
    }
    table.print(output, &format!("No credential is subscribed to {} yet.", service.code))
}

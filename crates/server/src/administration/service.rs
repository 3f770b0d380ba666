//! `tollgate service`

use tollgate_console::{Console, services::ServiceDraft};
use tollgate_model::{
    id::ServiceCode,
    service::{Authorization, KeyDemand, Service},
};

use super::{
    arguments::Recursive,
    service_arguments::{ServiceArguments, authorization},
    table::{Fit, Table, fields},
    views::{Deleted, ServiceView},
    words::{forwarding, limits, lines, scopes, state},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Put an API behind the gateway; it is live at once
    Create(Box<Create>),
    /// List all services
    List,
    /// Show one service
    Show {
        /// The service's code
        code: ServiceCode,
    },
    /// Change a service; what is not given stays as it is
    Update(Box<Update>),
    /// Let calls through again
    Enable {
        /// The service's code
        code: ServiceCode,
    },
    /// Let no call through
    Disable {
        /// The service's code
        code: ServiceCode,
    },
    /// Take a service out of the catalogue
    Delete {
        /// The service's code
        code: ServiceCode,
        #[command(flatten)]
        recursive: Recursive,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Its code, such as `WeatherSDK`
    #[arg(long)]
    code: ServiceCode,
    /// The name people see
    #[arg(long)]
    name: String,
    /// What a caller must bring: a key alone, a key and anybody's token, or a key and a service account's token
    #[arg(long, value_parser = authorization())]
    authorization: Authorization,
    #[command(flatten)]
    rest: ServiceArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Update {
    /// The service's code
    code: ServiceCode,
    /// The name people see
    #[arg(long)]
    name: Option<String>,
    /// What a caller must bring
    #[arg(long, value_parser = authorization())]
    authorization: Option<Authorization>,
    #[command(flatten)]
    rest: ServiceArguments,
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List | Self::Show { .. })
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create(create) => {
            let mut draft = ServiceDraft::of(create.code, create.name, create.authorization);
            create.rest.apply(&mut draft);
            show(&console.create_service(draft).await?, output)
        }
        Action::List => list(&console.services().await?, output),
        Action::Show { code } => show(&console.service(&code).await?, output),
        Action::Update(update) => {
            let Update { code, name, authorization, rest } = *update;
            let change = |draft: &mut ServiceDraft| {
                draft.name = name.unwrap_or_else(|| std::mem::take(&mut draft.name));
                draft.authorization = authorization.unwrap_or(draft.authorization);
                rest.apply(draft);
            };
            show(&console.update_service(&code, change).await?, output)
        }
        Action::Enable { code } => enable(&code, true, console, output).await,
        Action::Disable { code } => enable(&code, false, console, output).await,
        Action::Delete { code, recursive } => {
            console.delete_service(&code, recursive.into()).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: code.as_str() });
            }
            output.line(format_args!("Service {code} is deleted."))
        }
    }
}

async fn enable(code: &ServiceCode, enabled: bool, console: &Console, output: Output) -> Result<(), CommandError> {
    console.set_service_enabled(code, enabled).await?;
    show(&console.service(code).await?, output)
}

fn list(all: &[Service], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(ServiceView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([
        ("code", Fit::Whole),
        ("name", Fit::Cut),
        ("authorization", Fit::Whole),
        ("gateway path", Fit::Whole),
        ("upstream", Fit::Cut),
        ("state", Fit::Whole),
    ]);
    for service in all {
        table.row([
            service.code.to_string(),
            service.name.clone(),
            service.authorization.to_string(),
            service.gateway_path.as_ref().map(ToString::to_string).unwrap_or_default(),
            service.upstreams.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            state(service.enabled),
        ]);
    }
    table.print(output, "No service yet. `tollgate service create` adds one; see its --help.")
}

fn show(service: &Service, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&ServiceView::from(service));
    }
    let key = match service.key {
        KeyDemand::ClientId => "client id",
        KeyDemand::SecretKey => "secret key",
    };
    output.line(fields([
        ("code", service.code.to_string()),
        ("name", service.name.clone()),
        ("description", service.description.clone()),
        ("state", state(service.enabled)),
        ("authorization", service.authorization.to_string()),
        ("key", key.to_owned()),
        ("host", service.host.clone().unwrap_or_default()),
        ("gateway path", service.gateway_path.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("upstreams", lines(&service.upstreams)),
        ("credential types", lines(&service.credential_types)),
        ("scopes", scopes(&service.scopes)),
        ("required scopes", scopes(&service.required_scopes)),
        ("metascopes", scopes(&service.metascopes)),
        ("forwarding", forwarding(&service.forwarding)),
        ("limits", limits(&service.limits)),
        ("limits of each credential", limits(&service.credential_limits)),
        ("created", service.created_at.to_string()),
    ]))
}

//! `tollgate organization`

use tollgate_console::{
    Console,
    organizations::{NewOrganization, OrganizationChange},
};
use tollgate_model::{
    id::OrganizationId,
    organization::{Branding, Organization, SignInRules},
};

use super::{
    arguments::{LimitArguments, OrNone, Recursive},
    table::{Fit, Table, fields},
    views::{Deleted, OrganizationView},
    words::{limits, state},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make an organization
    Create {
        /// The name people know it by
        #[arg(long)]
        name: String,
        /// Its id when it has one already, such as 0123456789ABCDEF01234567@AdobeOrg
        #[arg(long, value_name = "ID")]
        id: Option<OrganizationId>,
        #[command(flatten)]
        limits: LimitArguments,
    },
    /// List all organizations
    List,
    /// Show one organization
    Show {
        /// Id, number or name
        organization: String,
    },
    /// Change an organization; what is not given stays as it is
    Update {
        /// Id, number or name
        organization: String,
        /// The name people know it by
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        look: LookArguments,
        #[command(flatten)]
        limits: LimitArguments,
    },
    /// Let the credentials of an organization work again
    Enable {
        /// Id, number or name
        organization: String,
    },
    /// Stop every credential of an organization at once
    Disable {
        /// Id, number or name
        organization: String,
    },
    /// Delete an organization
    Delete {
        /// Id, number or name
        organization: String,
        #[command(flatten)]
        recursive: Recursive,
    },
}

/// How the pages of an organization look, and how its people sign in.
#[derive(Debug, clap::Args)]
pub(crate) struct LookArguments {
    /// Where its logo is, an https address; `none` for none
    #[arg(long, value_name = "URI")]
    logo_uri: Option<OrNone<String>>,
    /// Its colour, such as `#0b6b57`; `none` for ours
    #[arg(long, value_name = "COLOUR")]
    color: Option<OrNone<String>>,
    /// Whether anybody may make an account in it
    #[arg(long, value_name = "BOOL")]
    self_sign_up: Option<bool>,
    /// Whether a password alone is not enough to sign in
    #[arg(long, value_name = "BOOL")]
    second_factor_required: Option<bool>,
}

impl LookArguments {
    fn change(self, before: &Organization, name: Option<String>, limits: LimitArguments) -> OrganizationChange {
        let Branding { logo_uri, color } = before.branding.clone();
        let rules = &before.sign_in_rules;
        OrganizationChange {
            name,
            limits: limits.change(),
            branding: Some(Branding {
                logo_uri: self.logo_uri.map_or(logo_uri, |OrNone(uri)| uri),
                color: self.color.map_or(color, |OrNone(color)| color),
            }),
            sign_in_rules: Some(SignInRules {
                self_sign_up: self.self_sign_up.unwrap_or(rules.self_sign_up),
                second_factor_required: self.second_factor_required.unwrap_or(rules.second_factor_required),
            }),
        }
    }
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List | Self::Show { .. })
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create { name, id, limits } => {
            let new = NewOrganization { name, id, limits: limits.limits() };
            show(&console.create_organization(new).await?, output)
        }
        Action::List => list(&console.organizations().await?, output),
        Action::Show { organization } => show(&console.organization(&organization).await?, output),
        Action::Update { organization, name, look, limits } => {
            let before = console.organization(&organization).await?;
            let change = look.change(&before, name, limits);
            show(&console.update_organization(&before.id, change).await?, output)
        }
        Action::Enable { organization } => enable(&organization, true, console, output).await,
        Action::Disable { organization } => enable(&organization, false, console, output).await,
        Action::Delete { organization, recursive } => {
            let id = console.organization(&organization).await?.id;
            console.delete_organization(&id, recursive.into()).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: id.as_str() });
            }
            output.line(format_args!("Organization {id} is deleted."))
        }
    }
}

async fn enable(name: &str, enabled: bool, console: &Console, output: Output) -> Result<(), CommandError> {
    let id = console.organization(name).await?.id;
    console.set_organization_enabled(&id, enabled).await?;
    show(&console.organization(id.as_str()).await?, output)
}

fn list(all: &[Organization], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(OrganizationView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([("id", Fit::Whole), ("name", Fit::Cut), ("number", Fit::Whole), ("state", Fit::Whole)]);
    for own in all {
        table.row([own.id.to_string(), own.name.clone(), own.console_id.to_string(), state(own.enabled)]);
    }
    table.print(output, "No organization yet. `tollgate organization create --name NAME` makes one.")
}

fn show(organization: &Organization, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&OrganizationView::from(organization));
    }
    output.line(fields([
        ("id", organization.id.to_string()),
        ("name", organization.name.clone()),
        ("number", organization.console_id.to_string()),
        ("state", state(organization.enabled)),
        ("limits", limits(&organization.limits)),
        ("created", organization.created_at.to_string()),
    ]))
}

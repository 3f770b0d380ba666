//! `tollgate project`

use tollgate_console::{
    Console,
    projects::{NewProject, ProjectWithWorkspaces},
};

use super::{
    arguments::{Recursive, organization_if_named, organization_or_only},
    table::{Fit, Table, fields},
    views::{Deleted, ProjectView},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make a project with its first workspace
    Create {
        /// Short name of letters and digits
        #[arg(long)]
        name: String,
        /// The name people see; the short name when left out
        #[arg(long)]
        title: Option<String>,
        /// What it is for
        #[arg(long, default_value = "", hide_default_value = true)]
        description: String,
        /// Whose it is: id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
    },
    /// List projects
    List {
        /// Of one organization only: id, number or name
        #[arg(long)]
        organization: Option<String>,
    },
    /// Show one project with its workspaces
    Show(Named),
    /// Delete a project
    Delete {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        recursive: Recursive,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Named {
    /// Number or short name
    project: String,
    /// In which organization to look: id, number or name
    #[arg(long)]
    organization: Option<String>,
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. } | Self::Show(_))
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create { name, title, description, organization } => {
            let organization_id = organization_or_only(console, organization.as_deref()).await?;
            show(&console.create_project(NewProject { organization_id, name, title, description }).await?, output)
        }
        Action::List { organization } => {
            let organization = organization_if_named(console, organization.as_deref()).await?;
            list(&console.projects(organization.as_ref()).await?, output)
        }
        Action::Show(named) => show(&find(&named, console).await?, output),
        Action::Delete { named, recursive } => {
            let id = find(&named, console).await?.project.id;
            console.delete_project(&id, recursive.into()).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: id.as_str() });
            }
            output.line(format_args!("Project {id} is deleted."))
        }
    }
}

async fn find(named: &Named, console: &Console) -> Result<ProjectWithWorkspaces, CommandError> {
    let organization = organization_if_named(console, named.organization.as_deref()).await?;
    Ok(console.project(&named.project, organization.as_ref()).await?)
}

fn list(all: &[ProjectWithWorkspaces], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(ProjectView::from).collect::<Vec<_>>());
    }
    let mut table =
        Table::new([("id", Fit::Whole), ("name", Fit::Whole), ("title", Fit::Spare), ("organization", Fit::Whole)]);
    for ProjectWithWorkspaces { project, .. } in all {
        let organization = project.organization_id.to_string();
        table.row([project.id.to_string(), project.name.clone(), project.title.clone(), organization]);
    }
    table.print(output, "No project yet. `tollgate project create --name NAME` makes one.")
}

fn show(found: &ProjectWithWorkspaces, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&ProjectView::from(found));
    }
    let project = &found.project;
    let workspaces = found.workspaces.iter().map(|own| format!("{} ({})", own.name, own.id)).collect::<Vec<_>>();
    output.line(fields([
        ("id", project.id.to_string()),
        ("name", project.name.clone()),
        ("title", project.title.clone()),
        ("description", project.description.clone()),
        ("organization", project.organization_id.to_string()),
        ("workspaces", workspaces.join("\n")),
        ("created", project.created_at.to_string()),
    ]))
}

//! Projects: one for each application of an organization, each with its first workspace.

use tollgate_model::{
    Invalid,
    id::{OrganizationId, ProjectId, WorkspaceId},
    organization::{FIRST_WORKSPACE, Project, Workspace, check_display_name, check_short_name},
};
use tollgate_store::{
    Db, StoreError,
    clients::{self, ClientFilter},
    organizations, projects,
};

use crate::{Console, Contents, Error, Noun, PAGE_ROWS_MAX, Refusal, counted};

/// A project to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Whose it will be.
    pub organization_id: OrganizationId,
    /// Short name of letters and digits, unique within the organization.
    pub name: String,
    /// The name people see; the short name when absent.
    pub title: Option<String>,
    /// What it is for; may be empty.
    pub description: String,
}

/// A project with its workspaces.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectWithWorkspaces {
    /// The project.
    pub project: Project,
    /// Its workspaces, the first one first.
    pub workspaces: Vec<Workspace>,
}

const DESCRIPTION_CHARS_MAX: usize = 1_000;

/// Checks what people write about a project or service: at most 1000 characters, no control characters but newlines.
pub(crate) fn check_description(description: &str) -> Result<(), Invalid> {
    let plain = description.chars().all(|c| c == '\n' || !c.is_control());
    if plain && description.chars().count() <= DESCRIPTION_CHARS_MAX {
        return Ok(());
    }
    Err(Invalid::new("description", description, "use at most 1000 characters without control characters"))
}

impl Console {
    /// Makes a project with its first workspace.
    pub async fn create_project(&self, new: NewProject) -> Result<ProjectWithWorkspaces, Error> {
        check_short_name("project name", &new.name)?;
        let title = new.title.unwrap_or_else(|| new.name.clone());
        check_display_name("project title", &title)?;
        check_description(&new.description)?;
        let now = self.now();
        let project = Project {
            id: ProjectId::generate(self.entropy()),
            organization_id: new.organization_id,
            name: new.name,
            title,
            description: new.description,
            created_at: now,
        };
        let workspace = Workspace {
            id: WorkspaceId::generate(self.entropy()),
            project_id: project.id.clone(),
            name: FIRST_WORKSPACE.to_owned(),
            created_at: now,
        };
        self.change(async |tx| {
            let owner = &project.organization_id;
            if !self.admits(owner) || organizations::find(&mut *tx, owner).await?.is_none() {
                return Err(Refusal::unknown(Noun::Organization, owner.as_str()).into());
            }
            if projects::insert(tx, &project, std::slice::from_ref(&workspace)).await? {
                Ok(())
            } else {
                Err(Refusal::taken(Noun::Project, &project.name).into())
            }
        })
        .await?;
        Ok(ProjectWithWorkspaces { project, workspaces: vec![workspace] })
    }

    /// The projects of one organization, or of all, by name.
    pub async fn projects(&self, organization: Option<&OrganizationId>) -> Result<Vec<ProjectWithWorkspaces>, Error> {
        let owners = match organization {
            Some(one) if !self.admits(one) => Vec::new(),
            Some(one) => vec![one.clone()],
            None => self.organizations().await?.into_iter().map(|own| own.id).collect(),
        };
        let mut all = Vec::new();
        for owner in owners {
            for project in every_project(&self.db, &owner).await? {
                let workspaces = projects::workspaces_of(&self.db, &project.id).await?;
                all.push(ProjectWithWorkspaces { project, workspaces });
            }
        }
        all.sort_by(|a, b| (&a.project.name, &a.project.id).cmp(&(&b.project.name, &b.project.id)));
        Ok(all)
    }

    /// The project that goes by `name`, which is its id or its short name, in one organization or in any.
    pub async fn project(
        &self,
        name: &str,
        organization: Option<&OrganizationId>,
    ) -> Result<ProjectWithWorkspaces, Error> {
        let all = self.projects(organization).await?;
        if let Some(found) = all.iter().find(|own| own.project.id.as_str() == name) {
            return Ok(found.clone());
        }
        let mut by_name = all.into_iter().filter(|own| own.project.name == name);
        match (by_name.next(), by_name.next()) {
            (Some(found), None) => Ok(found),
            (Some(_), Some(_)) => Err(Refusal::ambiguous(Noun::Project, name).into()),
            (None, _) => Err(Refusal::unknown(Noun::Project, name).into()),
        }
    }

    /// The project that is meant when none is named: the only one there is.
    pub async fn only_project(&self, organization: Option<&OrganizationId>) -> Result<ProjectWithWorkspaces, Error> {
        let mut all = self.projects(organization).await?.into_iter();
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Refusal::Unstated(Noun::Project).into()),
            (None, _) => Err(Refusal::NoneYet(Noun::Project).into()),
        }
    }

    /// Deletes a project, and with [`Contents::GoToo`] its credentials.
    pub async fn delete_project(&self, id: &ProjectId, contents: Contents) -> Result<(), Error> {
        self.change(async |tx| {
            let found = projects::find(&mut *tx, id).await?;
            let Some(project) = found.filter(|own| self.admits(&own.organization_id)) else {
                return Err(Refusal::unknown(Noun::Project, id.as_str()).into());
            };
            let held = ClientFilter { organization: &project.organization_id, project: Some(id), after: None };
            let held = clients::list(&mut *tx, held, PAGE_ROWS_MAX).await?.len();
            if contents == Contents::MustBeNone && held > 0 {
                let contents = counted(held, Noun::Credential);
                return Err(Refusal::NotEmpty { noun: Noun::Project, name: project.name, contents }.into());
            }
            projects::delete(tx, id).await?;
            Ok(())
        })
        .await
    }
}

/// Every project of an organization, read page by page so that no single read is long.
async fn every_project(db: &Db, owner: &OrganizationId) -> Result<Vec<Project>, StoreError> {
    let mut all: Vec<Project> = Vec::new();
    loop {
        let after = all.last().map_or("", |last| last.name.as_str());
        let page = projects::list(db, owner, after, PAGE_ROWS_MAX).await?;
        let is_last = page.len() < PAGE_ROWS_MAX as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

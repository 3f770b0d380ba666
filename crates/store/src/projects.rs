//! Projects and their workspaces.

use tollgate_model::{
    id::{OrganizationId, ProjectId, WorkspaceId},
    organization::{Project, Workspace},
};

use crate::{
    Query, Row, StoreError, Transaction,
    generations::{self, Generation},
    params, statements,
};

statements! {
    /// Inserts nothing when the number is taken, or the name within the organization.
    INSERT = "
        insert into projects (id, organization_id, name, title, description, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing";

    /// Inserts nothing when the number is taken, or the name within the project.
    INSERT_WORKSPACE = "
        insert into workspaces (id, project_id, name, created_at)
        values ($1, $2, $3, $4)
        on conflict do nothing";

    /// The project of this number.
    FIND = "
        select id, organization_id, name, title, description, created_at
        from projects where id = $1";

    /// The organization's project of this name.
    FIND_BY_NAME = "
        select id, organization_id, name, title, description, created_at
        from projects where organization_id = $1 and name = $2";

    /// The next projects of an organization after the name `$2`, by name.
    LIST = "
        select id, organization_id, name, title, description, created_at
        from projects where organization_id = $1 and name > $2
        order by name limit $3";

    /// The workspace of this number.
    FIND_WORKSPACE = "select id, project_id, name, created_at from workspaces where id = $1";

    /// Every workspace of a project, oldest first.
    WORKSPACES = "
        select id, project_id, name, created_at
        from workspaces where project_id = $1
        order by created_at, id";

    /// Deletes the project; the schema deletes its workspaces and their credentials with it.
    DELETE = "delete from projects where id = $1";
}

/// Adds a project with its workspaces; `false`, and nothing added, when a number is taken, or the name within the
/// organization.
pub async fn insert(tx: &mut Transaction, project: &Project, workspaces: &[Workspace]) -> Result<bool, StoreError> {
    generations::hold(tx, Generation::Directory).await?;
    let values = params![
        &project.id,
        &project.organization_id,
        &project.name,
        &project.title,
        &project.description,
        project.created_at,
    ];
    if tx.run(&INSERT, &values).await? == 0 {
        return Ok(false);
    }
    for workspace in workspaces {
        if !insert_workspace(tx, workspace).await? {
            tx.run(&DELETE, &params![&project.id]).await?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Adds a workspace; `false` when its number is taken, or its name within the project.
pub async fn insert_workspace(tx: &mut Transaction, workspace: &Workspace) -> Result<bool, StoreError> {
    let values = params![&workspace.id, &workspace.project_id, &workspace.name, workspace.created_at];
    Ok(tx.run(&INSERT_WORKSPACE, &values).await? == 1)
}

/// The project of this number.
pub async fn find(query: impl Query, id: &ProjectId) -> Result<Option<Project>, StoreError> {
    query.one(&FIND, &params![id], project).await
}

/// The organization's project of this name.
pub async fn find_by_name(
    query: impl Query,
    organization: &OrganizationId,
    name: &str,
) -> Result<Option<Project>, StoreError> {
    query.one(&FIND_BY_NAME, &params![organization, name], project).await
}

/// The next projects of an organization after the name `after` (empty for the first), by name, at most `projects_max`.
pub async fn list(
    query: impl Query,
    organization: &OrganizationId,
    after: &str,
    projects_max: u32,
) -> Result<Vec<Project>, StoreError> {
    query.all(&LIST, &params![organization, after, projects_max], project).await
}

/// The workspace of this number.
pub async fn find_workspace(query: impl Query, id: &WorkspaceId) -> Result<Option<Workspace>, StoreError> {
    query.one(&FIND_WORKSPACE, &params![id], workspace).await
}

/// Every workspace of a project, oldest first.
pub async fn workspaces_of(query: impl Query, id: &ProjectId) -> Result<Vec<Workspace>, StoreError> {
    query.all(&WORKSPACES, &params![id], workspace).await
}

/// Deletes a project with its workspaces and their credentials; `false` when there is none.
pub async fn delete(tx: &mut Transaction, id: &ProjectId) -> Result<bool, StoreError> {
    generations::bump(tx, Generation::Directory).await?;
    Ok(tx.run(&DELETE, &params![id]).await? == 1)
}

fn project(row: &Row<'_>) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.parsed(0)?,
        organization_id: row.parsed(1)?,
        name: row.text(2)?,
        title: row.text(3)?,
        description: row.text(4)?,
        created_at: row.timestamp(5)?,
    })
}

fn workspace(row: &Row<'_>) -> Result<Workspace, StoreError> {
    Ok(Workspace { id: row.parsed(0)?, project_id: row.parsed(1)?, name: row.text(2)?, created_at: row.timestamp(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clients,
        fixture::{self, Example, committed},
    };

    #[tokio::test]
    async fn a_project_is_found_with_its_workspaces() {
        let Example { db, organization, project, workspace, .. } = Example::new().await;
        assert_eq!(find(&db, &project.id).await.unwrap().as_ref(), Some(&project));
        assert_eq!(find_by_name(&db, &organization.id, "Weather").await.unwrap().as_ref(), Some(&project));
        assert_eq!(find_workspace(&db, &workspace.id).await.unwrap().as_ref(), Some(&workspace));
        assert_eq!(workspaces_of(&db, &project.id).await.unwrap(), [workspace]);
    }

    #[tokio::test]
    async fn a_name_is_taken_once_in_an_organization_and_free_in_another() {
        let Example { db, organization, project, workspace, .. } = Example::new().await;
        let (same, its_workspace) = fixture::project(&organization, &project.name);
        assert!(!committed!(db, |tx| insert(tx, &same, std::slice::from_ref(&its_workspace))));
        assert_eq!(find_workspace(&db, &its_workspace.id).await.unwrap(), None);

        let other = fixture::organization("Other");
        assert!(committed!(db, |tx| crate::organizations::insert(tx, &other)));
        let (namesake, its_workspace) = fixture::project(&other, &project.name);
        assert!(committed!(db, |tx| insert(tx, &namesake, std::slice::from_ref(&its_workspace))));
        assert_ne!(workspace.id, its_workspace.id);
    }

    #[tokio::test]
    async fn a_project_whose_workspace_cannot_be_added_is_not_added_either() {
        let Example { db, organization, workspace, .. } = Example::new().await;
        let (project, _) = fixture::project(&organization, "Climate");
        assert!(!committed!(db, |tx| insert(tx, &project, std::slice::from_ref(&workspace))));
        assert_eq!(find(&db, &project.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn pages_of_projects_go_by_name() {
        let Example { db, organization, .. } = Example::new().await;
        for name in ["Alpha", "Zeta"] {
            let (project, workspace) = fixture::project(&organization, name);
            assert!(committed!(db, |tx| insert(tx, &project, std::slice::from_ref(&workspace))));
        }
        let names = |page: Vec<Project>| page.into_iter().map(|project| project.name).collect::<Vec<_>>();
        assert_eq!(names(list(&db, &organization.id, "", 2).await.unwrap()), ["Alpha", "Weather"]);
        assert_eq!(names(list(&db, &organization.id, "Weather", 2).await.unwrap()), ["Zeta"]);
    }

    #[tokio::test]
    async fn a_deleted_project_takes_its_credentials_with_it() {
        let Example { db, organization, project, workspace, client, .. } = Example::new().await;
        assert!(committed!(db, |tx| delete(tx, &project.id)));
        assert_eq!(workspaces_of(&db, &project.id).await.unwrap(), []);
        assert_eq!(find_workspace(&db, &workspace.id).await.unwrap(), None);
        assert_eq!(clients::find(&db, &client.id).await.unwrap(), None);
        assert_eq!(list(&db, &organization.id, "", 10).await.unwrap(), []);
    }
}

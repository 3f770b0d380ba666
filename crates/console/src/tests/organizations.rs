use tollgate_model::{service::Authorization, user::Role};

use super::{Fixture, draft, organization, project, refused, upstream};
use crate::{
    Contents, Noun, Refusal,
    credentials::NewKind,
    limits::LimitsChange,
    organizations::{NewOrganization, OrganizationChange},
    users::NewUser,
};

#[tokio::test]
async fn an_organization_is_found_by_id_number_and_name() {
    let fixture = Fixture::new().await;
    let own = &fixture.organization;
    for name in [own.id.as_str(), own.console_id.as_str(), "Example"] {
        assert_eq!(fixture.console.organization(name).await.unwrap(), *own, "{name}");
    }
    assert!(own.id.as_str().ends_with("@AdobeOrg"));
    let unknown = refused(fixture.console.organization("Nobody").await);
    assert_eq!(unknown, Refusal::Unknown { noun: Noun::Organization, name: "Nobody".into() });
}

#[tokio::test]
async fn a_name_that_two_have_is_refused_until_an_id_is_given() {
    let fixture = Fixture::new().await;
    fixture.console.create_organization(organization("Example")).await.unwrap();
    assert!(matches!(refused(fixture.console.organization("Example").await), Refusal::Ambiguous { .. }));
    assert_eq!(refused(fixture.console.only_organization().await), Refusal::Unstated(Noun::Organization));
}

#[tokio::test]
async fn an_organization_may_bring_its_id_along_once() {
    let fixture = Fixture::new().await;
    let id = "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap();
    let new = NewOrganization { id: Some(id), ..organization("Second") };
    fixture.console.create_organization(new.clone()).await.unwrap();
    assert!(matches!(refused(fixture.console.create_organization(new).await), Refusal::Taken { .. }));
}

#[tokio::test]
async fn a_change_of_an_organization_touches_what_it_names() {
    let fixture = Fixture::new().await;
    let id = &fixture.organization.id;
    let limits = LimitsChange { calls_per_day_max: Some(Some(1_000)), ..LimitsChange::default() };
    let change = OrganizationChange { limits, ..OrganizationChange::default() };
    let changed = fixture.console.update_organization(id, change).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.limits.calls_per_day_max), ("Example", Some(1_000)));
    assert_eq!(fixture.console.organization(id.as_str()).await.unwrap(), changed);
    let bad = OrganizationChange { name: Some(String::new()), ..OrganizationChange::default() };
    assert!(matches!(refused(fixture.console.update_organization(id, bad).await), Refusal::Invalid(_)));
}

#[tokio::test]
async fn an_organization_with_projects_or_users_goes_only_with_them() {
    let fixture = Fixture::new().await;
    let console = &fixture.console;
    let client_id = fixture.server_to_server().await;
    let id = &fixture.organization.id;
    let refusal = refused(console.delete_organization(id, Contents::MustBeNone).await);
    assert!(refusal.to_string().contains("still holds 1 project and 0 users"), "{refusal}");
    console.delete_organization(id, Contents::GoToo).await.unwrap();
    assert!(matches!(refused(console.client(client_id.as_str()).await), Refusal::Unknown { .. }));
    assert_eq!(refused(console.only_organization().await), Refusal::NoneYet(Noun::Organization));
    assert!(matches!(refused(console.delete_organization(id, Contents::GoToo).await), Refusal::Unknown { .. }));
}

#[tokio::test]
async fn a_project_starts_with_the_workspace_production_and_its_name_is_unique() {
    let fixture = Fixture::new().await;
    let made = &fixture.project;
    assert_eq!(made.workspaces.len(), 1);
    assert_eq!(made.workspaces[0].name, "Production");
    assert_eq!(made.project.title, "Weather");
    assert_eq!(fixture.console.project("Weather", None).await.unwrap(), *made);
    assert_eq!(fixture.console.project(made.project.id.as_str(), None).await.unwrap(), *made);
    let again = fixture.console.create_project(project(&fixture.organization, "Weather")).await;
    assert!(matches!(refused(again), Refusal::Taken { noun: Noun::Project, .. }));
    let bad = fixture.console.create_project(project(&fixture.organization, "not one word")).await;
    assert!(matches!(refused(bad), Refusal::Invalid(_)));
}

#[tokio::test]
async fn a_project_with_credentials_goes_only_with_them() {
    let fixture = Fixture::new().await;
    fixture.server_to_server().await;
    let id = &fixture.project.project.id;
    let refusal = refused(fixture.console.delete_project(id, Contents::MustBeNone).await);
    assert!(matches!(refusal, Refusal::NotEmpty { noun: Noun::Project, .. }), "{refusal}");
    fixture.console.delete_project(id, Contents::GoToo).await.unwrap();
    assert_eq!(fixture.console.credentials(None, None).await.unwrap(), []);
}

#[tokio::test]
async fn within_one_organization_what_belongs_to_another_does_not_exist() {
    let fixture = Fixture::new().await;
    let console = &fixture.console;
    let other = console.create_organization(organization("Other")).await.unwrap();
    let theirs = console.within(other.id.clone());
    let client_id = fixture.server_to_server().await;
    let project_id = &fixture.project.project.id;

    assert_eq!(theirs.organizations().await.unwrap(), std::slice::from_ref(&other));
    assert_eq!(theirs.projects(Some(&fixture.organization.id)).await.unwrap(), []);
    assert_eq!(theirs.credentials(None, None).await.unwrap(), []);
    for refusal in [
        refused(theirs.organization(fixture.organization.id.as_str()).await),
        refused(theirs.update_organization(&fixture.organization.id, OrganizationChange::default()).await),
        refused(theirs.set_organization_enabled(&fixture.organization.id, false).await),
        refused(theirs.delete_organization(&fixture.organization.id, Contents::GoToo).await),
        refused(theirs.create_project(project(&fixture.organization, "Intruder")).await),
        refused(theirs.project(project_id.as_str(), None).await),
        refused(theirs.delete_project(project_id, Contents::GoToo).await),
        refused(theirs.create_credential(fixture.credential(NewKind::OauthServerToServer)).await),
        refused(theirs.credential(client_id.as_str()).await),
        refused(theirs.set_credential_enabled(&client_id, false).await),
        refused(theirs.delete_credential(&client_id).await),
        refused(theirs.secrets(&client_id).await),
        refused(theirs.certificates(&client_id).await),
        refused(theirs.subscriptions(&client_id).await),
    ] {
        assert!(matches!(refusal, Refusal::Unknown { .. }), "{refusal}");
    }
    assert!(console.client(client_id.as_str()).await.unwrap().enabled);
}

#[tokio::test]
async fn within_one_organization_what_all_share_can_be_looked_at_only() {
    let fixture = Fixture::new().await;
    let made = fixture.service("OneSDK", Authorization::ApiKey).await;
    let member = fixture.console.within(fixture.organization.id.clone());
    assert_eq!(member.service(&made.code).await.unwrap(), made);
    for (refusal, noun) in [
        (refused(member.create_organization(organization("Third")).await), Noun::Organization),
        (refused(member.create_service(draft("TwoSDK", Authorization::ApiKey)).await), Noun::Service),
        (refused(member.seed_example(&upstream()).await), Noun::Service),
        (refused(member.update_service(&made.code, |_| ()).await), Noun::Service),
        (refused(member.set_service_enabled(&made.code, false).await), Noun::Service),
        (refused(member.delete_service(&made.code, Contents::GoToo).await), Noun::Service),
    ] {
        assert_eq!(refusal, Refusal::OperatorOnly(noun));
    }
    assert_eq!(fixture.console.services().await.unwrap(), [made]);
}

#[tokio::test]
async fn a_user_gets_a_password_for_the_first_sign_in_and_an_address_once() {
    let fixture = Fixture::new().await;
    let new = NewUser {
        organization_id: fixture.organization.id.clone(),
        email: "ada@example.com".parse().unwrap(),
        name: "Ada".to_owned(),
        role: Role::Administrator,
    };
    let made = fixture.console.create_user(new.clone()).await.unwrap();
    assert!(made.user.password_expired);
    let hash = made.user.password_hash.as_deref().unwrap();
    assert_eq!(tollgate_crypto::password::verify(hash, made.password.reveal()), Ok(true));
    assert!(matches!(refused(fixture.console.create_user(new).await), Refusal::Taken { noun: Noun::User, .. }));
}

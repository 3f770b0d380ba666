//! The workers: mail that leaves, and rows that go.

use std::path::PathBuf;

use super::EMAIL;
use crate::{
    mail::Carrier,
    scene::{Scene, visitor},
    settings::MailDelivery,
};

async fn with_a_mail(scene: &Scene) {
    scene.ada().await;
    let email = EMAIL.parse().unwrap();
    scene.people.begin_reset(&email, None, &visitor(), scene.now()).await.unwrap();
}

#[tokio::test]
async fn a_mail_is_carried_once_and_what_it_said_is_forgotten() {
    let scene = Scene::new().await;
    with_a_mail(&scene).await;
    let folder = tempfile::tempdir().unwrap();
    let carrier = Carrier::of(&MailDelivery::Folder(folder.path().to_owned())).unwrap();
    assert_eq!(scene.people.carry_mails(&carrier, scene.now()).await.unwrap(), 1);
    scene.wait(86_400).await;
    assert_eq!(scene.people.carry_mails(&carrier, scene.now()).await.unwrap(), 0);
    let stored = tollgate_store::mails::list_recent(&scene.people.house().db, None, 10).await.unwrap();
    assert!(stored[0].sent_at.is_some() && stored[0].message.is_empty());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_later_and_given_up_in_the_end() {
    let scene = Scene::new().await;
    with_a_mail(&scene).await;
    let carrier = Carrier::of(&MailDelivery::Folder(PathBuf::from("/dev/null/mails"))).unwrap();
    let mut attempts = 0;
    for _ in 0..48 {
        attempts += scene.people.carry_mails(&carrier, scene.now()).await.unwrap();
        assert_eq!(scene.people.carry_mails(&carrier, scene.now()).await.unwrap(), 0, "not at once");
        scene.wait(3_600).await;
    }
    assert_eq!(attempts, 8);
    let stored = tollgate_store::mails::list_recent(&scene.people.house().db, None, 10).await.unwrap();
    assert!(stored[0].failed_at.is_some() && stored[0].message.is_empty());
}

#[tokio::test]
async fn the_worker_carries_mails_and_writes_notes_until_it_is_told_to_stop() {
    let scene = Scene::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = scene.people.settings().clone();
    settings.mail.delivery = MailDelivery::Folder(folder.path().to_owned());
    let people = crate::People::new(scene.people.house().clone(), settings);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(people.clone().run(async move { drop(stopped.await) }));
    with_a_mail(&scene).await;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while people.mails(10).await.unwrap().unwrap().is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "no mail came");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mails = people.mails(10).await.unwrap().unwrap();
    assert_eq!(mails[0].to, EMAIL);
    assert_eq!(people.mail(&mails[0].id).await.unwrap().as_ref(), Some(&mails[0]));
    stop.send(()).unwrap();
    working.await.unwrap();
}

#[tokio::test]
async fn a_mail_to_nobody_is_never_sent() {
    let scene = Scene::new().await;
    let email = "nobody@example.org".parse().unwrap();
    scene.people.begin_reset(&email, None, &visitor(), scene.now()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let carrier = Carrier::of(&MailDelivery::Folder(folder.path().to_owned())).unwrap();
    scene.wait(30 * 86_400).await;
    assert_eq!(scene.people.carry_mails(&carrier, scene.now()).await.unwrap(), 0);
    scene.wait(86_400).await;
    scene.people.delete_ended().await.unwrap();
    let stored = tollgate_store::mails::list_recent(&scene.people.house().db, None, 10).await.unwrap();
    assert!(stored.is_empty());
}

#[tokio::test]
async fn without_a_way_mails_wait() {
    let scene = Scene::new().await;
    with_a_mail(&scene).await;
    assert_eq!(scene.people.carry_mails(&Carrier::None, scene.now()).await.unwrap(), 0);
    assert_eq!(scene.letters(EMAIL).await.len(), 1);
    assert!(scene.people.mails(10).await.unwrap().is_none());
}

#[tokio::test]
async fn what_has_ended_is_deleted_and_what_lives_stays() {
    let scene = Scene::new().await;
    scene.ada().await;
    let session = scene.sign_in().await;
    scene.people.delete_ended().await.unwrap();
    assert!(scene.opens(&session).await);
    scene.wait(40 * 86_400).await;
    scene.people.delete_ended().await.unwrap();
    let found = tollgate_store::sessions::find(&scene.people.house().db, &session.session.id).await.unwrap();
    assert!(found.is_none());
}

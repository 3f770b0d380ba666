//! When secrets were last used.

use std::time::Duration;

use tollgate_model::Timestamp;
use tollgate_store::{generations, secrets};

use crate::fixture::*;

async fn last_used(world: &World) -> Vec<Option<Timestamp>> {
    let mut stored = secrets::list(&world.house.db, &SERVER.parse().unwrap()).await.unwrap();
    stored.sort_by_key(|secret| secret.visible_prefix != SECRET[..8]);
    stored.into_iter().map(|secret| secret.last_used_at).collect()
}

#[tokio::test]
async fn uses_are_written_by_the_worker_to_the_minute_and_change_no_directory() {
    let world = World::new().await;
    let before = generations::read(&world.house.db).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(world.identity.clone().run(async move {
        let _ = stopped.await;
    }));
    world.server_token().await;
    world.post("/ims/token/v3", &credentials(SERVER, "wrong")).await;
    tokio::time::timeout(Duration::from_secs(10), async {
        while last_used(&world).await[0].is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the use is written within some seconds");
    assert_eq!(last_used(&world).await, [Some(Timestamp::from_seconds(1_759_999_980)), None]);
    assert_eq!(generations::read(&world.house.db).await.unwrap(), before);

    world.post("/ims/token/v3", &credentials(SERVER, SECOND_SECRET)).await.access_token();
    stop.send(()).unwrap();
    worker.await.unwrap();
    assert!(last_used(&world).await[1].is_some(), "the last uses are written before the end");
}

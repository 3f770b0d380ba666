//! Applications that are told of sign-outs: what they are sent, how often, and that a slow one delays nobody.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::Mutex,
};
use tollgate_crypto::{Compact, base64url};

use crate::fixture::*;

/// An application's server that answers with these statuses, one after the other, and then 200.
struct Listener {
    uri: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    async fn new(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/hear", listener.local_addr().unwrap());
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&bodies);
        tokio::spawn(async move {
            for count in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 4_096];
                let whole = loop {
                    let read = stream.read(&mut buffer).await.unwrap();
                    request.extend_from_slice(&buffer[..read]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let Some((fields, content)) = text.split_once("\r\n\r\n") else { continue };
                    let length = fields.to_ascii_lowercase();
                    let length = length.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
                    if content.len() >= length.parse::<usize>().unwrap() {
                        break content.to_owned();
                    }
                };
                heard.lock().await.push(whole);
                let status = statuses.get(count).copied().unwrap_or(200);
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { uri, bodies }
    }

    async fn heard(&self, count: usize) -> Vec<String> {
        for _ in 0..200 {
            let bodies = self.bodies.lock().await.clone();
            if bodies.len() >= count {
                return bodies;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not heard {count} times: {:?}", self.bodies.lock().await)
    }
}

async fn world_with(uri: &str) -> (World, Browser) {
    let world = World::new().await;
    let uri = Some(uri.to_owned());
    world.change_redirects(WEB_APP, |redirects| redirects.options.backchannel_logout_uri = uri).await;
    let browser = world.sign_in().await;
    world.agree(WEB_APP, "openid").await;
    world.authorize(&[("client_id", WEB_APP), ("scope", "openid")], Some(&browser)).await;
    tokio::spawn(world.identity.clone().run(std::future::pending()));
    (world, browser)
}

#[tokio::test]
async fn an_application_is_sent_a_logout_token_of_its_own() {
    let listener = Listener::new(&[]).await;
    let (world, browser) = world_with(&listener.uri).await;
    world.people.end_session(&ADA.parse().unwrap(), &browser.session.id, world.now()).await.unwrap();
    let bodies = listener.heard(1).await;
    let token = bodies[0].strip_prefix("logout_token=").unwrap();
    let jws = Compact::parse(token, 4_096).unwrap();
    assert_eq!((jws.header.typ.as_deref(), &*jws.header.alg), (Some("logout+jwt"), "RS256"));
    let directory = world.house.directory.current();
    let key = directory.keys.find(jws.header.kid.as_deref().unwrap()).unwrap();
    jws.verify(&key.verifying, &[key.algorithm]).unwrap();
    let payload = base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((claims["aud"].as_str(), claims["sub"].as_str()), (Some(WEB_APP), Some(ADA)));
    assert_eq!(claims["sid"], browser.session.id.as_str());
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 120);
    assert!(claims["jti"].is_string() && claims.get("nonce").is_none());
}

#[tokio::test]
async fn a_failed_notice_is_sent_again_and_a_refused_one_is_not() {
    let listener = Listener::new(&[500]).await;
    let (world, browser) = world_with(&listener.uri).await;
    world.people.end_session(&ADA.parse().unwrap(), &browser.session.id, world.now()).await.unwrap();
    listener.heard(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.pass(10).await;
    listener.heard(2).await;

    let refusing = Listener::new(&[400]).await;
    let (world, browser) = world_with(&refusing.uri).await;
    world.people.end_session(&ADA.parse().unwrap(), &browser.session.id, world.now()).await.unwrap();
    refusing.heard(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.pass(3_000).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(refusing.bodies.lock().await.len(), 1);
}

//! What the two ports show. The gateway's port shows the gateway and health; the main port shows identity and console,
//! and leaves what is not theirs to the gateway, so that clients with fixed host names need one port only.

use std::{convert::Infallible, pin::Pin};

use futures_util::{TryFutureExt as _, future};
use http_body_util::Either;
use hyper::{Request, Response, body::Incoming};
use tollgate_gateway::{Gateway, GatewayBody};
use tollgate_model::service::RESERVED_SEGMENTS;
use tollgate_web::{Front, PeerAddress};

/// The body of an answer of either wing.
pub type FaceBody = Either<GatewayBody, axum::body::Body>;

/// Documents that tell how to call a service, which the gateway knows (RFC 9728 section 3.1).
const PROTECTED_RESOURCE: &str = ".well-known/oauth-protected-resource";
const HEALTH: &str = "health";

/// Both wings, ready to answer.
pub struct Faces {
    /// Identity and console behind their door.
    pub front: Front,
    /// The gateway.
    pub gateway: Gateway,
}

impl Faces {
    /// Answers on the main port.
    pub fn answer_on_main_port(&self, request: Request<Incoming>, peer: PeerAddress) -> impl Answer + use<> {
        if is_for_the_front(request.uri().path()) {
            future::Either::Left(self.front(request, peer))
        } else {
            future::Either::Right(self.gateway(request, peer))
        }
    }

    /// Answers on the gateway's port.
    pub fn answer_on_gateway_port(&self, request: Request<Incoming>, peer: PeerAddress) -> impl Answer + use<> {
        if first_segment(request.uri().path()) == HEALTH {
            future::Either::Left(self.front(request, peer))
        } else {
            future::Either::Right(self.gateway(request, peer))
        }
    }

    /// In a box, since the future is larger than the gateway's and would be copied in its stead with each call.
    fn front(&self, request: Request<Incoming>, peer: PeerAddress) -> Pin<Box<dyn Answer>> {
        let front = self.front.clone();
        Box::pin(async move {
            let response = front.answer(request.map(axum::body::Body::new), peer).await;
            Ok(response.map(Either::Right))
        })
    }

    fn gateway(&self, request: Request<Incoming>, peer: PeerAddress) -> impl Answer + use<> {
        self.gateway.call(request, peer).map_ok(|response| response.map(Either::Left))
    }
}

/// What becomes the answer of either wing.
pub trait Answer: Future<Output = Result<Response<FaceBody>, Infallible>> + Send + 'static {}

impl<F: Future<Output = Result<Response<FaceBody>, Infallible>> + Send + 'static> Answer for F {}

/// No service of the gateway can have a path that begins with one of these segments.
fn is_for_the_front(path: &str) -> bool {
    let first = first_segment(path);
    path == "/" || (RESERVED_SEGMENTS.contains(&first) && !path[1..].starts_with(PROTECTED_RESOURCE))
}

fn first_segment(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or_default().split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_port_leaves_to_the_gateway_what_is_not_ours() {
        for own in [
            "/",
            "/ims/token/v3",
            "/ims",
            "/keys/prod/x.cer",
            "/.well-known/openid-configuration",
            "/health/ready",
            "/console/x",
            "/sign-in/password",
            "/account",
            "/assets/pages/x.css",
        ] {
            assert!(is_for_the_front(own), "{own}");
        }
        for other in
            ["/stock/search", "/imsx", "//ims", "/%69ms/token", "*", "", "/.well-known/oauth-protected-resource/stock"]
        {
            assert!(!is_for_the_front(other), "{other}");
        }
    }
}

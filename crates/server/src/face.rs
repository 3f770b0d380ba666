//! What the two ports show. The gateway's port shows the gateway and health; the main port shows identity and console,
//! and leaves what is not theirs to the gateway, so that clients with fixed host names need one port only.

use std::convert::Infallible;

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
    pub async fn answer_on_main_port(
        &self,
        request: Request<Incoming>,
        peer: PeerAddress,
    ) -> Result<Response<FaceBody>, Infallible> {
        if is_for_the_front(request.uri().path()) {
            self.front(request, peer).await
        } else {
            self.gateway(request, peer).await
        }
    }

    /// Answers on the gateway's port.
    pub async fn answer_on_gateway_port(
        &self,
        request: Request<Incoming>,
        peer: PeerAddress,
    ) -> Result<Response<FaceBody>, Infallible> {
        if first_segment(request.uri().path()) == HEALTH {
            self.front(request, peer).await
        } else {
            self.gateway(request, peer).await
        }
    }

    async fn front(&self, request: Request<Incoming>, peer: PeerAddress) -> Result<Response<FaceBody>, Infallible> {
        let response = self.front.answer(request.map(axum::body::Body::new), peer).await;
        Ok(response.map(Either::Right))
    }

    async fn gateway(&self, request: Request<Incoming>, peer: PeerAddress) -> Result<Response<FaceBody>, Infallible> {
        let response = self.gateway.call(request, peer).await?;
        Ok(response.map(Either::Left))
    }
}

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

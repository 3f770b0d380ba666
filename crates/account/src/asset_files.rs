//! Stylesheets, scripts and marks. What is under an address never changes, so browsers keep it for good.

use axum::{Router, body::Body, extract::Path, http::Uri, response::Response, routing::get};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use tollgate_crypto::{base64url, digest::sha256};
use tollgate_pages::{Color, assets, brand_css};
use tollgate_web::error;

use crate::Account;

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

pub(crate) fn routes() -> Router<Account> {
    Router::new().route("/assets/pages/{file}", get(file)).route("/assets/pages/brand/{file}", get(brand))
}

async fn file(uri: Uri, headers: HeaderMap) -> Response {
    match assets().iter().find(|asset| asset.path == uri.path()) {
        Some(asset) => kept(asset.media_type, Body::from(asset.bytes), asset.bytes, &headers),
        None => error::not_found(),
    }
}

/// The stylesheet of a colour; it holds nothing but that colour and those derived from it.
async fn brand(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match name.strip_suffix(".css").and_then(Color::of_digits) {
        Some(color) => {
            let sheet = brand_css(color).into_bytes();
            let tagged = sheet.clone();
            kept("text/css; charset=utf-8", Body::from(sheet), &tagged, &headers)
        }
        None => error::not_found(),
    }
}

fn kept(media_type: &'static str, body: Body, content: &[u8], asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", base64url::encode(&sha256(content)[..12]));
    let known = asked.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let is_known = known.flat_map(|tags| tags.split(',')).any(|own| own.trim().trim_start_matches("W/") == tag);
    let mut response = Response::new(if is_known { Body::empty() } else { body });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, IMMUTABLE);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(ETAG, HeaderValue::try_from(tag).expect("base64url in quotes is header characters"));
    response
}

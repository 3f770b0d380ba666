//! From host and path to the service that answers there.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use http::HeaderValue;
use tollgate_crypto::Algorithm;
use tollgate_model::service::{Authorization, Service};
use tollgate_oauth::dpop::ALGORITHMS;

use crate::{limit::Gates, path::CanonicalPath, upstream::Balance};

/// A service as the gateway sees it.
pub(crate) struct Route {
    pub(crate) service: Arc<Service>,
    /// The gateway path, without a slash at the end.
    pub(crate) prefix: Box<str>,
    pub(crate) balance: Balance,
    /// What applies to everybody, asked for the calls that name nobody.
    pub(crate) gates: Gates,
    /// Where a client reads how to get a token for it (RFC 9728 section 3).
    pub(crate) metadata_url: Box<str>,
}

impl Route {
    /// Whether a call must bring a token.
    pub(crate) fn demands_token(&self) -> bool {
        self.service.authorization != Authorization::ApiKey
    }

    /// The value of `WWW-Authenticate`, with the given parameters of RFC 6750 section 3 in front; `None` for a service
    /// that takes no tokens.
    pub(crate) fn challenge(&self, parameters: &str) -> Option<HeaderValue> {
        if !self.demands_token() {
            return None;
        }
        HeaderValue::try_from(format!("Bearer {parameters}resource_metadata=\"{}\"", self.metadata_url)).ok()
    }

    /// The value of `WWW-Authenticate` for a token that is bound to a key (RFC 9449 section 7.1). Texts of refusals hold no
    /// quotation marks.
    pub(crate) fn proof_challenge(&self, error: &str, description: &str) -> Option<HeaderValue> {
        let algorithms = ALGORITHMS.map(Algorithm::as_str).join(" ");
        let text = format!(
            "DPoP error=\"{error}\", error_description=\"{description}\", algs=\"{algorithms}\", resource_metadata=\"{}\"",
            self.metadata_url
        );
        HeaderValue::try_from(text).ok()
    }
}

/// Every route, found by host and the longest path prefix that ends where a segment ends.
#[derive(Default)]
pub(crate) struct Routes {
    any_host: Prefixes,
    hosts: HashMap<Box<str>, Prefixes>,
}

/// Routes by the first segment of their path, the longest first.
type Prefixes = BTreeMap<Box<str>, Vec<Arc<Route>>>;

impl Routes {
    pub(crate) fn insert(&mut self, route: Route) {
        let prefixes = match &route.service.host {
            Some(host) => self.hosts.entry(host.to_ascii_lowercase().into()).or_default(),
            None => &mut self.any_host,
        };
        let first = route.prefix[1..].split('/').next().unwrap_or_default().into();
        let routes = prefixes.entry(first).or_default();
        let at = routes.partition_point(|other| other.prefix.len() >= route.prefix.len());
        routes.insert(at, Arc::new(route));
    }

    /// The route that answers at `path`. A service that asked for this host goes before those that answer at any.
    pub(crate) fn find(&self, host: Option<&str>, path: CanonicalPath<'_>) -> Option<&Arc<Route>> {
        self.at_host(host).and_then(|prefixes| longest(prefixes, path)).or_else(|| longest(&self.any_host, path))
    }

    fn at_host(&self, host: Option<&str>) -> Option<&Prefixes> {
        if self.hosts.is_empty() {
            return None;
        }
        self.hosts.get(host?.to_ascii_lowercase().as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.hosts.values().chain([&self.any_host]).flat_map(BTreeMap::values).flatten()
    }
}

fn longest<'a>(prefixes: &'a Prefixes, path: CanonicalPath<'_>) -> Option<&'a Arc<Route>> {
    prefixes.get(path.first_segment())?.iter().find(|route| path.below(&route.prefix).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::service;

    fn routes(paths: &[(&str, Option<&str>)]) -> Routes {
        let mut routes = Routes::default();
        for (path, host) in paths {
            let mut service = service(&path[1..].replace('/', "-"), path);
            service.host = host.map(str::to_owned);
            routes.insert(Route {
                prefix: (*path).into(),
                balance: Balance::new(Vec::new()),
                gates: Gates::default(),
                metadata_url: "https://gateway.test/x".into(),
                service: Arc::new(service),
            });
        }
        routes
    }

    fn found(routes: &Routes, host: Option<&str>, path: &str) -> Option<String> {
        routes.find(host, CanonicalPath::parse(path).unwrap()).map(|route| route.service.code.to_string())
    }

    #[test]
    fn the_longest_prefix_wins_and_ends_where_a_segment_ends() {
        let routes = routes(&[("/a", None), ("/a/b", None), ("/a/b/c", None), ("/x", None)]);
        assert_eq!(found(&routes, None, "/a").as_deref(), Some("a"));
        assert_eq!(found(&routes, None, "/a/bb").as_deref(), Some("a"));
        assert_eq!(found(&routes, None, "/a/b").as_deref(), Some("a-b"));
        assert_eq!(found(&routes, None, "/a/b/c/d").as_deref(), Some("a-b-c"));
        assert_eq!(found(&routes, None, "/ab"), None);
        assert_eq!(found(&routes, None, "/"), None);
        assert_eq!(found(&routes, None, "/X"), None);
    }

    #[test]
    fn a_service_with_a_host_answers_there_alone_and_first() {
        let routes = routes(&[("/a", None), ("/a/b", Some("API.example.com")), ("/y", Some("other.test"))]);
        assert_eq!(found(&routes, Some("api.Example.com"), "/a/b/c").as_deref(), Some("a-b"));
        assert_eq!(found(&routes, Some("api.example.com"), "/a/c").as_deref(), Some("a"));
        assert_eq!(found(&routes, Some("else.test"), "/a/b").as_deref(), Some("a"));
        assert_eq!(found(&routes, Some("else.test"), "/y"), None);
        assert_eq!(found(&routes, None, "/y"), None);
        assert_eq!(routes.iter().count(), 3);
    }
}

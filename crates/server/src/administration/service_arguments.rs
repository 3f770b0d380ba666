//! What can be said of a service, at its making and later.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use tollgate_console::services::ServiceDraft;
use tollgate_model::{
    Invalid,
    client::CredentialType,
    scope::ScopeSet,
    service::{Authorization, Forwarding, GatewayPath, IdentityForwarding, KeyDemand, Upstream},
};

use super::arguments::{CredentialLimitArguments, LimitArguments, OrNone, credential_type, one_of};

/// What a service demands, in the words of the model.
pub(super) fn authorization() -> impl TypedValueParser<Value = Authorization> {
    one_of(Authorization::ALL.map(Authorization::as_str))
}

/// Everything about a service that has a default or may be left as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct ServiceArguments {
    /// One sentence
    #[arg(long)]
    description: Option<String>,
    /// Path under which the gateway answers for it, such as /weather
    #[arg(long)]
    path: Option<GatewayPath>,
    /// Host name under which the gateway answers for it; `none` for any
    #[arg(long, value_name = "NAME")]
    host: Option<OrNone<String>>,
    /// Where it runs, such as `http://127.0.0.1:3000`; repeat it for more than one
    #[arg(long, value_name = "URL")]
    upstream: Vec<Upstream>,
    /// Scopes that a subscription grants, with commas between them; `none` for none
    #[arg(long, value_parser = scope_list)]
    scopes: Option<ScopeSet>,
    /// Scopes that a token must have; `none` for none, `default` for all its scopes that open an API
    #[arg(long, value_name = "SCOPES", value_parser = scope_list_or_default)]
    required_scopes: Option<OrDefault>,
    /// Metascopes that a service JWT may name, with commas between them; `none` for none
    #[arg(long, value_name = "SCOPES", value_parser = scope_list)]
    metascopes: Option<ScopeSet>,
    /// Types of credential that may subscribe, with commas between them; by default all that can bring what is demanded
    #[arg(long, value_name = "TYPES", value_delimiter = ',', value_parser = credential_type())]
    credential_types: Vec<CredentialType>,
    /// Which kind of key a caller must bring: the public client id, or a secret key
    #[arg(long, value_parser = key_demand())]
    key: Option<KeyDemand>,
    #[command(flatten)]
    forwarding: ForwardingArguments,
    #[command(flatten)]
    limits: LimitArguments,
    #[command(flatten)]
    credential_limits: CredentialLimitArguments,
}

/// How calls are passed on to a service.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Forwarding")]
struct ForwardingArguments {
    /// Whether the gateway path is taken off before forwarding
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    strip_path: Option<bool>,
    /// How the service learns who calls
    #[arg(long, value_parser = identity_forwarding())]
    identity: Option<IdentityForwarding>,
    /// Longest wait for a connection
    #[arg(long, value_name = "MILLIS", value_parser = clap::value_parser!(u32).range(1..=600_000))]
    connect_timeout_millis: Option<u32>,
    /// Longest wait for the head of an answer
    #[arg(long, value_name = "MILLIS", value_parser = clap::value_parser!(u32).range(1..=600_000))]
    response_timeout_millis: Option<u32>,
    /// Longest silence between two parts of a body
    #[arg(long, value_name = "MILLIS", value_parser = clap::value_parser!(u32).range(1..=3_600_000))]
    idle_timeout_millis: Option<u32>,
    /// Attempts after the first, for idempotent requests of which nothing was sent
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(0..=10))]
    retries_max: Option<u8>,
    /// Longest request body
    #[arg(long, value_name = "BYTES")]
    body_bytes_max: Option<u64>,
    /// Requests to one upstream at a time
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    concurrent_requests_max: Option<u32>,
    /// Failures in a row after which an upstream is left alone
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    breaker_failures_max: Option<u32>,
    /// How long it is then left alone
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    breaker_open_seconds: Option<u32>,
}

impl ServiceArguments {
    /// Changes what was given of `service`, and nothing else.
    pub(super) fn apply(self, service: &mut ServiceDraft) {
        if let Some(description) = self.description {
            service.description = description;
        }
        if let Some(path) = self.path {
            service.gateway_path = Some(path);
        }
        if let Some(OrNone(host)) = self.host {
            service.host = host;
        }
        if !self.upstream.is_empty() {
            service.upstreams = self.upstream;
        }
        if let Some(scopes) = self.scopes {
            service.scopes = scopes;
        }
        if let Some(scopes) = self.metascopes {
            service.metascopes = scopes;
        }
        if let Some(OrDefault(scopes)) = self.required_scopes {
            service.required_scopes = scopes;
        }
        if !self.credential_types.is_empty() {
            service.credential_types = Some(self.credential_types);
        }
        service.key = self.key.unwrap_or(service.key);
        self.forwarding.apply(&mut service.forwarding);
        service.limits = self.limits.change().applied_to(&service.limits);
        service.credential_limits = self.credential_limits.change().applied_to(&service.credential_limits);
    }
}

impl ForwardingArguments {
    fn apply(self, forwarding: &mut Forwarding) {
        *forwarding = Forwarding {
            strip_path: self.strip_path.unwrap_or(forwarding.strip_path),
            identity: self.identity.unwrap_or(forwarding.identity),
            connect_timeout_millis: self.connect_timeout_millis.unwrap_or(forwarding.connect_timeout_millis),
            response_timeout_millis: self.response_timeout_millis.unwrap_or(forwarding.response_timeout_millis),
            idle_timeout_millis: self.idle_timeout_millis.unwrap_or(forwarding.idle_timeout_millis),
            retries_max: self.retries_max.unwrap_or(forwarding.retries_max),
            body_bytes_max: self.body_bytes_max.unwrap_or(forwarding.body_bytes_max),
            concurrent_requests_max: self.concurrent_requests_max.unwrap_or(forwarding.concurrent_requests_max),
            breaker_failures_max: self.breaker_failures_max.unwrap_or(forwarding.breaker_failures_max),
            breaker_open_seconds: self.breaker_open_seconds.unwrap_or(forwarding.breaker_open_seconds),
        };
    }
}

/// Scopes; `None` for the default.
#[derive(Debug, Clone)]
struct OrDefault(Option<ScopeSet>);

fn scope_list(text: &str) -> Result<ScopeSet, Invalid> {
    if text == "none" { Ok(ScopeSet::empty()) } else { text.parse() }
}

fn scope_list_or_default(text: &str) -> Result<OrDefault, Invalid> {
    if text == "default" { Ok(OrDefault(None)) } else { scope_list(text).map(|scopes| OrDefault(Some(scopes))) }
}

fn key_demand() -> impl TypedValueParser<Value = KeyDemand> {
    PossibleValuesParser::new(["client_id", "secret_key"])
        .map(|word| if word == "secret_key" { KeyDemand::SecretKey } else { KeyDemand::ClientId })
}

fn identity_forwarding() -> impl TypedValueParser<Value = IdentityForwarding> {
    PossibleValuesParser::new(["headers", "signed_token"]).map(|word| match word.as_str() {
        "signed_token" => IdentityForwarding::SignedToken,
        _ => IdentityForwarding::Headers,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: ServiceArguments,
    }

    fn applied(line: &str, service: &mut ServiceDraft) {
        let words = line.split(' ').filter(|word| !word.is_empty());
        Line::try_parse_from(std::iter::once("test").chain(words)).unwrap().arguments.apply(service);
    }

    #[test]
    fn what_is_not_given_stays_and_none_lifts() {
        let code = "WeatherSDK".parse().unwrap();
        let mut service = ServiceDraft::of(code, "Weather".to_owned(), Authorization::ServiceToken);
        applied(
            "--path /weather --upstream http://a --upstream http://b --scopes one,two --host h --rate 5/1",
            &mut service,
        );
        let before = service.clone();
        assert_eq!((before.upstreams.len(), before.scopes.len()), (2, 2));
        applied("", &mut service);
        assert_eq!(service, before);
        applied("--required-scopes none --host none --rate none --strip-path --key secret_key", &mut service);
        assert_eq!(service.required_scopes, Some(ScopeSet::empty()));
        assert!(service.host.is_none() && service.limits.is_unlimited() && service.forwarding.strip_path);
        assert_eq!(service.key, KeyDemand::SecretKey);
        applied("--required-scopes default --strip-path false --credential-types api_key,oauth_web_app", &mut service);
        assert!(service.required_scopes.is_none() && !service.forwarding.strip_path);
        assert_eq!(service.credential_types.unwrap().len(), 2);
    }
}

//! Services: the APIs of the catalogue, added, changed, switched on and off, deleted.

use tollgate_model::{
    Invalid, Timestamp,
    client::CredentialType,
    id::ServiceCode,
    limit::Limits,
    organization::check_display_name,
    scope::ScopeSet,
    service::{Authorization, Forwarding, GatewayPath, KeyDemand, Service, Upstream, is_identity_scope},
};
use tollgate_store::{Transaction, services, subscriptions};

use crate::{Console, Contents, Error, Noun, PAGE_ROWS_MAX, Refusal, counted, projects::check_description};

/// A service as somebody wants it to be; what is `None` takes its default, and goes on following it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceDraft {
    /// Its code, such as `WeatherSDK`.
    pub code: ServiceCode,
    /// The name people see.
    pub name: String,
    /// One sentence; may be empty.
    pub description: String,
    /// What a caller must bring.
    pub authorization: Authorization,
    /// Which kind of key a caller must bring.
    pub key: KeyDemand,
    /// The types of credential that may subscribe; by default all that can bring what is demanded.
    pub credential_types: Option<Vec<CredentialType>>,
    /// Scopes that a subscription lets a credential ask for.
    pub scopes: ScopeSet,
    /// Scopes that a token must have; by default [`default_required_scopes`].
    pub required_scopes: Option<ScopeSet>,
    /// Metascopes that a subscription lets a service JWT name.
    pub metascopes: ScopeSet,
    /// Host name under which the gateway answers for it; `None` for any.
    pub host: Option<String>,
    /// Path under which the gateway answers for it; `None` when it is built in.
    pub gateway_path: Option<GatewayPath>,
    /// Where it runs.
    pub upstreams: Vec<Upstream>,
    /// How calls are passed on.
    pub forwarding: Forwarding,
    /// What all callers together may call.
    pub limits: Limits,
    /// What each subscribed credential may call.
    pub credential_limits: Limits,
}

impl ServiceDraft {
    /// A service with nothing but its code, its name and what it demands.
    pub fn of(code: ServiceCode, name: String, authorization: Authorization) -> Self {
        Self {
            code,
            name,
            description: String::new(),
            authorization,
            key: KeyDemand::default(),
            credential_types: None,
            scopes: ScopeSet::empty(),
            required_scopes: None,
            metascopes: ScopeSet::empty(),
            host: None,
            gateway_path: None,
            upstreams: Vec::new(),
            forwarding: Forwarding::default(),
            limits: Limits::default(),
            credential_limits: Limits::default(),
        }
    }

    /// What somebody must have wanted to get `service`: what equals its default is taken to follow it.
    fn from_service(service: Service) -> Self {
        let types = default_credential_types(service.authorization);
        let required = default_required_scopes(service.authorization, &service.scopes);
        Self {
            code: service.code,
            name: service.name,
            description: service.description,
            authorization: service.authorization,
            key: service.key,
            credential_types: Some(service.credential_types).filter(|own| *own != types),
            scopes: service.scopes,
            required_scopes: Some(service.required_scopes).filter(|own| *own != required),
            metascopes: service.metascopes,
            host: service.host,
            gateway_path: service.gateway_path,
            upstreams: service.upstreams,
            forwarding: service.forwarding,
            limits: service.limits,
            credential_limits: service.credential_limits,
        }
    }

    /// The service as it will be, with its defaults filled in; not yet checked.
    fn complete(self, created_at: Timestamp, enabled: bool) -> Service {
        let required_scopes =
            self.required_scopes.unwrap_or_else(|| default_required_scopes(self.authorization, &self.scopes));
        Service {
            code: self.code,
            name: self.name,
            description: self.description,
            authorization: self.authorization,
            key: self.key,
            credential_types: self.credential_types.unwrap_or_else(|| default_credential_types(self.authorization)),
            scopes: self.scopes,
            required_scopes,
            metascopes: self.metascopes,
            host: self.host.map(|host| host.to_ascii_lowercase()),
            gateway_path: self.gateway_path,
            upstreams: self.upstreams,
            forwarding: self.forwarding,
            limits: self.limits,
            credential_limits: self.credential_limits,
            enabled,
            created_at,
        }
    }
}

/// The scopes that a token must have unless it is said otherwise: all that the service grants, less those that only
/// tell who somebody is; none when the service asks for no token.
pub fn default_required_scopes(authorization: Authorization, scopes: &ScopeSet) -> ScopeSet {
    match authorization {
        Authorization::ApiKey => ScopeSet::empty(),
        Authorization::UserToken | Authorization::ServiceToken => {
            scopes.iter().filter(|scope| !is_identity_scope(scope.as_str())).cloned().collect()
        }
    }
}

/// The types of credential that can bring what is demanded.
pub fn default_credential_types(authorization: Authorization) -> Vec<CredentialType> {
    let brings = |own: &CredentialType| match authorization {
        Authorization::ApiKey => true,
        Authorization::UserToken => *own != CredentialType::ApiKey,
        Authorization::ServiceToken => own.has_technical_account(),
    };
    CredentialType::ALL.into_iter().filter(brings).collect()
}

/// Most upstreams of one service.
pub const UPSTREAMS_MAX: usize = 32;

fn check(service: &Service) -> Result<(), Refusal> {
    check_display_name("service name", &service.name)?;
    check_description(&service.description)?;
    service.host.as_deref().map_or(Ok(()), check_host)?;
    let code = || service.code.clone();
    if service.upstreams.len() > UPSTREAMS_MAX {
        let given = service.upstreams.len().to_string();
        return Err(Invalid::new("number of upstreams", &given, format!("give at most {UPSTREAMS_MAX}")).into());
    }
    if service.gateway_path.is_some() && service.upstreams.is_empty() {
        return Err(Refusal::UpstreamMissing(code()));
    }
    if service.gateway_path.is_none() && (!service.upstreams.is_empty() || service.host.is_some()) {
        return Err(Refusal::PathMissing(code()));
    }
    if service.authorization == Authorization::ApiKey && !service.required_scopes.is_empty() {
        return Err(Refusal::ScopesWithoutToken(code()));
    }
    if let Some(scope) = service.required_scopes.without(&service.scopes).iter().next() {
        return Err(Refusal::ScopeNotGranted { service: code(), scope: scope.to_string() });
    }
    if service.credential_types.is_empty() {
        return Err(Invalid::new("credential types", "", "name at least one type that may subscribe").into());
    }
    Ok(())
}

/// Checks a host name under which the gateway answers: labels of letters, digits and dashes between dots.
fn check_host(host: &str) -> Result<(), Invalid> {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    if host.len() <= 253 && host.split('.').all(label) {
        return Ok(());
    }
    Err(Invalid::new("host", host, "give a host name such as api.example.com, without scheme, port or path"))
}

/// Adds a service whose values have been checked, unless its code or its place is taken.
async fn insert(tx: &mut Transaction, service: &Service) -> Result<(), Error> {
    if services::find(&mut *tx, &service.code).await?.is_some() {
        return Err(Refusal::taken(Noun::Service, service.code.as_str()).into());
    }
    if services::insert(tx, service).await? { Ok(()) } else { Err(place_taken(service).into()) }
}

fn place_taken(service: &Service) -> Refusal {
    match service.gateway_path.clone() {
        Some(path) => Refusal::PathTaken { path, host: service.host.clone() },
        None => Refusal::taken(Noun::Service, service.code.as_str()),
    }
}

impl Console {
    /// Adds a service to the catalogue.
    pub async fn create_service(&self, new: ServiceDraft) -> Result<Service, Error> {
        self.require_operator(Noun::Service)?;
        let service = new.complete(self.now(), true);
        check(&service)?;
        self.change(async |tx| insert(tx, &service).await).await?;
        Ok(service)
    }

    /// Adds those of `all` whose codes are new, and returns these.
    pub(crate) async fn create_missing_services(&self, all: Vec<ServiceDraft>) -> Result<Vec<Service>, Error> {
        self.require_operator(Noun::Service)?;
        let now = self.now();
        let all: Vec<Service> = all.into_iter().map(|new| new.complete(now, true)).collect();
        all.iter().try_for_each(check)?;
        self.change(async |tx| {
            let mut made = Vec::new();
            for service in &all {
                if services::find(&mut *tx, &service.code).await?.is_none() {
                    insert(tx, service).await?;
                    made.push(service.clone());
                }
            }
            Ok(made)
        })
        .await
    }

    /// Changes a service as `change` does; calls that arrive from now on meet it as it is then. Its code stays.
    pub async fn update_service(
        &self,
        code: &ServiceCode,
        change: impl FnOnce(&mut ServiceDraft),
    ) -> Result<Service, Error> {
        self.require_operator(Noun::Service)?;
        self.change(async |tx| {
            let Some(old) = services::find(&mut *tx, code).await? else {
                return Err(Refusal::unknown(Noun::Service, code.as_str()).into());
            };
            let (created_at, enabled) = (old.created_at, old.enabled);
            let mut draft = ServiceDraft::from_service(old);
            change(&mut draft);
            draft.code = code.clone();
            let service = draft.complete(created_at, enabled);
            check(&service)?;
            if services::update(tx, &service).await? { Ok(service) } else { Err(place_taken(&service).into()) }
        })
        .await
    }

    /// Lets calls through to a service, or stops them.
    pub async fn set_service_enabled(&self, code: &ServiceCode, enabled: bool) -> Result<(), Error> {
        self.require_operator(Noun::Service)?;
        self.change(async |tx| {
            let found = services::set_enabled(tx, code, enabled).await?;
            if found { Ok(()) } else { Err(Refusal::unknown(Noun::Service, code.as_str()).into()) }
        })
        .await
    }

    /// All services, by code.
    pub async fn services(&self) -> Result<Vec<Service>, Error> {
        Ok(services::list(&self.db).await?)
    }

    /// The service with this code.
    pub async fn service(&self, code: &ServiceCode) -> Result<Service, Error> {
        let found = services::find(&self.db, code).await?;
        found.ok_or_else(|| Refusal::unknown(Noun::Service, code.as_str()).into())
    }

    /// Takes a service out of the catalogue, and with [`Contents::GoToo`] the subscriptions to it.
    pub async fn delete_service(&self, code: &ServiceCode, contents: Contents) -> Result<(), Error> {
        self.require_operator(Noun::Service)?;
        self.change(async |tx| {
            let held = subscriptions::list_of_service(&mut *tx, code, None, PAGE_ROWS_MAX).await?.len();
            if contents == Contents::MustBeNone && held > 0 {
                let contents = counted(held, Noun::Subscription);
                return Err(Refusal::NotEmpty { noun: Noun::Service, name: code.to_string(), contents }.into());
            }
            let found = services::delete(tx, code).await?;
            if found { Ok(()) } else { Err(Refusal::unknown(Noun::Service, code.as_str()).into()) }
        })
        .await
    }
}

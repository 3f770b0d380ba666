//! How a directory is made of rows.

use std::{collections::HashMap, sync::Arc};

use tollgate_crypto::{Certificate, MasterKey, VerifyingKey};
use tollgate_model::{
    Timestamp,
    client::{Client, ClientCertificate},
    id::{ClientId, OrganizationId, ServiceCode},
    organization::Organization,
    redirect_uri::RedirectRules,
    scope::ScopeSet,
    secret::{SecretKind, StoredSecret},
    service::Service,
};

use super::{Directory, DirectoryClient, SecretKeyHolder, TrustedCertificate};
use crate::{
    Db, StoreError, certificates, clients,
    generations::{self, Generations},
    key_set::{DirectoryKey, KeySet},
    organizations, secrets, services,
    signing_keys::{self, SigningKeyRow},
    subscriptions,
};

/// Scopes that any credential may ask for: they tell who it is and open no API.
const BASIC_SCOPES: &str = "openid,AdobeID";

/// Scopes that a credential which people sign in with may ask for besides: they tell who the person is (contract,
/// section 4.1).
const PERSON_SCOPES: &str = "profile,email,address,offline_access,read_organizations,org.read,session,reauthenticated,\
    creative_sdk,additional_info,additional_info.roles,additional_info.projectedProductContext,\
    additional_info.job_function,additional_info.ownerOrg";

/// All rows that a directory is made of, as of one instant.
pub(super) struct Rows {
    generations: Generations,
    organizations: Vec<Organization>,
    clients: Vec<Client>,
    secrets: Vec<StoredSecret>,
    certificates: Vec<ClientCertificate>,
    services: Vec<Service>,
    subscriptions: Vec<(ClientId, ServiceCode)>,
    signing_keys: Vec<SigningKeyRow>,
}

impl Rows {
    /// Reads one state of the database.
    pub(super) async fn read(db: &Db) -> Result<Self, StoreError> {
        db.snapshot(async |tx| {
            Ok(Self {
                generations: generations::read(&mut *tx).await?,
                organizations: organizations::list(&mut *tx).await?,
                clients: clients::all(&mut *tx).await?,
                secrets: secrets::all(&mut *tx).await?,
                certificates: certificates::all(&mut *tx).await?,
                services: services::list(&mut *tx).await?,
                subscriptions: subscriptions::all(&mut *tx).await?,
                signing_keys: signing_keys::list(&mut *tx).await?,
            })
        })
        .await
    }

    /// Makes the directory. Keys that `before` has parsed are taken from there. One row that does not fit refuses the
    /// whole: a directory that lacks something would answer wrongly without anybody's notice.
    pub(super) fn build(
        self,
        before: Option<&Directory>,
        master_key: &MasterKey,
        now: Timestamp,
    ) -> Result<Directory, StoreError> {
        let organizations: HashMap<OrganizationId, _> =
            self.organizations.into_iter().map(|own| (own.id.clone(), Arc::new(own))).collect();
        let services: Vec<_> = self.services.into_iter().map(Arc::new).collect();
        let services_by_code: HashMap<ServiceCode, _> =
            services.iter().map(|own| (own.code.clone(), Arc::clone(own))).collect();

        let mut holdings: HashMap<ClientId, Holding> = HashMap::with_capacity(self.clients.len());
        for secret in self.secrets {
            let holding = holdings.entry(secret.client_id.clone()).or_default();
            match secret.kind {
                SecretKind::ClientSecret => holding.secrets.push(secret),
                SecretKind::SecretKey => holding.secret_keys.push(secret),
            }
        }
        for certificate in self.certificates {
            let key = parsed_key(&certificate, before)?;
            let holding = holdings.entry(certificate.client_id.clone()).or_default();
            holding.certificates.push(TrustedCertificate { certificate, key });
        }
        for (client, code) in self.subscriptions {
            let service = services_by_code.get(&code);
            let service =
                service.ok_or_else(|| dangling("subscriptions", client.as_str(), "service_code", "service"))?;
            holdings.entry(client).or_default().subscriptions.push(Arc::clone(service));
        }

        let mut clients = HashMap::with_capacity(self.clients.len());
        let mut secret_keys = HashMap::new();
        for client in self.clients {
            let organization = organizations.get(&client.organization_id);
            let organization = organization
                .ok_or_else(|| dangling("clients", client.id.as_str(), "organization_id", "organization"))?;
            let holding = holdings.remove(&client.id).unwrap_or_default();
            let (client, keys) = holding.joined(client, Arc::clone(organization), before)?;
            let client = Arc::new(client);
            for secret in keys {
                secret_keys.insert(secret.digest.clone(), SecretKeyHolder { client: Arc::clone(&client), secret });
            }
            clients.insert(client.client.id.clone(), client);
        }
        if let Some(client) = holdings.keys().next() {
            return Err(dangling("clients", client.as_str(), "id", "credential that others refer to"));
        }

        let keys = open_keys(self.signing_keys, before, master_key, now)?;
        let generation = self.generations.directory;
        Ok(Directory { generation, organizations, clients, secret_keys, services, services_by_code, keys })
    }
}

/// What one credential has.
#[derive(Default)]
struct Holding {
    secrets: Vec<StoredSecret>,
    secret_keys: Vec<StoredSecret>,
    certificates: Vec<TrustedCertificate>,
    subscriptions: Vec<Arc<Service>>,
}

impl Holding {
    /// The credential with what it has, and its secret keys apart.
    fn joined(
        self,
        client: Client,
        organization: Arc<Organization>,
        before: Option<&Directory>,
    ) -> Result<(DirectoryClient, Vec<StoredSecret>), StoreError> {
        let mut allowed_scopes: ScopeSet = BASIC_SCOPES.parse().expect("the basic scopes are scopes");
        let redirects = redirect_rules(&client, before)?;
        if redirects.is_some() {
            let of_people: ScopeSet = PERSON_SCOPES.parse().expect("the scopes of people are scopes");
            allowed_scopes.extend(of_people.iter().cloned());
        }
        let mut allowed_metascopes = ScopeSet::empty();
        for service in &self.subscriptions {
            allowed_scopes.extend(service.scopes.iter().cloned());
            allowed_metascopes.extend(service.metascopes.iter().cloned());
        }
        let client = DirectoryClient {
            client,
            organization,
            secrets: self.secrets,
            certificates: self.certificates,
            subscriptions: self.subscriptions,
            allowed_scopes,
            allowed_metascopes,
            redirects,
        };
        Ok((client, self.secret_keys))
    }
}

/// The redirect rules of a credential, taken from the directory before when the credential has the same settings there.
fn redirect_rules(client: &Client, before: Option<&Directory>) -> Result<Option<RedirectRules>, StoreError> {
    let Some(redirects) = client.kind.redirects() else { return Ok(None) };
    let known = before.and_then(|directory| directory.clients.get(&client.id));
    if let Some(known) = known.filter(|known| known.client.kind == client.kind) {
        return Ok(known.redirects.clone());
    }
    RedirectRules::of(redirects, client.credential_type())
        .map(Some)
        .map_err(|_| dangling("clients", client.id.as_str(), "kind", "redirect URI with patterns that can be matched"))
}

/// The key of a certificate, taken from the directory before when that has the same certificate.
fn parsed_key(certificate: &ClientCertificate, before: Option<&Directory>) -> Result<VerifyingKey, StoreError> {
    let known = before
        .and_then(|directory| directory.clients.get(&certificate.client_id))
        .and_then(|client| client.certificates.iter().find(|trusted| trusted.certificate.pem == certificate.pem));
    if let Some(trusted) = known {
        return Ok(trusted.key.clone());
    }
    Certificate::from_pem(&certificate.pem).and_then(|parsed| parsed.verifying_key()).map_err(|_| {
        let row = format!("{} {}", certificate.client_id, certificate.fingerprint);
        dangling("certificates", &row, "pem", "certificate with a key that signatures are verified with")
    })
}

/// The signing keys, taken from the directory before when that has them unchanged; expired ones are left out.
fn open_keys(
    rows: Vec<SigningKeyRow>,
    before: Option<&Directory>,
    master_key: &MasterKey,
    now: Timestamp,
) -> Result<KeySet, StoreError> {
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let known = before.and_then(|directory| directory.keys.find(row.key_id.as_str())).filter(|key| key.is_of(&row));
        let key = match known {
            Some(key) => Arc::clone(key),
            None => Arc::new(DirectoryKey::open(row, master_key, now)?),
        };
        if key.is_published(now) {
            keys.push(key);
        }
    }
    Ok(KeySet::of(keys))
}

fn dangling(table: &'static str, row: &str, column: &str, expected: &'static str) -> StoreError {
    StoreError::Corrupt { statement: "directory", table, row: row.to_owned(), column: column.to_owned(), expected }
}

//! From a configuration to a running house: collaborators, wings, workers, listeners; and back again in order.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use hyper::service::service_fn;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tollgate_account::Account;
use tollgate_crypto::{MasterKey, SecretText, SystemEntropy};
use tollgate_gateway::{Gateway, GatewaySettings, UpstreamAuthorities};
use tollgate_identity::Identity;
use tollgate_model::{Seconds, SystemClock};
use tollgate_people::{
    People, Settings,
    settings::{MailDelivery, MailSettings, SessionSettings, SmtpSettings},
};
use tollgate_store::{Db, directory::LiveDirectory};
use tollgate_web::{
    Authorities, Front, FrontSettings, House, Instance, PeerAddress, TrustedProxies, X5u,
    egress::{Allowance, Egress},
};

use crate::{
    config::{Config, X5uForm},
    error::CommandError,
    face::Faces,
    files,
    listen::{CertificateFiles, Certificates, Listener},
    supervise::Workers,
};

/// Longest wait for the workers at the end; what they must save takes a few milliseconds.
const WORKER_PATIENCE: Duration = Duration::from_millis(400);

/// What stands behind the `@` of new ids.
pub fn authorities(config: &Config) -> Authorities {
    Authorities {
        organization: config.tokens.organization_authority.clone(),
        user: config.tokens.user_authority.clone(),
        technical_account: config.tokens.technical_account_authority.clone(),
    }
}

/// The settings that identity and gateway share.
pub fn instance(config: &Config) -> Instance {
    let mut instance = Instance::new(&config.identity_url(), &config.gateway_url());
    let known_as = config.identity.also_known_as.iter().map(|url| url.as_str().to_owned());
    instance.base_urls.extend(known_as.filter(|url| *url != instance.issuer));
    if !config.tokens.audience.is_empty() {
        instance.audience.clone_from(&config.tokens.audience);
    }
    instance.region.clone_from(&config.tokens.region);
    instance.authorities = authorities(config);
    instance.token_algorithm = config.tokens.algorithm;
    instance.access_token_lifetime = Seconds(config.tokens.lifetime_seconds.into());
    instance.assertion_algorithms.clone_from(&config.tokens.service_jwt_algorithms);
    instance.x5u = match config.tokens.x5u {
        X5uForm::FileName => X5u::FileName,
        X5uForm::Url => X5u::Url,
        X5uForm::Omit => X5u::Omit,
    };
    instance.key_rotation_age = Seconds(i64::from(config.keys.rotate_after_days) * Seconds::DAY.0);
    instance
}

/// The collaborators of all wings, on a database that is open and migrated.
pub async fn house(config: &Config, db: Db, master_key: MasterKey) -> Result<House, CommandError> {
    let master_key = Arc::new(master_key);
    let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), Arc::new(SystemClock)).await?;
    Ok(House::new(db, directory, instance(config), (Arc::new(SystemClock), Arc::new(SystemEntropy)), master_key))
}

fn gateway_settings(config: &Config, proxies: TrustedProxies) -> Result<GatewaySettings, CommandError> {
    let own = &config.gateway;
    let upstream_authorities = match &own.upstream_authorities_file {
        Some(file) => UpstreamAuthorities::and(&files::read_public(file, "file of upstream authorities")?)?,
        None => UpstreamAuthorities::public(),
    };
    Ok(GatewaySettings {
        proxies,
        remembered_tokens_max: own.remembered_tokens_max as usize,
        idle_connections_max: own.idle_connections_max as usize,
        upstream_authorities,
    })
}

/// How long browsers shall insist on HTTPS: not when nobody promised them any.
fn strict_transport(config: &Config) -> Option<Seconds> {
    let seconds = config.network.strict_transport_seconds;
    (seconds > 0 && config.identity_url().starts_with("https://")).then(|| Seconds(seconds.into()))
}

/// Makes the signing keys that are missing.
pub async fn ensure_keys(house: &House) -> Result<(), CommandError> {
    let made = tollgate_identity::keys::ensure(house).await;
    made.map(drop).map_err(|cause| CommandError::fault("cannot make the signing keys", &cause))
}

/// The use cases of people in a house.
pub fn people(config: &Config, house: House) -> Result<People, CommandError> {
    let mail = &config.mail;
    let read = |file: &PathBuf| files::read_private(file, "SMTP password file");
    let password = mail.smtp_password_file.as_ref().map(read).transpose()?;
    let delivery = match (&mail.folder, &mail.smtp_url) {
        (Some(folder), _) => MailDelivery::Folder(folder.clone()),
        (None, Some(url)) => MailDelivery::Smtp(SmtpSettings {
            url: url.clone(),
            user: mail.smtp_user.clone(),
            password: password.map(|text| SecretText::from(text.trim_end().to_owned())),
        }),
        (None, None) => MailDelivery::None,
    };
    let authorities = config.calls.authorities_file.as_ref();
    let authorities = authorities.map(|file| files::read_public(file, "file of authorities")).transpose()?;
    let private = config.calls.private_addresses;
    let allowance = Allowance { loopback: private, private, extra_roots_pem: authorities };
    let egress = Egress::new(&allowance).map_err(|cause| CommandError::fault("cannot call out", &cause))?;
    let mail = MailSettings { from: mail.from.clone(), delivery };
    let days = |days: u32| Seconds(i64::from(days) * Seconds::DAY.0);
    let settings = Settings {
        session: SessionSettings {
            idle_max: days(config.sign_in.idle_days),
            lifetime: days(config.sign_in.lifetime_days),
        },
        sign_up_organization: config.sign_in.sign_up_organization.clone(),
        ..Settings::new(mail, egress)
    };
    Ok(People::new(house, settings))
}

/// A whole house that answers nobody yet.
pub struct Tollgate {
    house: House,
    identity: Identity,
    people: People,
    faces: Arc<Faces>,
}

impl Tollgate {
    /// Builds the wings on a house, and makes the signing keys that are missing.
    pub async fn build(config: &Config, house: House) -> Result<Self, CommandError> {
        ensure_keys(&house).await?;
        let people = people(config, house.clone())?;
        let identity = Identity::new(house.clone(), people.clone());
        // Whoever can see the pages of such a folder can read every code, so nobody beyond this machine may.
        let shows_mail = config.mail.folder.is_some() && !config.identity.listen.is_public();
        let account = Account::new(people.clone(), shows_mail);
        let proxies = TrustedProxies(if config.network.behind_proxy { config.network.proxies } else { 0 });
        let door = FrontSettings {
            proxies,
            address_rate: config.network.address_rate,
            strict_transport: strict_transport(config),
        };
        let front = Front::new(
            identity.router().merge(account.router()),
            Arc::clone(&house.clock),
            Arc::clone(&house.entropy),
            door,
        );
        let gateway = Gateway::new(house.clone(), gateway_settings(config, proxies)?);
        gateway.load().await?;
        Ok(Self { house, identity, people, faces: Arc::new(Faces { front, gateway }) })
    }

    /// Starts the workers and answers on both ports.
    pub fn serve(self, main: Listener, gateway: Listener) -> Running {
        let mut workers = Workers::default();
        let directory = self.house.directory.clone();
        workers.start("directory", move |stop| {
            let directory = directory.clone();
            async move {
                stop.run_until_cancelled(directory.run()).await;
            }
        });
        let identity = self.identity;
        workers.start("identity", move |stop| {
            let identity = identity.clone();
            async move { identity.run(stop.cancelled_owned()).await }
        });
        let people = self.people;
        workers.start("people", move |stop| {
            let people = people.clone();
            async move { people.run(stop.cancelled_owned()).await }
        });
        let metering = Arc::clone(&self.faces);
        workers.start("gateway", move |stop| {
            let gateway = metering.gateway.clone();
            async move {
                stop.run_until_cancelled(gateway.clone().run()).await;
                if let Err(fault) = gateway.shutdown().await {
                    tracing::error!(%fault, "the last counts of calls were not written");
                }
            }
        });
        let stop = CancellationToken::new();
        let listeners = [
            tokio::spawn(serve_main(self.faces.clone(), main, stop.clone())),
            tokio::spawn(serve_gateway(self.faces, gateway, stop.clone())),
        ];
        Running { house: self.house, workers, listeners, stop }
    }
}

async fn serve_main(faces: Arc<Faces>, listener: Listener, stop: CancellationToken) {
    let is_tls = listener.certificates.is_some();
    let service_for = |socket: SocketAddr| {
        let (faces, peer) = (Arc::clone(&faces), PeerAddress { socket, is_tls });
        service_fn(move |request| faces.answer_on_main_port(request, peer))
    };
    listener.serve(service_for, stop).await;
}

async fn serve_gateway(faces: Arc<Faces>, listener: Listener, stop: CancellationToken) {
    let is_tls = listener.certificates.is_some();
    let service_for = |socket: SocketAddr| {
        let (faces, peer) = (Arc::clone(&faces), PeerAddress { socket, is_tls });
        service_fn(move |request| faces.answer_on_gateway_port(request, peer))
    };
    listener.serve(service_for, stop).await;
}

/// A house that answers.
pub struct Running {
    house: House,
    workers: Workers,
    listeners: [JoinHandle<()>; 2],
    stop: CancellationToken,
}

impl Running {
    /// The collaborators of the wings.
    pub const fn house(&self) -> &House {
        &self.house
    }

    /// Keeps the shown certificate up with its files.
    pub fn follow(&mut self, files: CertificateFiles, certificates: Certificates) {
        let files = Arc::new(files);
        self.workers.start("certificate", move |stop| {
            let (files, certificates) = (Arc::clone(&files), certificates.clone());
            async move {
                stop.run_until_cancelled(files.follow(certificates)).await;
            }
        });
    }

    /// Stops in order: first no new requests and the running ones to their end, then the workers with a last save, the
    /// directory and the database at the end.
    pub async fn stop(self) {
        self.stop.cancel();
        for listener in self.listeners {
            if let Err(cause) = listener.await {
                tracing::error!(%cause, "a listener had failed");
            }
        }
        self.workers.stop(WORKER_PATIENCE).await;
    }
}

//! `tollgate demo`: everything on this machine, with an example that can be tried at once.
//!
//! Read [`run`] for the journey; [`folder`] and [`example`] make what is kept, [`screen`] and [`attempts`] show it.

mod attempts;
mod authority;
mod document;
mod example;
mod folder;
mod hosts;
mod people;
mod ports;
mod probe;
mod sample;
mod sample_upstream;
mod screen;
mod web_app;

use std::{path::Path, time::Instant};

use tollgate_console::Console;
use tollgate_crypto::{MasterKey, SystemEntropy};
use tollgate_model::{Clock, SystemClock, service::Service};
use tollgate_store::Db;
use tollgate_web::egress::{Allowance, Egress};

use crate::{
    cli::DemoArguments,
    compose::{self, Tollgate},
    config::{Config, DEMO_DATABASE_FILE, DEMO_MASTER_KEY_FILE},
    database,
    error::CommandError,
    files,
    listen::Bounds,
    output::Output,
    signal, telemetry,
};
use attempts::Target;
use document::{Document, Example, ListedService};
use folder::Folder;
use ports::Ports;
use sample::Sample;
use screen::Screen;
use web_app::WebApp;

/// Runs the demo in the folder `given` until the process is told to stop. `began` is when the process began.
pub(crate) async fn run(arguments: &DemoArguments, given: &Path, began: Instant) -> Result<(), CommandError> {
    let stop = signal::stop()?;
    // What may be refused is asked first, before anything is made.
    let ports = Ports::open(arguments)?;
    let web_app = WebApp::open(arguments.host.ip, arguments.app_port)?;
    let (path, reused) = Folder::look(given)?;
    arguments.json.as_deref().map_or(Ok(()), folder::check_document_place)?;
    let config = ports.configuration(&path, arguments.tls)?;
    telemetry::start(&config.log);

    let (folder, mut example, sample) = if reused { reopen(&path)? } else { make(&path, &config).await? };
    folder.keep_addresses(&config)?;
    let issue = || authority::certificates(&folder, arguments.host.ip, SystemClock.now());
    let certificates = arguments.tls.then(issue).transpose()?;
    let db = database::open_any(&database::url(&config)?).await?;
    db.migrate(SystemClock.now()).await?;
    let house = compose::house(&config, db, database::master_key(&config)?).await?;
    let console = Console::of(&house);
    if sample.adopt(&console, &mut example).await? {
        folder.keep(&example)?;
    }
    let bounds = Bounds::of(&config.network);
    let _sample = sample.serve(bounds.clone());
    web_app.adopt(&console, &example.credentials.web_app.client_id).await?;
    let app_url = web_app.url();
    let settings = web_app_settings(&config, &web_app, &folder, &example, arguments.tls)?;
    let _web_app = web_app.serve(settings, bounds.clone());
    let addresses = ports.addresses();
    let running = ports.serve(Tollgate::build(&config, house).await?, certificates.as_ref(), &bounds);

    let shown = async {
        let document = document(&config, &folder, example, &console, (app_url, arguments.tls)).await?;
        probe::until_ready(&addresses, document.ca_file.as_deref()).await?;
        if let Some(file) = &arguments.json {
            folder::write_document(file, &document)?;
        }
        let ready_millis = began.elapsed().as_millis();
        let is_public = config.identity.listen.is_public();
        let screen = Screen { document: &document, ready_millis, reused, main: addresses[0], is_public };
        let output = Output::new(false);
        output.line(screen.text(output))?;
        stop.await;
        output.line(output.faint("\n  Stopping"))
    };
    let shown = shown.await;
    running.stop().await;
    shown
}

/// Uses a folder that an earlier start filled.
fn reopen(path: &Path) -> Result<(Folder, Example, Sample), CommandError> {
    let folder = Folder::hold(path)?;
    let example = folder.example()?;
    let sample = Sample::open(Some(&example.sample_upstream))?;
    Ok((folder, example, sample))
}

/// Makes the folder beside its place and puts it there when it is whole.
async fn make(path: &Path, config: &Config) -> Result<(Folder, Example, Sample), CommandError> {
    let sample = Sample::open(None)?;
    let folder = Folder::begin(path)?;
    let master_key = MasterKey::generate(&SystemEntropy);
    folder.keep_private(DEMO_MASTER_KEY_FILE, &format!("{}\n", master_key.to_text().reveal()))?;
    let example = {
        // Every handle is closed before the folder takes its place.
        let db = Db::open(&folder.file(DEMO_DATABASE_FILE).as_path().into()).await?;
        db.migrate(SystemClock.now()).await?;
        let house = compose::house(config, db, master_key).await?;
        // Making keys is what takes long, so all of them are made at once.
        let (made, keys) = tokio::join!(example::make(&house, sample.address()), compose::ensure_keys(&house));
        keys?;
        let (example, key_pair) = made?;
        folder.keep_private(example::PRIVATE_KEY_FILE, key_pair.private_key_pem.reveal())?;
        folder.keep_public(example::CERTIFICATE_FILE, &key_pair.certificate_pem)?;
        example
    };
    folder.keep(&example)?;
    Ok((folder.take_place(path)?, example, sample))
}

/// What the example application knows of the rest: what any website would.
fn web_app_settings(
    config: &Config,
    web_app: &WebApp,
    folder: &Folder,
    example: &Example,
    tls: bool,
) -> Result<web_app::Settings, CommandError> {
    let authority = tls.then(|| files::read_public(&folder.file(authority::AUTHORITY_FILE), "development authority"));
    let allowance = Allowance { loopback: true, private: true, extra_roots_pem: authority.transpose()? };
    let egress = Egress::new(&allowance)
        .map_err(|cause| CommandError::fault("the example application cannot call out", &cause))?;
    let credential = &example.credentials.web_app;
    Ok(web_app::Settings {
        issuer: config.identity_url(),
        organization: example.organization.name.clone(),
        client_id: credential.client_id.to_string(),
        client_secret: credential.client_secret.clone(),
        redirect_uri: web_app.redirect_uri(),
        signed_out_uri: web_app.signed_out_uri(),
        api_url: format!("{}/photoshop/documents", config.gateway_url()),
        egress,
    })
}

/// Everything that the screen says.
async fn document(
    config: &Config,
    folder: &Folder,
    example: Example,
    console: &Console,
    (app_url, tls): (String, bool),
) -> Result<Document, CommandError> {
    let whole_path = |name: &str| folder.file(name).display().to_string();
    let (base_url, gateway_url) = (config.identity_url(), config.gateway_url());
    let ca_file = tls.then(|| whole_path(authority::AUTHORITY_FILE));
    let mut credentials = example.credentials;
    credentials.service_account.private_key_file = whole_path(&credentials.service_account.private_key_file);
    credentials.service_account.certificate_file = whole_path(&credentials.service_account.certificate_file);
    let target = Target { base_url: &base_url, gateway_url: &gateway_url, ca_file: ca_file.as_deref() };
    let attempts = attempts::all(&target, &credentials);
    let listed = |service: Service| ListedService {
        code: service.code,
        gateway_path: service.gateway_path,
        authorization: service.authorization,
    };
    Ok(Document {
        base_url,
        gateway_url,
        app_url,
        folder: folder.path().display().to_string(),
        ca_file,
        organization: example.organization,
        users: example.users,
        services: console.services().await?.into_iter().map(listed).collect(),
        credentials,
        attempts,
    })
}

//! `tollgate credential create`

use std::path::{Path, PathBuf};

use tollgate_console::{
    Console, Refusal,
    credentials::{CreatedCredential, NewCredential, NewKind},
};
use tollgate_crypto::Algorithm;
use tollgate_model::{
    client::{AllowedOrigin, CredentialType, Redirects},
    id::{ClientId, ServiceCode},
};

use super::{
    arguments::{LimitArguments, credential_type, organization_if_named, project_or_only, token_algorithm},
    certificate,
    credential::described,
    private_key::PrivateKeyFile,
    sign_in_arguments::SignInArguments,
    table::fields,
    views::{CertificateView, FullCredentialView, NewCredentialView},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Its type
    #[arg(long = "type", value_name = "TYPE", value_parser = credential_type())]
    credential_type: CredentialType,
    /// The name people see
    #[arg(long)]
    name: String,
    /// The project it lives in: number or name; the only project when left out
    #[arg(long)]
    project: Option<String>,
    /// The workspace of that project: number or name; the first one when left out
    #[arg(long)]
    workspace: Option<String>,
    /// In which organization to look for the project: id, number or name
    #[arg(long)]
    organization: Option<String>,
    /// Service to subscribe it to, by code; repeat it for more than one
    #[arg(long, value_name = "CODE")]
    service: Vec<ServiceCode>,
    #[command(flatten)]
    sign_in: SignInArguments,
    /// Origin that browsers may call from, such as `https://www.example.com`; repeat it; for `api_key`
    #[arg(long, value_name = "ORIGIN")]
    allowed_origin: Vec<AllowedOrigin>,
    /// Refuse JWTs without `jti`; for `service_account_jwt`
    #[arg(long)]
    jti_required: bool,
    /// Generate a key pair with a certificate of 365 days, and write the private key to a new file
    #[arg(long, conflicts_with = "certificate")]
    generate_key_pair: bool,
    /// The new file that the private key is written to, with mode 0600; by default private-key-CLIENT_ID.pem here
    #[arg(long, value_name = "FILE", requires = "generate_key_pair")]
    private_key_file: Option<PathBuf>,
    /// Certificate to sign with, in PEM form; repeat it for more than one
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// How its access tokens are signed; as the instance does when left out
    #[arg(long, value_name = "ALGORITHM", value_parser = token_algorithm())]
    token_algorithm: Option<Algorithm>,
    /// Its client id when it has one already; a new one when left out
    #[arg(long, value_name = "ID")]
    client_id: Option<ClientId>,
    #[command(flatten)]
    limits: LimitArguments,
}

pub(super) async fn run(create: Create, console: &Console, output: Output) -> Result<(), CommandError> {
    let kind = kind(&create)?;
    let organization = organization_if_named(console, create.organization.as_deref()).await?;
    let project = project_or_only(console, create.project.as_deref(), organization.as_ref()).await?;
    let client_id = create.client_id.unwrap_or_else(|| ClientId::generate(console.entropy()));
    let mut certificates = Vec::new();
    for file in &create.certificate {
        certificates.push(certificate::read(file)?);
    }
    let mut private_key = None;
    if create.generate_key_pair {
        let made = PrivateKeyFile::generate(console, &client_id, create.private_key_file).await?;
        certificates.push(made.certificate_pem().to_owned());
        private_key = Some(made);
    }
    let new = NewCredential {
        project_id: project.project.id,
        workspace: create.workspace,
        name: create.name,
        kind,
        client_id: Some(client_id),
        certificates,
        limits: create.limits.limits(),
        token_algorithm: create.token_algorithm,
        services: create.service,
    };
    // The key is on the disk before the credential is in the database, and goes when the credential does not come.
    let created = console.create_credential(new).await?;
    let private_key = private_key.map(PrivateKeyFile::keep);
    show(&created, private_key.as_deref(), output)
}

/// What the arguments say of the type, each argument only where it belongs.
fn kind(create: &Create) -> Result<NewKind, CommandError> {
    let own = create.credential_type;
    let misplaced = |argument: &str, types: &str| {
        Err(CommandError::bad_input(format_args!(
            "{argument} is for credentials of type {types}, not {own}: leave it out"
        )))
    };
    let signs_in = matches!(
        own,
        CredentialType::OauthWebApp | CredentialType::OauthSinglePageApp | CredentialType::OauthNativeApp
    );
    if let Some(argument) = create.sign_in.given().filter(|_| !signs_in) {
        return misplaced(argument, "oauth_web_app, oauth_single_page_app and oauth_native_app");
    }
    if !create.allowed_origin.is_empty() && own != CredentialType::ApiKey {
        return misplaced("--allowed-origin", "api_key");
    }
    if create.jti_required && own != CredentialType::ServiceAccountJwt {
        return misplaced("--jti-required", "service_account_jwt");
    }
    let signs = create.generate_key_pair || !create.certificate.is_empty();
    if signs && !own.has_client_secret() {
        return Err(Refusal::NoCertificates(own).into());
    }
    if !signs && own == CredentialType::ServiceAccountJwt {
        return Err(Refusal::CertificateMissing.into());
    }
    let redirects = create.sign_in.redirects(own)?;
    let required = |redirects: Option<Redirects>| {
        let text = format!(
            "a credential of type {own} needs --redirect-uri, such as --redirect-uri https://www.example.com/callback"
        );
        redirects.ok_or(CommandError::BadInput(text))
    };
    Ok(match own {
        CredentialType::ApiKey => NewKind::ApiKey(create.allowed_origin.clone()),
        CredentialType::OauthWebApp => NewKind::OauthWebApp(required(redirects)?),
        CredentialType::OauthSinglePageApp => NewKind::OauthSinglePageApp(required(redirects)?),
        CredentialType::OauthNativeApp => NewKind::OauthNativeApp(redirects),
        CredentialType::OauthServerToServer => NewKind::OauthServerToServer,
        CredentialType::ServiceAccountJwt => NewKind::ServiceAccountJwt { jti_required: create.jti_required },
    })
}

fn show(created: &CreatedCredential, private_key: Option<&Path>, output: Output) -> Result<(), CommandError> {
    let secret = created.client_secret.as_ref().map(|secret| secret.plain.reveal());
    let private_key = private_key.map(|path| path.display().to_string());
    if output.is_json() {
        return output.json(&NewCredentialView {
            credential: FullCredentialView::from(&created.credential),
            client_secret: secret,
            private_key_file: private_key.as_deref(),
            certificates: created.certificates.iter().map(CertificateView::from).collect(),
        });
    }
    let mut all = described(&created.credential);
    for certificate in &created.certificates {
        all.push(("certificate", format!("{}, until {}", certificate.fingerprint, certificate.not_after)));
    }
    all.push(("private key", private_key.clone().unwrap_or_default()));
    all.push(("client secret", secret.unwrap_or_default().to_owned()));
    output.line(fields(all))?;
    if secret.is_some() {
        output.line("\nThe client secret is shown this once: keep it now. Only a digest of it is stored.")?;
    }
    if private_key.is_some() {
        output.line("The private key exists in that file only: whoever has it acts as this credential.")?;
    }
    Ok(())
}

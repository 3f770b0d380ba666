//! `tollgate certificate`

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use tollgate_console::Console;
use tollgate_model::{Timestamp, client::ClientCertificate};

use super::{
    private_key::PrivateKeyFile,
    table::{Fit, Table, fields},
    views::{CertificateView, Deleted, NewCertificateView},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Add a certificate to a credential, which has at most eight
    Create {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
        /// The certificate in PEM form
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// Generate a key pair with a certificate of 365 days, and write the private key to a new file
        #[arg(long, conflicts_with = "certificate")]
        generate_key_pair: bool,
        /// The new file that the private key is written to, with mode 0600; by default private-key-CLIENT_ID.pem here
        #[arg(long, value_name = "FILE", requires = "generate_key_pair")]
        private_key_file: Option<PathBuf>,
    },
    /// List the certificates of a credential, with when each expires
    List {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
    },
    /// Show one certificate
    Show {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
        /// Its SHA-1 fingerprint, from `tollgate certificate list`
        fingerprint: String,
    },
    /// Delete a certificate; nothing signed with its key is accepted any more
    Delete {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
        /// Its SHA-1 fingerprint, from `tollgate certificate list`
        fingerprint: String,
    },
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. } | Self::Show { .. })
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create { credential, certificate, generate_key_pair, private_key_file } => {
            if certificate.is_none() && !generate_key_pair {
                return Err(CommandError::bad_input(
                    "a certificate is missing: add --certificate FILE or --generate-key-pair",
                ));
            }
            let client_id = console.client(&credential).await?.id;
            if let Some(file) = certificate {
                let pem = read(&file)?;
                return show(&console.add_certificate(&client_id, &pem).await?, console.now(), output);
            }
            let made = PrivateKeyFile::generate(console, &client_id, private_key_file).await?;
            let added = console.add_certificate(&client_id, made.certificate_pem()).await?;
            let path = made.keep().display().to_string();
            if output.is_json() {
                let certificate = CertificateView::from(&added);
                return output.json(&NewCertificateView { certificate, private_key_file: &path });
            }
            show(&added, console.now(), output)?;
            output.line(format_args!("\nThe private key is in {path} and nowhere else."))
        }
        Action::List { credential } => {
            let client_id = console.client(&credential).await?.id;
            list(&console.certificates(&client_id).await?, console.now(), output)
        }
        Action::Show { credential, fingerprint } => {
            let client_id = console.client(&credential).await?.id;
            show(&console.certificate(&client_id, &fingerprint).await?, console.now(), output)
        }
        Action::Delete { credential, fingerprint } => {
            let client_id = console.client(&credential).await?.id;
            let fingerprint = console.certificate(&client_id, &fingerprint).await?.fingerprint;
            console.delete_certificate(&client_id, &fingerprint).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: &fingerprint });
            }
            output.line(format_args!("Certificate {fingerprint} is deleted and no longer accepted."))
        }
    }
}

/// Longest file that is looked at as a certificate.
const CERTIFICATE_BYTES_MAX: u64 = 64 * 1024;

/// Reads a certificate file; whether it holds a certificate is for the console to say.
pub(super) fn read(file: &Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let read = File::open(file).and_then(|open| open.take(CERTIFICATE_BYTES_MAX + 1).read_to_string(&mut text));
    match read {
        Ok(bytes) if u64::try_from(bytes).is_ok_and(|bytes| bytes <= CERTIFICATE_BYTES_MAX) => Ok(text),
        Ok(_) => Err(CommandError::bad_input(format_args!(
            "{} is longer than a certificate can be: give one certificate in PEM form",
            file.display()
        ))),
        Err(cause) => Err(CommandError::bad_input(format_args!(
            "the certificate {} cannot be read ({cause}): give one certificate in PEM form",
            file.display()
        ))),
    }
}

fn list(all: &[ClientCertificate], now: Timestamp, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(CertificateView::from).collect::<Vec<_>>());
    }
    let mut table = Table::new([("fingerprint", Fit::Whole), ("subject", Fit::Cut), ("expires", Fit::Whole)]);
    for own in all {
        table.row([own.fingerprint.clone(), own.subject.clone(), expiry(own, now)]);
    }
    table.print(output, "No certificate yet. `tollgate certificate create` adds one; see its --help.")
}

fn show(certificate: &ClientCertificate, now: Timestamp, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&CertificateView::from(certificate));
    }
    output.line(fields([
        ("fingerprint", certificate.fingerprint.clone()),
        ("client id", certificate.client_id.to_string()),
        ("subject", certificate.subject.clone()),
        ("valid from", certificate.not_before.to_string()),
        ("expires", expiry(certificate, now)),
        ("added", certificate.created_at.to_string()),
    ]))?;
    output.line(format_args!("\n{}", certificate.pem.trim_end()))
}

fn expiry(certificate: &ClientCertificate, now: Timestamp) -> String {
    let expired = if certificate.not_after <= now { " (expired)" } else { "" };
    format!("{}{expired}", certificate.not_after)
}

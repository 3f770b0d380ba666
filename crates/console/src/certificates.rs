//! Certificates of service accounts: made together with a key pair, or brought along, and checked before they count.

use tollgate_crypto::{
    SecretText,
    certificate::{self, Certificate},
};
use tollgate_model::{
    Timestamp,
    client::{Client, ClientCertificate},
    id::ClientId,
};
use tollgate_store::{Transaction, certificates};

use crate::{Console, Error, Fault, Noun, Refusal};

/// How long a generated certificate lasts (contract, console section 2.5).
pub const GENERATED_CERTIFICATE_DAYS: u32 = 365;

/// A generated private key with its certificate. Nothing of it is stored until the certificate is handed in.
#[derive(Debug)]
pub struct KeyPair {
    /// RSA with 2048 bits, PKCS#8 in PEM form, for its owner alone.
    pub private_key_pem: SecretText,
    /// The certificate to hand in, self-signed.
    pub certificate_pem: String,
}

/// A certificate that was read and found acceptable.
pub(crate) struct Checked {
    fingerprint: String,
    pem: String,
    subject: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// Reads a certificate that somebody brings along.
pub(crate) fn check(pem: &str, now: Timestamp) -> Result<Checked, Refusal> {
    // Looked for first: a key in the wrong hands matters more than whatever else is wrong with the text.
    if pem.contains("PRIVATE KEY-----") {
        return Err(Refusal::PrivateKeyGiven);
    }
    let certificate = Certificate::from_pem(pem).map_err(|error| Refusal::CertificateUnreadable(error.to_string()))?;
    let fingerprint = certificate.fingerprint().to_owned();
    if certificate.verifying_key().is_err() {
        return Err(Refusal::CertificateKey(fingerprint));
    }
    let not_after = Timestamp::from_seconds(certificate.not_after());
    if not_after <= now {
        return Err(Refusal::CertificateExpired { fingerprint, not_after });
    }
    Ok(Checked {
        fingerprint,
        pem: certificate.pem().to_owned(),
        subject: certificate.subject().to_owned(),
        not_before: Timestamp::from_seconds(certificate.not_before()),
        not_after,
    })
}

impl Console {
    /// Generates a key pair with a certificate of 365 days. The private key exists in the answer only.
    pub async fn generate_key_pair(&self, common_name: &str) -> Result<KeyPair, Error> {
        let not_before = self.now().seconds();
        let common_name = common_name.to_owned();
        // An RSA key takes a tenth of a second of pure calculation, too long for an async worker.
        let made = tokio::task::spawn_blocking(move || {
            certificate::generate_key_pair(&common_name, not_before, GENERATED_CERTIFICATE_DAYS)
        });
        let made = made.await.map_err(|_| Fault::Interrupted)?.map_err(Fault::Crypto)?;
        Ok(KeyPair { private_key_pem: made.private_key_pem, certificate_pem: made.certificate_pem })
    }

    /// Adds a certificate to a credential that can keep a key to itself.
    pub async fn add_certificate(&self, client_id: &ClientId, pem: &str) -> Result<ClientCertificate, Error> {
        let checked = check(pem, self.now())?;
        self.change(async |tx| {
            let client = self.client_in(&mut *tx, client_id).await?;
            self.insert_certificate(tx, &client, checked).await
        })
        .await
    }

    /// The certificates of a credential, the one that ends first first.
    pub async fn certificates(&self, client_id: &ClientId) -> Result<Vec<ClientCertificate>, Error> {
        self.client_in(&self.db, client_id).await?;
        let mut all = certificates::list(&self.db, client_id).await?;
        all.sort_by(|a, b| a.not_after.cmp(&b.not_after).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
        Ok(all)
    }

    /// One certificate of a credential, by its fingerprint.
    pub async fn certificate(&self, client_id: &ClientId, fingerprint: &str) -> Result<ClientCertificate, Error> {
        let fingerprint = plain_fingerprint(fingerprint);
        let all = self.certificates(client_id).await?;
        let found = all.into_iter().find(|own| own.fingerprint == fingerprint);
        found.ok_or_else(|| Refusal::unknown(Noun::Certificate, &fingerprint).into())
    }

    /// Deletes a certificate; from then on nothing signed with its key is accepted.
    pub async fn delete_certificate(&self, client_id: &ClientId, fingerprint: &str) -> Result<(), Error> {
        let fingerprint = plain_fingerprint(fingerprint);
        self.change(async |tx| {
            self.client_in(&mut *tx, client_id).await?;
            let found = certificates::delete(tx, client_id, &fingerprint).await?;
            if found { Ok(()) } else { Err(Refusal::unknown(Noun::Certificate, &fingerprint).into()) }
        })
        .await
    }

    pub(crate) async fn insert_certificate(
        &self,
        tx: &mut Transaction,
        client: &Client,
        checked: Checked,
    ) -> Result<ClientCertificate, Error> {
        let credential_type = client.credential_type();
        if !credential_type.has_client_secret() {
            return Err(Refusal::NoCertificates(credential_type).into());
        }
        let certificate = ClientCertificate {
            client_id: client.id.clone(),
            fingerprint: checked.fingerprint,
            pem: checked.pem,
            subject: checked.subject,
            not_before: checked.not_before,
            not_after: checked.not_after,
            created_at: self.now(),
        };
        if certificates::insert(tx, &certificate).await? {
            return Ok(certificate);
        }
        let client_id = client.id.clone();
        let known = certificates::list(&mut *tx, &client_id).await?;
        Err(if known.iter().any(|own| own.fingerprint == certificate.fingerprint) {
            Refusal::CertificateKnown { client_id, fingerprint: certificate.fingerprint }
        } else {
            Refusal::CertificatesFull(client_id)
        }
        .into())
    }
}

/// A fingerprint as it is stored, however it was copied: `openssl` prints upper case with colons.
fn plain_fingerprint(text: &str) -> String {
    text.chars().filter(|c| *c != ':').collect::<String>().to_ascii_lowercase()
}

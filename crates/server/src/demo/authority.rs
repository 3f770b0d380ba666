//! HTTPS for the demo: a development authority that is made once and kept, and a certificate that is made at each start.

use std::net::IpAddr;

use tollgate_crypto::{CryptoError, DevelopmentAuthority};
use tollgate_model::Timestamp;

use super::{
    folder::Folder,
    hosts::{LOCAL_HOSTS, PUBLIC_HOSTS},
};
use crate::{error::CommandError, files, listen::Certificates};

/// The authority's certificate, which clients are told to trust.
pub(super) const AUTHORITY_FILE: &str = "ca.pem";
/// The authority's private key, which never leaves the folder.
const AUTHORITY_KEY_FILE: &str = "ca.key";

/// Certificates for this machine, the public host names and `host`, from the folder's authority.
pub(super) fn certificates(folder: &Folder, host: IpAddr, now: Timestamp) -> Result<Certificates, CommandError> {
    let authority = authority(folder, now)?;
    let mut hosts: Vec<String> = LOCAL_HOSTS.iter().chain(&PUBLIC_HOSTS).map(ToString::to_string).collect();
    if !host.is_unspecified() && !hosts.contains(&host.to_string()) {
        hosts.push(host.to_string());
    }
    let issued = authority.issue(&hosts, now.seconds()).map_err(|cause| failed(&cause))?;
    Certificates::from_pem(&issued.certificate_pem, issued.private_key_pem.reveal()).map_err(CommandError::bad_input)
}

/// The certificate is written last: its presence says that the key is there too.
fn authority(folder: &Folder, now: Timestamp) -> Result<DevelopmentAuthority, CommandError> {
    if folder.file(AUTHORITY_FILE).exists() {
        let certificate = files::read_public(&folder.file(AUTHORITY_FILE), "development authority")?;
        let key = files::read_private(&folder.file(AUTHORITY_KEY_FILE), "development authority's key")?;
        return DevelopmentAuthority::from_pem(&certificate, &key).map_err(|cause| failed(&cause));
    }
    let authority = DevelopmentAuthority::generate(now.seconds()).map_err(|cause| failed(&cause))?;
    files::replace_private(&folder.file(AUTHORITY_KEY_FILE), authority.key_pem().reveal().as_bytes())?;
    folder.keep_public(AUTHORITY_FILE, authority.certificate_pem())?;
    Ok(authority)
}

fn failed(cause: &CryptoError) -> CommandError {
    CommandError::fault("cannot make a certificate for HTTPS", cause)
}

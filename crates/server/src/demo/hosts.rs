//! The host names that the demo answers under.

/// The public host names of the real service, which some SDKs have built in.
pub(super) const PUBLIC_HOSTS: [&str; 8] = [
    "ims-na1.adobelogin.com",
    "api.adobe.io",
    "developers.adobe.io",
    "developer.adobe.com",
    "eventsingress.adobe.io",
    "usermanagement.adobe.io",
    "static.adobelogin.com",
    "static.adobeioevents.com",
];

/// The names of this machine.
pub(super) const LOCAL_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The identity system's own address under its public name, which SDKs put into the JWTs that they sign.
pub(super) const PUBLIC_IDENTITY_URL: &str = "https://ims-na1.adobelogin.com";

//! Passkeys, the authenticator application and recovery codes of an account.

use tollgate_model::Timestamp;

use super::page;

/// `/account/passkeys`.
///
/// Adding is done by the script: JSON to `/account/passkeys/options`, then to `/account/passkeys/add`. The forms post `id`
/// and `action` (`rename` with `name`, or `remove`) to `/account/passkeys`.
#[derive(Debug, Clone)]
pub struct Passkeys {
    /// The passkeys, newest first.
    pub passkeys: Vec<Passkey>,
    /// Whether passkeys can be used at this address at all.
    pub available: bool,
}
page!(Passkeys, "account/passkeys.html", "/account/passkeys");

/// A passkey of the list.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// What the forms name it by.
    pub id: String,
    /// The person's name for it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last signed somebody in.
    pub last_used_at: Option<Timestamp>,
    /// Whether it is kept in more than one device.
    pub synced: bool,
}

/// `/account/authenticator`: posts `action` there (`start`, `confirm` with `code`, or `remove`).
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// Where it stands.
    pub state: AuthenticatorState,
}
page!(Authenticator, "account/authenticator.html", "/account/authenticator");

/// Where the set-up of an authenticator application stands.
#[derive(Debug, Clone)]
pub enum AuthenticatorState {
    /// None.
    Off,
    /// A secret is offered and waits for its first code.
    Offered {
        /// The modules of the QR code, row by row, dark ones `true`, without a quiet zone.
        modules: Vec<Vec<bool>>,
        /// The secret in base32, for typing; shown in groups of four.
        secret: String,
        /// The `otpauth:` address, for a tap on the same device.
        uri: String,
    },
    /// Confirmed.
    On {
        /// Since when.
        since: Timestamp,
    },
}

/// `/account/recovery-codes`: posts there, without further fields, for new codes.
#[derive(Debug, Clone)]
pub struct RecoveryCodes {
    /// New codes, shown this once.
    pub fresh: Vec<String>,
    /// How many unused ones there are.
    pub left: u32,
    /// When they were made; `None` while there are none.
    pub made_at: Option<Timestamp>,
}
page!(RecoveryCodes, "account/recovery_codes.html", "/account/recovery-codes");

impl Authenticator {
    /// The secret in groups of four, as people type it.
    pub(crate) fn groups(secret: &str) -> Vec<String> {
        let letters: Vec<char> = secret.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect()).collect()
    }
}

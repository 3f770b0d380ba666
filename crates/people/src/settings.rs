//! The settings of this room. The configuration file is read elsewhere; this is what comes of it.

use std::{path::PathBuf, thread};

use tollgate_crypto::SecretText;
use tollgate_model::{
    Seconds,
    id::OrganizationId,
    session::{SESSION_IDLE_MAX, SESSION_LIFETIME},
};
use tollgate_web::egress::Egress;

/// All settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How mail leaves.
    pub mail: MailSettings,
    /// How long sessions last.
    pub session: SessionSettings,
    /// Where somebody makes an account who does not come from an application.
    pub sign_up_organization: Option<OrganizationId>,
    /// How many failures are let through.
    pub throttle: ThrottleSettings,
    /// How many passwords are hashed at a time.
    pub hashing: HashingSettings,
    /// The way out to upstream identity providers.
    pub egress: Egress,
}

impl Settings {
    /// The default settings with this mail and this way out.
    pub fn new(mail: MailSettings, egress: Egress) -> Self {
        Self {
            mail,
            session: SessionSettings::default(),
            sign_up_organization: None,
            throttle: ThrottleSettings::default(),
            hashing: HashingSettings::default(),
            egress,
        }
    }
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The sender, such as `Tollgate <no-reply@example.com>`.
    pub from: String,
    /// By which way.
    pub delivery: MailDelivery,
}

/// By which way mail leaves.
#[derive(Debug, Clone)]
pub enum MailDelivery {
    /// Into a folder, one file for each mail.
    Folder(PathBuf),
    /// To a mail server.
    Smtp(SmtpSettings),
    /// Not at all: mails wait until there is a way.
    None,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its address: `smtps://host[:port]`, `smtp://host[:port]?tls=required`, or `smtp://` for one on this machine.
    pub url: String,
    /// Whom to sign in as.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<SecretText>,
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// Without use; at most [`SESSION_IDLE_MAX`].
    pub idle_max: Seconds,
    /// In all.
    pub lifetime: Seconds,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle_max: SESSION_IDLE_MAX, lifetime: SESSION_LIFETIME }
    }
}

/// How many failures are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// At one account.
    pub account: Pace,
    /// From one address.
    pub address: Pace,
    /// In all.
    pub instance: Pace,
    /// Mails to one address.
    pub mail: Pace,
    /// Mails asked for from one address.
    pub mail_requests: Pace,
}

/// So many at once, and from then on one in so many seconds. Nobody is locked out for longer than one pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many may come at once.
    pub burst: u32,
    /// The pause before each further one.
    pub pause: Seconds,
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        Self {
            account: Pace { burst: 10, pause: Seconds(300) },
            address: Pace { burst: 100, pause: Seconds(20) },
            instance: Pace { burst: 10_000, pause: Seconds(1) },
            mail: Pace { burst: 5, pause: Seconds(600) },
            mail_requests: Pace { burst: 30, pause: Seconds(120) },
        }
    }
}

/// How many passwords are hashed at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingSettings {
    /// At once; each takes a processor and 19 MiB for tens of milliseconds.
    pub threads: usize,
    /// How many more may wait; further ones are told to come back.
    pub waiting_max: usize,
}

impl Default for HashingSettings {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self { threads, waiting_max: 64 * threads }
    }
}

//! What happened to an account.

use tollgate_model::Timestamp;

use super::page;
use crate::Device;

/// `/account/activity`.
#[derive(Debug, Clone)]
pub struct Activity {
    /// What happened, latest first.
    pub entries: Vec<ActivityEntry>,
    /// What the link to older entries carries as `before`; `None` at the end.
    pub older: Option<String>,
}
page!(Activity, "account/activity.html", "/account/activity");

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct ActivityEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub happening: Happening,
    /// The application or provider it concerns.
    pub subject: Option<String>,
    /// With which browser and system.
    pub device: Device,
    /// From which network address; empty when nobody was at a browser.
    pub address: String,
}

/// What can happen to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The account was made.
    AccountCreated,
    /// The person signed in with a password.
    SignedInPassword,
    /// The person signed in with a passkey.
    SignedInPasskey,
    /// The person signed in at an upstream provider (`subject`).
    SignedInFederated,
    /// A second factor was given.
    SecondFactorPassed,
    /// Somebody tried to sign in and failed.
    SignInFailed,
    /// Attempts were stopped for a while.
    SignInThrottled,
    /// The person signed out.
    SignedOut,
    /// A session was ended from the account pages.
    SessionEnded,
    /// The e-mail address was proved.
    EmailVerified,
    /// Name, language or country were changed.
    ProfileChanged,
    /// The password was changed.
    PasswordChanged,
    /// The password was reset by mail.
    PasswordReset,
    /// A code was sent by mail.
    CodeSent,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// An authenticator application was confirmed.
    AuthenticatorAdded,
    /// The authenticator application was removed.
    AuthenticatorRemoved,
    /// New recovery codes were made.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// An application (`subject`) was let in.
    ConsentGiven,
    /// An application's (`subject`) access was taken back.
    ConsentRevoked,
    /// A device of an application (`subject`) was let in.
    DeviceAllowed,
    /// The account was linked to an upstream provider (`subject`).
    ProviderLinked,
    /// An administrator changed the account.
    AdministratorChanged,
}

impl Happening {
    /// Everything that can happen.
    pub const ALL: [Self; 25] = [
        Self::AccountCreated,
        Self::SignedInPassword,
        Self::SignedInPasskey,
        Self::SignedInFederated,
        Self::SecondFactorPassed,
        Self::SignInFailed,
        Self::SignInThrottled,
        Self::SignedOut,
        Self::SessionEnded,
        Self::EmailVerified,
        Self::ProfileChanged,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::CodeSent,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::AuthenticatorAdded,
        Self::AuthenticatorRemoved,
        Self::RecoveryCodesMade,
        Self::RecoveryCodeUsed,
        Self::ConsentGiven,
        Self::ConsentRevoked,
        Self::DeviceAllowed,
        Self::ProviderLinked,
        Self::AdministratorChanged,
    ];

    pub(crate) const fn text_key(self) -> &'static str {
        match self {
            Self::AccountCreated => "happening-account-created",
            Self::SignedInPassword => "happening-signed-in-password",
            Self::SignedInPasskey => "happening-signed-in-passkey",
            Self::SignedInFederated => "happening-signed-in-federated",
            Self::SecondFactorPassed => "happening-second-factor-passed",
            Self::SignInFailed => "happening-sign-in-failed",
            Self::SignInThrottled => "happening-sign-in-throttled",
            Self::SignedOut => "happening-signed-out",
            Self::SessionEnded => "happening-session-ended",
            Self::EmailVerified => "happening-email-verified",
            Self::ProfileChanged => "happening-profile-changed",
            Self::PasswordChanged => "happening-password-changed",
            Self::PasswordReset => "happening-password-reset",
            Self::CodeSent => "happening-code-sent",
            Self::PasskeyAdded => "happening-passkey-added",
            Self::PasskeyRemoved => "happening-passkey-removed",
            Self::AuthenticatorAdded => "happening-authenticator-added",
            Self::AuthenticatorRemoved => "happening-authenticator-removed",
            Self::RecoveryCodesMade => "happening-recovery-codes-made",
            Self::RecoveryCodeUsed => "happening-recovery-code-used",
            Self::ConsentGiven => "happening-consent-given",
            Self::ConsentRevoked => "happening-consent-revoked",
            Self::DeviceAllowed => "happening-device-allowed",
            Self::ProviderLinked => "happening-provider-linked",
            Self::AdministratorChanged => "happening-administrator-changed",
        }
    }

    /// Whether it is a reason to look twice.
    pub(crate) const fn is_alarming(self) -> bool {
        matches!(self, Self::SignInFailed | Self::SignInThrottled | Self::RecoveryCodeUsed | Self::PasswordReset)
    }
}

//! What went wrong and what went well, as values that a page tells in its own language.
//!
//! Both have a short key, so that the answer to a POST can carry them in the address it redirects to.

/// The input that a problem belongs to; also the `id` and the `name` of that input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The e-mail address.
    Email,
    /// The present password.
    Password,
    /// A password to be.
    NewPassword,
    /// A one-time code: by mail, from an authenticator application, or a recovery code.
    Code,
    /// The code that a device shows.
    UserCode,
    /// The person's name.
    Name,
    /// The country.
    Country,
}

impl Field {
    /// The `id` and `name` of the input.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
            Self::NewPassword => "new_password",
            Self::Code => "code",
            Self::UserCode => "user_code",
            Self::Name => "name",
            Self::Country => "country",
        }
    }
}

/// Declares an enum of messages: variant, key in addresses (also the key of its text, behind the prefix), and more.
macro_rules! messages {
    ($(#[$of_type:meta])* $type:ident, $prefix:literal, { $($(#[$of_variant:meta])* $variant:ident $key:literal,)+ }) => {
        $(#[$of_type])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $type { $($(#[$of_variant])* $variant,)+ }

        impl $type {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The key that an address carries it by.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// The one that `key` names; `None` for a key of a stranger's making.
            pub fn of_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|own| own.key() == key)
            }

            pub(crate) const fn text_key(self) -> &'static str {
                match self { $(Self::$variant => concat!($prefix, $key),)+ }
            }
        }
    };
}

messages! {
    /// Why a step did not succeed.
    Problem, "problem-", {
        /// No e-mail address, or something that is none.
        EmailInvalid "email-invalid",
        /// E-mail address and password do not belong together; also told for an address that nobody has.
        PasswordWrong "password-wrong",
        /// The present password was not given rightly on an account page.
        PresentPasswordWrong "present-password-wrong",
        /// The new password is too short.
        PasswordShort "password-short",
        /// The new password is longer than any that is taken.
        PasswordLong "password-long",
        /// The new password is on the list of common ones.
        PasswordCommon "password-common",
        /// The new password is guessed easily.
        PasswordWeak "password-weak",
        /// The new password holds the person's name or address.
        PasswordPersonal "password-personal",
        /// The new password is the old one.
        PasswordUnchanged "password-unchanged",
        /// A code of six digits was not the right one.
        CodeWrong "code-wrong",
        /// A code was right once.
        CodeExpired "code-expired",
        /// A recovery code was not one of the person's, or was used before.
        RecoveryCodeWrong "recovery-code-wrong",
        /// No device waits with this code.
        UserCodeWrong "user-code-wrong",
        /// The name is empty or too long.
        NameInvalid "name-invalid",
        /// The country is none of the list.
        CountryInvalid "country-invalid",
        /// The passkey was not accepted.
        PasskeyRefused "passkey-refused",
        /// The last way to sign in cannot be removed.
        LastWayIn "last-way-in",
        /// More attempts than are allowed for now.
        TooManyAttempts "too-many-attempts",
        /// The account may not sign in.
        AccountDisabled "account-disabled",
        /// The organization of the account signs in elsewhere.
        FederatedOnly "federated-only",
        /// The other provider said no, or the person did.
        ProviderRefused "provider-refused",
        /// The other provider did not vouch for the e-mail address.
        ProviderUnverified "provider-unverified",
        /// The other provider could not be reached.
        ProviderUnreachable "provider-unreachable",
        /// The form was too old, or sent from another window.
        FormExpired "form-expired",
    }
}

impl Problem {
    /// The input it belongs to; `None` when it concerns the whole page.
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::EmailInvalid => Some(Field::Email),
            Self::PasswordWrong | Self::PresentPasswordWrong => Some(Field::Password),
            Self::PasswordShort
            | Self::PasswordLong
            | Self::PasswordCommon
            | Self::PasswordWeak
            | Self::PasswordPersonal
            | Self::PasswordUnchanged => Some(Field::NewPassword),
            Self::CodeWrong | Self::CodeExpired | Self::RecoveryCodeWrong => Some(Field::Code),
            Self::UserCodeWrong => Some(Field::UserCode),
            Self::NameInvalid => Some(Field::Name),
            Self::CountryInvalid => Some(Field::Country),
            Self::PasskeyRefused
            | Self::LastWayIn
            | Self::TooManyAttempts
            | Self::AccountDisabled
            | Self::FederatedOnly
            | Self::ProviderRefused
            | Self::ProviderUnverified
            | Self::ProviderUnreachable
            | Self::FormExpired => None,
        }
    }
}

messages! {
    /// What succeeded.
    Notice, "notice-", {
        /// The profile was changed.
        ProfileSaved "profile-saved",
        /// The password was changed; other sessions ended.
        PasswordChanged "password-changed",
        /// The password was reset by mail; the person may sign in with it.
        PasswordReset "password-reset",
        /// A passkey was added.
        PasskeyAdded "passkey-added",
        /// A passkey was renamed.
        PasskeyRenamed "passkey-renamed",
        /// A passkey was removed.
        PasskeyRemoved "passkey-removed",
        /// The authenticator application was confirmed.
        AuthenticatorAdded "authenticator-added",
        /// The authenticator application was removed.
        AuthenticatorRemoved "authenticator-removed",
        /// A session was ended.
        SessionEnded "session-ended",
        /// All sessions but this one were ended.
        OtherSessionsEnded "other-sessions-ended",
        /// An application's access was taken back.
        ApplicationRevoked "application-revoked",
        /// Another code was sent.
        CodeSent "code-sent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_found_again_by_its_key_and_a_strangers_key_finds_none() {
        for problem in Problem::ALL {
            assert_eq!(Problem::of_key(problem.key()), Some(*problem));
        }
        for notice in Notice::ALL {
            assert_eq!(Notice::of_key(notice.key()), Some(*notice));
        }
        assert_eq!(Problem::of_key("<b>you have won</b>"), None);
    }
}

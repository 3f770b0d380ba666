//! `/account/activity`: what happened to the account.

use axum::response::Response;
use tollgate_pages::{
    Device,
    views::activity::{Activity, ActivityEntry, Happening},
};
use tollgate_people::{Action, PastActivity};

use crate::{halt::Halt, member::Member};

/// Entries on a page.
const ENTRIES_MAX: u32 = 50;
/// Longest mark of a place to go on from that is looked for.
const MARK_BYTES_MAX: usize = 64;

/// Shows what happened, latest first.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    let before = member.visit.params.get("before").filter(|mark| mark.len() <= MARK_BYTES_MAX);
    let found = member.visit.people().activities(&member.signed_in.user.id, before, ENTRIES_MAX).await?;
    let is_full = found.len() >= usize::try_from(ENTRIES_MAX).unwrap_or(usize::MAX);
    let older = found.last().filter(|_| is_full).map(|last| last.id.clone());
    let view = Activity { entries: found.into_iter().map(entry).collect(), older };
    Ok(member.page(|frame| view.render(frame)))
}

fn entry(past: PastActivity) -> ActivityEntry {
    ActivityEntry {
        at: past.at,
        happening: happening(past.action),
        subject: past.client_name,
        device: Device::from_user_agent(&past.user_agent),
        address: past.address,
    }
}

const fn happening(action: Action) -> Happening {
    match action {
        Action::AccountCreated => Happening::AccountCreated,
        Action::SignedInPassword => Happening::SignedInPassword,
        Action::SignedInPasskey => Happening::SignedInPasskey,
        Action::SignedInFederated => Happening::SignedInFederated,
        Action::SecondFactorPassed => Happening::SecondFactorPassed,
        Action::SignInFailed => Happening::SignInFailed,
        Action::SignInThrottled => Happening::SignInThrottled,
        Action::SignedOut => Happening::SignedOut,
        Action::SessionEnded => Happening::SessionEnded,
        Action::EmailVerified => Happening::EmailVerified,
        Action::ProfileChanged => Happening::ProfileChanged,
        Action::PasswordChanged => Happening::PasswordChanged,
        Action::PasswordReset => Happening::PasswordReset,
        Action::CodeSent => Happening::CodeSent,
        Action::PasskeyAdded => Happening::PasskeyAdded,
        Action::PasskeyRemoved => Happening::PasskeyRemoved,
        Action::AuthenticatorAdded => Happening::AuthenticatorAdded,
        Action::AuthenticatorRemoved => Happening::AuthenticatorRemoved,
        Action::RecoveryCodesMade => Happening::RecoveryCodesMade,
        Action::RecoveryCodeUsed => Happening::RecoveryCodeUsed,
        Action::ConsentGiven => Happening::ConsentGiven,
        Action::ConsentRevoked => Happening::ConsentRevoked,
        Action::DeviceAllowed => Happening::DeviceAllowed,
        Action::ProviderLinked => Happening::ProviderLinked,
        Action::AdministratorChanged => Happening::AdministratorChanged,
    }
}

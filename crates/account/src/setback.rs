//! Refusals of use cases, as a page tells them: on the form again, or by another way.

use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header::RETRY_AFTER};
use tollgate_pages::Problem;
use tollgate_people::{FactorRefused, FederationRefused, PasskeyRefused, PasswordFlaw, Refused};
use tollgate_web::answer;

use crate::{carried::TICKET, halt::Halt, member::sign_in_first, onward::Onward, visit::Visit};

/// What the form says to a refusal; what no form can say stops the step.
pub(crate) fn problem(visit: &Visit, refused: Refused) -> Result<Problem, Halt> {
    Ok(match refused {
        Refused::WrongPassword => Problem::PasswordWrong,
        Refused::AccountDisabled => Problem::AccountDisabled,
        Refused::Password(flaw) => flawed(flaw),
        Refused::WrongCode => Problem::CodeWrong,
        Refused::CodeOver => Problem::CodeExpired,
        Refused::Invalid(invalid) => of_value(invalid.what),
        Refused::Throttled(_) => Problem::TooManyAttempts,
        Refused::TicketOver => return Err(sign_in_anew(visit).into()),
        Refused::SignInAgain => return Err(sign_in_first(visit).into()),
        Refused::SignUpClosed => return Err(Halt::forbidden()),
        Refused::NotFound | Refused::Taken => return Err(Halt::link_expired()),
        Refused::Fault(fault) => return Err(fault.into()),
    })
}

/// To the beginning of a sign-in that took too long, or went on in another window.
pub(crate) fn sign_in_anew(visit: &Visit) -> Onward {
    let onward = Onward::to("/sign-in").for_request(visit.request()).problem(Problem::FormExpired);
    onward.cookie(visit.cookies().delete(TICKET))
}

const fn flawed(flaw: PasswordFlaw) -> Problem {
    match flaw {
        PasswordFlaw::Short => Problem::PasswordShort,
        PasswordFlaw::Long => Problem::PasswordLong,
        PasswordFlaw::Common => Problem::PasswordCommon,
        PasswordFlaw::Weak => Problem::PasswordWeak,
        PasswordFlaw::Personal => Problem::PasswordPersonal,
        PasswordFlaw::Unchanged => Problem::PasswordUnchanged,
    }
}

fn of_value(what: &str) -> Problem {
    if what.contains("country") {
        Problem::CountryInvalid
    } else if what.contains("mail") {
        Problem::EmailInvalid
    } else {
        Problem::NameInvalid
    }
}

/// What the pages of authenticator and recovery codes say to a refusal.
pub(crate) fn of_factor(visit: &Visit, refused: FactorRefused) -> Result<Problem, Halt> {
    Ok(match refused {
        FactorRefused::WrongCode => Problem::CodeWrong,
        FactorRefused::NotEnrolled | FactorRefused::AlreadyOn => Problem::FormExpired,
        FactorRefused::Throttled(_) => Problem::TooManyAttempts,
        FactorRefused::SignInAgain => return Err(sign_in_first(visit).into()),
        FactorRefused::Fault(fault) => return Err(fault.into()),
    })
}

/// What the sign-in page says when an upstream provider did not sign the person in.
pub(crate) fn of_federation(refused: FederationRefused) -> Result<Problem, Halt> {
    Ok(match refused {
        FederationRefused::UnknownProvider => return Err(Halt::not_found()),
        FederationRefused::Fault(fault) => return Err(fault.into()),
        FederationRefused::CeremonyOver | FederationRefused::OtherBrowser => Problem::FormExpired,
        FederationRefused::NoEmail => Problem::ProviderUnverified,
        FederationRefused::AccountDisabled => Problem::AccountDisabled,
        FederationRefused::Unreachable(_) => Problem::ProviderUnreachable,
        FederationRefused::Throttled(_) => Problem::TooManyAttempts,
        _ => Problem::ProviderRefused,
    })
}

/// What the form of the passkeys page says to a refusal.
pub(crate) fn of_passkey(visit: &Visit, refused: PasskeyRefused) -> Result<Problem, Halt> {
    Ok(match refused {
        PasskeyRefused::Name(_) => Problem::NameInvalid,
        PasskeyRefused::LastWayIn => Problem::LastWayIn,
        PasskeyRefused::Throttled(_) => Problem::TooManyAttempts,
        PasskeyRefused::SignInAgain => return Err(sign_in_first(visit).into()),
        PasskeyRefused::NotFound => return Err(Halt::not_found()),
        PasskeyRefused::Fault(fault) => return Err(fault.into()),
        _ => Problem::PasskeyRefused,
    })
}

/// What a script hears of a refusal: a status is all that it looks at.
pub(crate) fn to_script(refused: PasskeyRefused) -> Response {
    let told = |status| answer::json(status, br#"{"error":"passkey_refused"}"#.to_vec());
    let status = match refused {
        PasskeyRefused::Fault(fault) => return Halt::from(fault).into_response(),
        PasskeyRefused::Throttled(wait) => {
            let mut response = told(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(RETRY_AFTER, wait.0.into());
            return response;
        }
        PasskeyRefused::SignInAgain => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    told(status)
}

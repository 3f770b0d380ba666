//! Codes by mail, and a forgotten password.

use super::page;

/// `/forgot`: posts `email` there.
#[derive(Debug, Clone)]
pub struct Forgot {
    /// The address as typed before.
    pub email: String,
}
page!(Forgot, "forgot.html");

/// `/sign-up/verify` and `/forgot/code`: a code of six digits that was sent by mail.
///
/// Posts `code` to the page's own address; the second form posts `resend=1` there.
#[derive(Debug, Clone)]
pub struct EnterCode {
    /// What the code is for.
    pub purpose: CodePurpose,
    /// Where it was sent.
    pub email: String,
    /// After how many seconds another may be sent; zero when it may at once. A script counts down.
    pub resend_seconds: u32,
    /// The code as the link of a mail filled it in; empty otherwise.
    pub code: String,
}
page!(EnterCode, "enter_code.html");

/// What a code by mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// Proves the address of a new account; `/sign-up/verify`.
    SignUp,
    /// Opens the way to a new password; `/forgot/code`.
    Reset,
}

impl CodePurpose {
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::SignUp => "/sign-up/verify",
            Self::Reset => "/forgot/code",
        }
    }
}

/// `/forgot/password`: the code was right. Posts `new_password` there.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// Whose password it is.
    pub email: String,
    /// The rules, and how good the refused one was.
    pub advice: PasswordAdvice,
}
page!(NewPassword, "new_password.html");

/// What a page says about passwords to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordAdvice {
    /// Fewest characters.
    pub chars_min: u32,
    /// How good the one was that was refused; `None` before the first attempt.
    pub strength: Option<Strength>,
}

/// How hard a password is to guess, as zxcvbn tells it from 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// 0: guessed at once.
    VeryWeak,
    /// 1: guessed soon.
    Weak,
    /// 2: withstands guessing online.
    Fair,
    /// 3: withstands guessing offline for a while.
    Good,
    /// 4: not guessed.
    Strong,
}

impl Strength {
    /// The strength of a score from 0 to 4; higher scores count as 4.
    pub const fn of_score(score: u8) -> Self {
        match score {
            0 => Self::VeryWeak,
            1 => Self::Weak,
            2 => Self::Fair,
            3 => Self::Good,
            _ => Self::Strong,
        }
    }

    /// The score as the meter shows it, from 1 to 5.
    pub(crate) const fn bars(self) -> u8 {
        match self {
            Self::VeryWeak => 1,
            Self::Weak => 2,
            Self::Fair => 3,
            Self::Good => 4,
            Self::Strong => 5,
        }
    }

    pub(crate) const fn text_key(self) -> &'static str {
        match self {
            Self::VeryWeak => "strength-very-weak",
            Self::Weak => "strength-weak",
            Self::Fair => "strength-fair",
            Self::Good => "strength-good",
            Self::Strong => "strength-strong",
        }
    }
}

//! How a command fails: on what it was given (exit code 2) or on what happened (exit code 1); one line either way.

use std::{error::Error, fmt::Display};

use tollgate_model::Invalid;
use tollgate_store::StoreError;

use crate::listen::BindError;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// What was given is not usable; the text says what, which value, and what to do.
    #[error("{0}")]
    BadInput(String),
    /// What was given was fine, but something did not work.
    #[error("{0}")]
    Fault(String),
}

impl CommandError {
    /// Refuses what was given.
    pub fn bad_input(text: impl Display) -> Self {
        Self::BadInput(one_line(&text.to_string()))
    }

    /// Reports that `what` did not work, and its chain of causes.
    pub fn fault(what: impl Display, cause: &dyn Error) -> Self {
        let mut text = format!("{what}: {cause}");
        let mut next = cause.source();
        while let Some(deeper) = next {
            let words = deeper.to_string();
            if !text.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            next = deeper.source();
        }
        Self::Fault(one_line(&text))
    }

    /// What the process ends with.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::BadInput(_) => 2,
            Self::Fault(_) => 1,
        }
    }
}

impl From<Invalid> for CommandError {
    fn from(refused: Invalid) -> Self {
        Self::bad_input(refused)
    }
}

impl From<StoreError> for CommandError {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::Unsupported { .. } => Self::bad_input(cause),
            _ => Self::Fault(one_line(&cause.to_string())),
        }
    }
}

impl From<BindError> for CommandError {
    fn from(refused: BindError) -> Self {
        Self::Fault(refused.to_string())
    }
}

fn one_line(text: &str) -> String {
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_its_causes_on_one_line_each_once() {
        let cause = std::io::Error::other("disk full\nreally");
        assert_eq!(CommandError::fault("cannot write x", &cause).to_string(), "cannot write x: disk full; really");
    }

    #[test]
    fn what_was_given_wrong_ends_with_two() {
        let refused = CommandError::from(Invalid::new("port", "abc", "give a number"));
        assert_eq!(refused.exit_code(), 2);
        assert_eq!(refused.to_string(), "port `abc` is not valid: give a number");
    }
}

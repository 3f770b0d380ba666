//! Usage errors in one line: what was wrong, with which value, and what to do.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A usage error as one line without `error:` in front.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let argument = || text_of(error, ContextKind::InvalidArg);
    let value = || text_of(error, ContextKind::InvalidValue);
    match (error.kind(), argument(), value()) {
        // Our own values say what they should look like themselves.
        (ErrorKind::ValueValidation, Some(argument), _) => match error.source() {
            Some(reason) => format!("{}: {reason}", flag(&argument)),
            None => first_paragraph(error),
        },
        (ErrorKind::InvalidValue, Some(argument), Some(value)) => {
            let allowed = text_of(error, ContextKind::ValidValue).map(|all| format!("use one of {all}"));
            let remedy = allowed.unwrap_or_else(|| "give a value".to_owned());
            format!("{}: `{value}` is not valid: {remedy}", flag(&argument))
        }
        (ErrorKind::MissingRequiredArgument, Some(missing), _) => format!("{missing} is missing: give it"),
        (ErrorKind::UnknownArgument, Some(argument), _) => {
            let known = text_of(error, ContextKind::SuggestedArg).map(|known| format!("did you mean {known}?"));
            let remedy = known.unwrap_or_else(|| "--help tells what is taken".to_owned());
            format!("{argument} is not taken here: {remedy}")
        }
        (ErrorKind::InvalidSubcommand, _, _) => {
            let command = text_of(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            let known = text_of(error, ContextKind::SuggestedSubcommand).map(|known| format!("did you mean {known}?"));
            let remedy = known.unwrap_or_else(|| "--help lists them".to_owned());
            format!("`{command}` is not a command: {remedy}")
        }
        _ => first_paragraph(error),
    }
}

fn text_of(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) if !text.is_empty() => Some(text.clone()),
        ContextValue::Strings(all) if !all.is_empty() => Some(all.join(", ")),
        _ => None,
    }
}

/// `--type` of `--type <TYPE>`.
fn flag(argument: &str) -> &str {
    argument.split(' ').next().unwrap_or(argument)
}

fn first_paragraph(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.strip_prefix("error: ").unwrap_or(&joined).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[track_caller]
    fn told(line: &str) -> String {
        one_line(&Cli::try_parse_from(line.split(' ')).unwrap_err())
    }

    #[test]
    fn a_value_that_breaks_its_rule_is_told_with_the_rule() {
        assert_eq!(
            told("tollgate service create --code W --name W --authorization api_key --path weather"),
            "--path: gateway path `weather` is not valid: begin with `/`"
        );
        assert_eq!(
            told("tollgate service create --code W --name W --authorization key"),
            "--authorization: `key` is not valid: use one of api_key, user_token, service_token"
        );
        assert_eq!(
            told("tollgate service create --code W --name W --authorization api_key --retries-max 99"),
            "--retries-max: 99 is not in 0..=10"
        );
    }

    #[test]
    fn what_is_missing_or_not_known_is_named() {
        assert_eq!(
            told("tollgate service create --code W --name W"),
            "--authorization <AUTHORIZATION> is missing: give it"
        );
        assert_eq!(told("tollgate service list --jsn"), "--jsn is not taken here: did you mean --json?");
        assert_eq!(told("tollgate service lst"), "`lst` is not a command: did you mean list?");
        assert_eq!(told("tollgate xyz"), "`xyz` is not a command: --help lists them");
        assert_eq!(told("tollgate service list --x"), "--x is not taken here: --help tells what is taken");
        let both = told("tollgate subscription list --credential x --service y");
        assert!(both.contains("--credential") && both.contains("--service") && !both.contains('\n'), "{both}");
        let file = told("tollgate credential create --type api_key --name x --private-key-file y");
        assert!(file.contains("--generate-key-pair") && !file.contains('\n'), "{file}");
    }
}

//! What commands print: text for people, JSON when asked, always through here.

use std::{
    fmt::Display,
    io::{ErrorKind, IsTerminal, Write},
};

use serde::Serialize;

use crate::error::CommandError;

/// Standard output in the form that the caller asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    colour: bool,
    columns: Option<u16>,
}

#[expect(clippy::unused_self, reason = "whoever prints has been told in which form, and shows it")]
impl Output {
    /// Output for people, or as JSON; coloured on a terminal unless `NO_COLOR` is set.
    pub(crate) fn new(json: bool) -> Self {
        let colour = !json && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let columns = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0);
        Self { json, colour, columns }
    }

    /// Whether JSON was asked for.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Prints one line, or several, for people.
    pub(crate) fn line(self, text: impl Display) -> Result<(), CommandError> {
        print(&format!("{text}\n"))
    }

    /// Prints a value as indented JSON.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<(), CommandError> {
        let text =
            serde_json::to_string_pretty(value).map_err(|cause| CommandError::fault("cannot print JSON", &cause))?;
        print(&format!("{text}\n"))
    }

    /// How many columns the terminal has; `None` when the output is a file or a pipe, which takes any width.
    pub(crate) const fn columns(self) -> Option<u16> {
        self.columns
    }

    /// The text in bold, where the terminal can.
    pub(crate) fn bold(self, text: impl Display) -> String {
        self.styled("1", text)
    }

    /// The text in a fainter colour, where the terminal can.
    pub(crate) fn faint(self, text: impl Display) -> String {
        self.styled("2", text)
    }

    /// The text in the colour of addresses, where the terminal can.
    pub(crate) fn address(self, text: impl Display) -> String {
        self.styled("36", text)
    }

    fn styled(self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// A reader that went away (`tollgate service list | head -1`) is not an error.
fn print(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::fault("cannot write to standard output", &cause))
        }
        _ => Ok(()),
    }
}

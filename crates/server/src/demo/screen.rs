//! The demo's screen: where everything is, and what to try.

use std::{fmt::Write, net::SocketAddr};

use super::{
    attempts::{self, shell_quoted},
    document::Document,
    hosts::PUBLIC_HOSTS,
};
use crate::output::Output;

const LABEL_CHARS: usize = 22;

/// What the screen says beside the document.
pub(super) struct Screen<'a> {
    pub(super) document: &'a Document,
    pub(super) ready_millis: u128,
    /// Whether the folder was there already.
    pub(super) reused: bool,
    /// The port of the identity system, on the address that clients use.
    pub(super) main: SocketAddr,
    /// Whether others than this machine can reach it.
    pub(super) is_public: bool,
}

impl Screen<'_> {
    /// The whole screen.
    pub(super) fn text(&self, output: Output) -> String {
        let document = self.document;
        let mut text = format!(
            "\n  {}  {}\n\n",
            output.bold("Tollgate is ready"),
            output.faint(format!("after {} ms", self.ready_millis))
        );
        let kept = if self.reused { "as at the last start" } else { "kept for the next start" };
        line(&mut text, "Identity and console", &output.address(&document.base_url));
        line(&mut text, "Gateway", &output.address(&document.gateway_url));
        line(&mut text, "Example web app", &output.address(&document.app_url));
        line(&mut text, "Folder", &format!("{}  {}", document.folder, output.faint(kept)));
        let organization = &document.organization;
        line(&mut text, "Organization", &format!("{}  {}", organization.name, organization.id));
        let widest = document.users.iter().map(|user| user.email.chars().count()).max().unwrap_or_default();
        for (index, user) in document.users.iter().enumerate() {
            line(
                &mut text,
                if index == 0 { "People" } else { "" },
                &format!("{:widest$}  {}", user.email, user.password),
            );
        }
        if self.is_public {
            line(&mut text, "", &output.faint("Others on the network can reach this demo."));
        }
        for (index, attempt) in document.attempts.iter().enumerate() {
            let title = output.bold(format!("{}. {}", index + 1, attempt.title));
            let _ = write!(text, "\n  {title}\n\n{}\n", indented(&attempt.command));
        }
        let _ = write!(
            text,
            "\n  {}\n\n{}\n",
            output.bold("Put an API of your own behind the gateway"),
            indented(&self.own_service())
        );
        if let Some(ca_file) = &document.ca_file {
            self.trust(&mut text, ca_file, output);
        }
        let rest = format!("All credentials are in {}/credentials.json. Ctrl-C stops Tollgate.", document.folder);
        let _ = write!(text, "\n  {}\n", output.faint(rest));
        text
    }

    fn own_service(&self) -> String {
        let Document { folder, gateway_url, credentials, .. } = self.document;
        let (tollgate, folder, key) = (shell_quoted(&program()), shell_quoted(folder), &credentials.api_key.client_id);
        let curl = attempts::curl(gateway_url, self.document.ca_file.as_deref());
        format!(
            "{tollgate} service create --dir {folder} \\
  --code WeatherSDK --name Weather --authorization api_key \\
  --path /weather --upstream http://127.0.0.1:3000
{tollgate} subscription create --dir {folder} \\
  --credential {key} --service WeatherSDK
{curl} {gateway_url}/weather/today -H 'x-api-key: {key}'"
        )
    }

    fn trust(&self, text: &mut String, ca_file: &str, output: Output) {
        let (address, port) = (self.main.ip(), self.main.port());
        let title = "Point SDKs with fixed host names here, by name resolution";
        let file = shell_quoted(ca_file);
        let first = PUBLIC_HOSTS[0];
        let (front, back) = PUBLIC_HOSTS.split_at(PUBLIC_HOSTS.len() / 2);
        let block = format!(
            "printf '%s\\n' '{address} {}' '{address} {}' |\n  sudo tee -a /etc/hosts\n\
             export NODE_EXTRA_CA_CERTS={file}    # Node.js\n\
             export REQUESTS_CA_BUNDLE={file}     # Python requests\n\
             export SSL_CERT_FILE={file}          # Go, OpenSSL",
            front.join(" "),
            back.join(" "),
        );
        let _ = write!(text, "\n  {}\n\n{}\n", output.bold(title), indented(&block));
        if port != 443 {
            let note =
                format!("They know port 443 only: start with `--port 443`, or send port 443 to {port} yourself.");
            let _ = write!(text, "\n    {}\n", output.faint(note));
        }
        let curl = format!(
            "curl -s --cacert {file} --connect-to {first}:443:{} \\\n  https://{first}/ims/.well-known/openid-configuration",
            self.main
        );
        let _ = write!(text, "\n  {}\n\n{}\n", output.bold("Or without any change to this machine"), indented(&curl));
    }
}

/// How this program was called, so that the shown command calls the same one.
fn program() -> String {
    let called = std::env::args().next().filter(|name| name.contains('/'));
    called
        .and_then(|name| std::fs::canonicalize(name).ok())
        .map_or_else(|| "tollgate".to_owned(), |path| path.display().to_string())
}

fn line(text: &mut String, label: &str, content: &str) {
    let _ = writeln!(text, "  {label:LABEL_CHARS$}{content}");
}

fn indented(block: &str) -> String {
    block.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

//! The commands that the demo offers to try. Each works when it is pasted into a POSIX shell, in any folder.

use super::document::{Attempt, Credentials};

/// Where the commands go to.
pub(super) struct Target<'a> {
    pub(super) base_url: &'a str,
    pub(super) gateway_url: &'a str,
    /// The authority to trust, when TLS is on.
    pub(super) ca_file: Option<&'a str>,
}

const TAKE_TOKEN: &str = r#"sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p'"#;

/// The commands, with the credentials filled in.
pub(super) fn all(target: &Target<'_>, credentials: &Credentials) -> Vec<Attempt> {
    vec![
        Attempt { title: "Call Stock with a key alone", command: stock(target, credentials) },
        Attempt { title: "Get a server-to-server token and call Campaign", command: campaign(target, credentials) },
        Attempt {
            title: "Sign a JWT, exchange it for a token and call Target",
            command: target_service(target, credentials),
        },
    ]
}

fn stock(target: &Target<'_>, credentials: &Credentials) -> String {
    let (curl, gateway) = (target.curl(), target.gateway_url);
    let key = &credentials.api_key.client_id;
    format!("{curl} '{gateway}/stock/search?words=bridges' \\\n  -H 'x-api-key: {key}'")
}

fn campaign(target: &Target<'_>, credentials: &Credentials) -> String {
    let (curl, base, gateway) = (target.curl(), target.base_url, target.gateway_url);
    let own = &credentials.server_to_server;
    let (id, secret) = (&own.client_id, &own.client_secret);
    format!(
        "TOKEN=$({curl} {base}/ims/token/v3 \\
  -d grant_type=client_credentials \\
  -d client_id={id} \\
  -d client_secret={secret} \\
  -d scope=openid,AdobeID,campaign_sdk |
  {TAKE_TOKEN})
{curl} {gateway}/campaign/profiles \\
  -H 'x-api-key: {id}' -H \"Authorization: Bearer $TOKEN\""
    )
}

fn target_service(target: &Target<'_>, credentials: &Credentials) -> String {
    let (curl, base, gateway) = (target.curl(), target.base_url, target.gateway_url);
    let own = &credentials.service_account;
    let (id, secret, organization, account) =
        (&own.client_id, &own.client_secret, &own.organization_id, &own.technical_account_id);
    let key_file = shell_quoted(&own.private_key_file);
    format!(
        "b64() {{ openssl base64 -A | tr '+/' '-_' | tr -d '='; }}
HEADER=$(printf '{{\"alg\":\"RS256\"}}' | b64)
CLAIMS=$(printf '{{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"%s\":true,\"exp\":%d}}' \\
  {organization} \\
  {account} \\
  {base}/c/{id} \\
  {base}/s/ent_marketing_sdk \\
  $(($(date +%s) + 300)) | b64)
SIGNATURE=$(printf '%s' \"$HEADER.$CLAIMS\" | openssl dgst -sha256 -binary -sign {key_file} | b64)
TOKEN=$({curl} {base}/ims/exchange/jwt \\
  -d client_id={id} \\
  -d client_secret={secret} \\
  -d jwt_token=\"$HEADER.$CLAIMS.$SIGNATURE\" |
  {TAKE_TOKEN})
{curl} {gateway}/target/activities \\
  -H 'x-api-key: {id}' -H \"Authorization: Bearer $TOKEN\""
    )
}

impl Target<'_> {
    fn curl(&self) -> String {
        curl(self.base_url, self.ca_file)
    }
}

/// How `curl` is called for addresses like `url`.
pub(super) fn curl(url: &str, ca_file: Option<&str>) -> String {
    // `-g`: the brackets of an IPv6 address are no pattern.
    let globs = if url.contains('[') { " -g" } else { "" };
    let authority = ca_file.map(|file| format!(" --cacert {}", shell_quoted(file))).unwrap_or_default();
    format!("curl -s{globs}{authority}")
}

/// Text as one word of a POSIX shell; plain paths stay as they are.
pub(super) fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_spaces_and_quotes_are_one_word_of_a_shell() {
        assert_eq!(shell_quoted("/tmp/demo/ca.pem"), "/tmp/demo/ca.pem");
        assert_eq!(shell_quoted("/tmp/my demo"), "'/tmp/my demo'");
        assert_eq!(shell_quoted("it's"), r"'it'\''s'");
        assert_eq!(shell_quoted(""), "''");
    }

    #[test]
    fn with_tls_every_call_trusts_the_development_authority() {
        let target = Target {
            base_url: "https://127.0.0.1:8080",
            gateway_url: "https://127.0.0.1:8090",
            ca_file: Some("/d e/ca.pem"),
        };
        assert_eq!(target.curl(), "curl -s --cacert '/d e/ca.pem'");
        let target = Target { base_url: "http://[::1]:8080", gateway_url: "http://[::1]:8090", ca_file: None };
        assert_eq!(target.curl(), "curl -s -g");
    }
}

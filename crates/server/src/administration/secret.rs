//! `tollgate secret`

use clap::builder::TypedValueParser;
use tollgate_console::Console;
use tollgate_model::{
    Seconds, Timestamp,
    id::SecretId,
    secret::{SecretKind, StoredSecret},
};

use super::{
    arguments::{instant, length, one_of},
    table::{Fit, Table, fields},
    views::{Deleted, SecretView},
    words::{minute, never},
};
use crate::{error::CommandError, output::Output};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make a secret and show it once; a credential has at most two of a kind
    Create {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
        /// What it is for: `client_secret` for the token endpoint, `secret_key` for the gateway; when left out the
        /// first, or the second for a type without client secrets
        #[arg(long, value_parser = kind())]
        kind: Option<SecretKind>,
        /// When it ends, such as 2026-12-31 or 2026-12-31T23:59:59Z; never when left out
        #[arg(long, value_name = "TIME", value_parser = instant, conflicts_with = "expires_in")]
        expires_at: Option<Timestamp>,
        /// After how long it ends, such as 90d
        #[arg(long, value_name = "LENGTH", value_parser = length)]
        expires_in: Option<Seconds>,
    },
    /// List the secrets of a credential, with when each was last used
    List {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
    },
    /// End a secret for good
    Delete {
        /// Client id or credential id
        #[arg(long)]
        credential: String,
        /// The secret's id, from `tollgate secret list`
        secret: SecretId,
    },
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. })
    }
}

pub(super) async fn run(action: Action, console: &Console, output: Output) -> Result<(), CommandError> {
    match action {
        Action::Create { credential, kind, expires_at, expires_in } => {
            let client = console.client(&credential).await?;
            let kind = kind.unwrap_or(if client.credential_type().has_client_secret() {
                SecretKind::ClientSecret
            } else {
                SecretKind::SecretKey
            });
            let end = expires_at.or_else(|| expires_in.map(|length| console.now() + length));
            let made = console.create_secret(&client.id, kind, end).await?;
            show_once(&made.stored, made.plain.reveal(), output)
        }
        Action::List { credential } => {
            let client_id = console.client(&credential).await?.id;
            list(&console.secrets(&client_id).await?, console.now(), output)
        }
        Action::Delete { credential, secret } => {
            let client_id = console.client(&credential).await?.id;
            console.delete_secret(&client_id, &secret).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: secret.as_str() });
            }
            output.line(format_args!("Secret {secret} is deleted and no longer accepted."))
        }
    }
}

fn show_once(stored: &StoredSecret, plain: &str, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&SecretView::new(stored, Some(plain)));
    }
    let word = match stored.kind {
        SecretKind::ClientSecret => "client secret",
        SecretKind::SecretKey => "secret key",
    };
    output.line(fields([
        ("id", stored.id.to_string()),
        ("client id", stored.client_id.to_string()),
        ("expires", stored.expires_at.map_or_else(never, |end| end.to_string())),
        (word, plain.to_owned()),
    ]))?;
    output.line(format_args!("\nThe {word} is shown this once: keep it now. Only a digest of it is stored."))
}

fn list(all: &[StoredSecret], now: Timestamp, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(|own| SecretView::new(own, None)).collect::<Vec<_>>());
    }
    let mut table = Table::new([
        ("id", Fit::Whole),
        ("prefix", Fit::Whole),
        ("kind", Fit::Spare),
        ("created", Fit::Spare),
        ("expires", Fit::Whole),
        ("last used", Fit::Whole),
    ]);
    for secret in all {
        let expired = if secret.is_live(now) { "" } else { " (expired)" };
        table.row([
            secret.id.to_string(),
            secret.visible_prefix.clone(),
            secret.kind.as_str().to_owned(),
            minute(secret.created_at),
            secret.expires_at.map_or_else(never, |end| format!("{}{expired}", minute(end))),
            secret.last_used_at.map_or_else(never, minute),
        ]);
    }
    table.print(output, "No secret yet. `tollgate secret create --credential CREDENTIAL` makes one.")
}

fn kind() -> impl TypedValueParser<Value = SecretKind> {
    one_of([SecretKind::ClientSecret.as_str(), SecretKind::SecretKey.as_str()])
}

//! Codes by mail: eight digits, once, for one purpose, with few attempts and a short life.
//!
//! A code is found by its *flow*, a random id that the browser of whoever asked carries on. Stored is a digest over
//! flow, purpose and code. Links in mails begin with the configured issuer and never with what a request called us.

use serde::{Deserialize, Serialize};
use tollgate_crypto::{Digest, SecretText, base64url, entropy};
use tollgate_model::{Seconds, Timestamp, id::UserId, user::EmailAddress};
pub use tollgate_store::mailed_codes::CodePurpose;
use tollgate_store::{
    StoreError, Transaction,
    mailed_codes::{self, CodeCheck, MailedCode},
    mails::{self, Mail},
};

use crate::{People, Refused, Visitor, sessions::SECRET_CHARS};

/// Digits of a code.
pub const CODE_DIGITS: usize = 8;
/// How long a code is good.
pub(crate) const CODE_LIFETIME: Seconds = Seconds(900);
/// Wrong codes until a flow is over.
pub(crate) const CODE_ATTEMPTS_MAX: u32 = 5;
/// Time until another code may be asked for.
pub(crate) const RESEND_AFTER: Seconds = Seconds(60);
/// Flows of one address and purpose at a time; the oldest goes.
const FLOWS_MAX: u32 = 3;

const DIGEST_PURPOSE: &str = "mailed code";

/// A code is on its way, or so it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// What the browser goes on with.
    pub id: String,
    /// Where the code was sent.
    pub email: EmailAddress,
    /// When another may be asked for.
    pub resend_after: Seconds,
}

/// What a flow has to remember, sealed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// The language of its mail.
    pub(crate) language: Option<String>,
    /// Whom the mail greets.
    pub(crate) name: Option<String>,
    /// Whose account it is.
    pub(crate) organization: Option<String>,
    /// The account to be made.
    pub(crate) account: Option<AccountToBe>,
    /// Whether nobody is sent the code, because it would be of no use.
    pub(crate) decoy: bool,
}

/// An account that is made once its address is proved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccountToBe {
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) country: Option<String>,
    pub(crate) password_hash: String,
}

/// A flow to be begun.
pub(crate) struct NewFlow {
    pub(crate) purpose: CodePurpose,
    pub(crate) user_id: Option<UserId>,
    pub(crate) email: EmailAddress,
    pub(crate) details: Details,
    pub(crate) lifetime: Seconds,
}

/// A flow at its making.
pub(crate) struct MadeFlow {
    pub(crate) row: MailedCode,
    pub(crate) code: SecretText,
}

impl MadeFlow {
    pub(crate) fn flow(&self) -> Flow {
        Flow { id: self.row.id.clone(), email: self.row.email.clone(), resend_after: RESEND_AFTER }
    }
}

impl People {
    /// Makes a flow with a code of digits; nothing is written yet.
    pub(crate) fn make_flow(&self, new: &NewFlow, now: Timestamp) -> MadeFlow {
        let drawn = u64::from_be_bytes(entropy::bytes::<8>(&*self.house().entropy));
        // The remainder favours some codes by less than one in ten billion.
        let code = SecretText::from(format!("{:0CODE_DIGITS$}", drawn % 10_u64.pow(8)));
        self.make_flow_with(new, code, now)
    }

    /// Makes a flow with a secret of 256 bits, for a link or a cookie.
    pub(crate) fn make_long_flow(&self, new: &NewFlow, now: Timestamp) -> MadeFlow {
        let code = SecretText::from(base64url::encode(&entropy::bytes::<32>(&*self.house().entropy)));
        self.make_flow_with(new, code, now)
    }

    fn make_flow_with(&self, new: &NewFlow, code: SecretText, now: Timestamp) -> MadeFlow {
        let id = base64url::encode(&entropy::bytes::<16>(&*self.house().entropy));
        let plain = serde_json::to_vec(&new.details).expect("details are plain values, which JSON can hold");
        let house = self.house();
        let row = MailedCode {
            purpose: new.purpose,
            user_id: new.user_id.clone(),
            email: new.email.clone(),
            digest: self.code_digest(&id, new.purpose, code.reveal()),
            details: house.master_key.seal(&*house.entropy, &seal_purpose(&id), &plain),
            attempts_left: CODE_ATTEMPTS_MAX,
            created_at: now,
            expires_at: now + new.lifetime,
            id,
        };
        MadeFlow { row, code }
    }

    /// Writes a flow and its mail in one transaction.
    pub(crate) async fn write_flow(&self, made: &MadeFlow, mail: &Mail) -> Result<(), Refused> {
        let written = self.house().db.transact::<_, StoreError>(async |tx| {
            mailed_codes::insert(tx, &made.row, FLOWS_MAX).await?;
            mails::insert(tx, mail).await
        });
        Ok(written.await?)
    }

    /// The digest of what somebody typed: spaces and dashes do not count.
    pub(crate) fn code_digest(&self, flow: &str, purpose: CodePurpose, code: &str) -> Digest {
        let typed = if code.len() == SECRET_CHARS { code.to_owned() } else { digits(code) };
        let value = format!("{flow} {} {typed}", purpose.as_str());
        self.house().digest_key.digest(DIGEST_PURPOSE, value.as_bytes())
    }

    /// The flow of this id, if it still goes on.
    pub(crate) async fn flow(&self, id: &str, purpose: CodePurpose, now: Timestamp) -> Result<MailedCode, Refused> {
        mailed_codes::find(&self.house().db, id, purpose, now).await?.ok_or(Refused::CodeOver)
    }

    /// What a flow remembers.
    pub(crate) fn details(&self, row: &MailedCode) -> Result<Details, Refused> {
        let plain = self.house().master_key.open(&seal_purpose(&row.id), &row.details)?;
        serde_json::from_slice(plain.reveal()).map_err(|_| Refused::CodeOver)
    }

    /// Uses a code up within a transaction; wrong ones are counted, so the outcome is a value and the transaction commits.
    pub(crate) async fn take_code(
        &self,
        tx: &mut Transaction,
        row: &MailedCode,
        code: &str,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let digest = self.code_digest(&row.id, row.purpose, code);
        Ok(match mailed_codes::take(tx, &row.id, row.purpose, &digest, now).await? {
            CodeCheck::Right(_) => Taken::Right,
            CodeCheck::Wrong { .. } => Taken::Wrong,
            CodeCheck::Gone => Taken::Over,
        })
    }

    /// Sends another code for the same purpose, in a flow with a new id.
    pub async fn resend_code(
        &self,
        flow: &str,
        purpose: CodePurpose,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Flow, Refused> {
        let row = self.flow(flow, purpose, now).await?;
        let age = now.seconds_since(row.created_at);
        if age < RESEND_AFTER {
            return Err(Refused::Throttled(Seconds(RESEND_AFTER.0 - age.0)));
        }
        self.count_mail(&row.email, visitor, now).await?;
        let details = self.details(&row)?;
        let new = NewFlow {
            purpose,
            user_id: row.user_id.clone(),
            email: row.email.clone(),
            lifetime: CODE_LIFETIME,
            details,
        };
        let made = self.make_flow(&new, now);
        self.write_flow(&made, &self.code_mail(&new, &made, now)).await?;
        Ok(made.flow())
    }
}

/// What came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Right,
    Wrong,
    Over,
}

impl Taken {
    pub(crate) fn accepted(self) -> Result<(), Refused> {
        match self {
            Self::Right => Ok(()),
            Self::Wrong => Err(Refused::WrongCode),
            Self::Over => Err(Refused::CodeOver),
        }
    }
}

/// The digits of what somebody typed, also those that Japanese keyboards make.
fn digits(typed: &str) -> String {
    let plain = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        _ => Some(c).filter(char::is_ascii_digit),
    };
    typed.chars().filter_map(plain).take(CODE_DIGITS + 1).collect()
}

/// The code as a mail shows it: in two halves.
pub(crate) fn shown(code: &str) -> String {
    let (first, second) = code.split_at_checked(CODE_DIGITS / 2).unwrap_or((code, ""));
    format!("{first} {second}")
}

fn seal_purpose(flow: &str) -> String {
    format!("mailed code {flow}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_as_it_is_shown_and_with_full_width_digits() {
        assert_eq!(shown("12345678"), "1234 5678");
        assert_eq!(digits(" 1234-5678"), "12345678");
        assert_eq!(digits("１２３４ ５６７８"), "12345678");
        assert_ne!(digits("123456789"), "12345678");
    }
}

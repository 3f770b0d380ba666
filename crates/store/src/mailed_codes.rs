//! Codes that were sent by mail.

use tollgate_crypto::Digest;
use tollgate_model::{Invalid, Timestamp, id::UserId, user::EmailAddress};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Inserts the code.
    INSERT = "
        insert into mailed_codes
            (id, purpose, user_id, email, digest, details, attempts_left, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    /// Deletes the codes of an address and purpose but for the `$3` newest.
    DELETE_OLDER = "
        delete from mailed_codes
        where email = $1 and purpose = $2 and id not in (
            select id from mailed_codes where email = $1 and purpose = $2
            order by created_at desc, id desc limit $3)";

    /// The code of this id, while it can be given.
    FIND = "
        select id, purpose, user_id, email, digest, details, attempts_left, created_at, expires_at
        from mailed_codes where id = $1 and purpose = $2 and attempts_left > 0 and expires_at > $3";

    /// The returned row is the permission: the code was right and is used up.
    TAKE = "
        delete from mailed_codes
        where id = $1 and purpose = $2 and digest = $3 and attempts_left > 0 and expires_at > $4
        returning id, purpose, user_id, email, digest, details, attempts_left, created_at, expires_at";

    /// The attempts that are left after this wrong one.
    FAIL = "
        update mailed_codes set attempts_left = attempts_left - 1
        where id = $1 and purpose = $2 and attempts_left > 0 and expires_at > $3
        returning id, attempts_left";

    /// Deletes the codes of a person for a purpose.
    DELETE_OF_USER = "delete from mailed_codes where user_id = $1 and purpose = $2";

    /// Deletes the codes that had ended at `$1`.
    DELETE_EXPIRED = "delete from mailed_codes where expires_at <= $1";
}

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// To show that mail to the address reaches the person.
    VerifyEmail,
    /// To set a new password.
    ResetPassword,
    /// To make an account.
    SignUp,
    /// To take an account that was made for the person.
    Invitation,
}

impl CodePurpose {
    const ALL: [Self; 4] = [Self::VerifyEmail, Self::ResetPassword, Self::SignUp, Self::Invitation];

    /// The word as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::SignUp => "sign_up",
            Self::Invitation => "invitation",
        }
    }
}

impl std::str::FromStr for CodePurpose {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|own| own.as_str() == text).ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            Invalid::new("purpose of a code", text, format!("use one of {all}"))
        })
    }
}

/// A code that was sent by mail.
#[derive(Debug, Clone, PartialEq)]
pub struct MailedCode {
    /// Its id, which the browser holds while the person looks for the mail.
    pub id: String,
    /// What it is for.
    pub purpose: CodePurpose,
    /// Whose it is; `None` while there is no account.
    pub user_id: Option<UserId>,
    /// Where it was sent.
    pub email: EmailAddress,
    /// What the code is digested to.
    pub digest: Digest,
    /// What else the purpose needs, sealed.
    pub details: String,
    /// How many codes may still be tried.
    pub attempts_left: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be given.
    pub expires_at: Timestamp,
}

/// What became of a code that was given.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeCheck {
    /// It was right, and is used up now.
    Right(Box<MailedCode>),
    /// It was wrong.
    Wrong {
        /// How many more may be tried.
        attempts_left: u32,
    },
    /// There is nothing (any more) that a code could be right for.
    Gone,
}

/// Adds a code. Of the codes for the same address and purpose, older ones go until `live_max` are left.
pub async fn insert(tx: &mut Transaction, code: &MailedCode, live_max: u32) -> Result<(), StoreError> {
    let older_max = live_max.saturating_sub(1);
    tx.run(&DELETE_OLDER, &params![&code.email, code.purpose.as_str(), older_max]).await?;
    let values = params![
        &code.id,
        code.purpose.as_str(),
        code.user_id.as_ref(),
        &code.email,
        &code.digest,
        &code.details,
        code.attempts_left,
        code.created_at,
        code.expires_at,
    ];
    tx.run(&INSERT, &values).await.map(drop)
}

/// The code of this id, while it can be given.
pub async fn find(
    query: impl Query,
    id: &str,
    purpose: CodePurpose,
    now: Timestamp,
) -> Result<Option<MailedCode>, StoreError> {
    query.one(&FIND, &params![id, purpose.as_str(), now], mailed_code).await
}

/// Tries a code. Of many right ones at once, one gets [`CodeCheck::Right`]; each wrong one costs an attempt.
pub async fn take(
    tx: &mut Transaction,
    id: &str,
    purpose: CodePurpose,
    digest: &Digest,
    now: Timestamp,
) -> Result<CodeCheck, StoreError> {
    let right = tx.one(&TAKE, &params![id, purpose.as_str(), digest, now], mailed_code).await?;
    if let Some(code) = right {
        return Ok(CodeCheck::Right(Box::new(code)));
    }
    let attempts_left = tx.one(&FAIL, &params![id, purpose.as_str(), now], |row| row.small(1)).await?;
    Ok(attempts_left.map_or(CodeCheck::Gone, |attempts_left| CodeCheck::Wrong { attempts_left }))
}

/// Deletes the codes of a person for a purpose; tells how many.
pub async fn delete_of_user(tx: &mut Transaction, user: &UserId, purpose: CodePurpose) -> Result<u64, StoreError> {
    tx.run(&DELETE_OF_USER, &params![user, purpose.as_str()]).await
}

/// Deletes the codes that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn mailed_code(row: &Row<'_>) -> Result<MailedCode, StoreError> {
    Ok(MailedCode {
        id: row.text(0)?,
        purpose: row.parsed(1)?,
        user_id: row.optional_parsed(2)?,
        email: row.parsed(3)?,
        digest: row.parsed(4)?,
        details: row.text(5)?,
        attempts_left: row.small(6)?,
        created_at: row.timestamp(7)?,
        expires_at: row.timestamp(8)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::fixture::{
        NOW, committed, digest,
        people::{LATER, SignedIn, permitted_of_sixty_four},
    };

    fn code(id: &str, user: Option<&UserId>) -> MailedCode {
        MailedCode {
            id: id.to_owned(),
            purpose: CodePurpose::ResetPassword,
            user_id: user.cloned(),
            email: "ada@example.com".parse().unwrap(),
            digest: digest(id),
            details: String::new(),
            attempts_left: 5,
            created_at: NOW,
            expires_at: LATER,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_right_codes_at_once_one_is_permitted() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let code = code("1", Some(&user.id));
        committed!(db, |tx| insert(tx, &code, 1));
        let permitted = permitted_of_sixty_four(|| {
            let (db, digest, right) = (db.clone(), code.digest.clone(), CodeCheck::Right(Box::new(code.clone())));
            async move { committed!(db, |tx| take(tx, "1", CodePurpose::ResetPassword, &digest, NOW)) == right }
        });
        assert_eq!(permitted.await, 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_wrong_codes_at_once_five_are_looked_at_and_then_not_even_the_right_one() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let code = code("1", Some(&user.id));
        committed!(db, |tx| insert(tx, &code, 1));
        let looked_at = permitted_of_sixty_four(|| {
            let (db, wrong) = (db.clone(), digest("wrong"));
            async move { committed!(db, |tx| take(tx, "1", CodePurpose::ResetPassword, &wrong, NOW)) != CodeCheck::Gone }
        });
        assert_eq!(looked_at.await, 5);
        let late = committed!(db, |tx| take(tx, "1", CodePurpose::ResetPassword, &code.digest, NOW));
        assert_eq!(late, CodeCheck::Gone);
    }

    #[tokio::test]
    async fn a_code_is_good_for_its_purpose_and_until_its_end() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        let code = code("1", Some(&user.id));
        committed!(db, |tx| insert(tx, &code, 1));
        assert_eq!(find(&db, "1", CodePurpose::ResetPassword, NOW).await.unwrap().as_ref(), Some(&code));
        assert_eq!(committed!(db, |tx| take(tx, "1", CodePurpose::SignUp, &code.digest, NOW)), CodeCheck::Gone);
        let late = committed!(db, |tx| take(tx, "1", CodePurpose::ResetPassword, &code.digest, LATER));
        assert_eq!(late, CodeCheck::Gone);
        let wrong = committed!(db, |tx| take(tx, "1", CodePurpose::ResetPassword, &digest("wrong"), NOW));
        assert_eq!(wrong, CodeCheck::Wrong { attempts_left: 4 });
        assert_eq!(committed!(db, |tx| delete_expired(tx, LATER - Seconds(1))), 0);
        assert_eq!(committed!(db, |tx| delete_expired(tx, LATER)), 1);
    }

    #[tokio::test]
    async fn only_the_newest_codes_of_an_address_live() {
        let SignedIn { db, user, .. } = SignedIn::new().await;
        for (number, id) in ["1", "2", "3"].into_iter().enumerate() {
            let created_at = NOW + Seconds(i64::try_from(number).unwrap());
            let code = MailedCode { created_at, ..code(id, Some(&user.id)) };
            committed!(db, |tx| insert(tx, &code, 2));
        }
        let mut live = Vec::new();
        for id in ["1", "2", "3"] {
            live.push(find(&db, id, CodePurpose::ResetPassword, NOW).await.unwrap().is_some());
        }
        assert_eq!(live, [false, true, true]);
        assert_eq!(committed!(db, |tx| delete_of_user(tx, &user.id, CodePurpose::ResetPassword)), 2);
    }
}

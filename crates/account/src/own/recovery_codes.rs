//! `/account/recovery-codes`.

use axum::response::Response;
use http::header::SET_COOKIE;
use tollgate_crypto::SecretText;
use tollgate_model::id::UserId;
use tollgate_pages::views::factors::RecoveryCodes;
use tollgate_store::recovery_codes;

use crate::{
    carried::{FRESH_CODES, STEP_LIFETIME},
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
    setback,
    visit::Visit,
};

/// Shows new codes once, and how many there are.
pub(crate) async fn show(member: Member) -> Result<Response, Halt> {
    member.signed_in_recently()?;
    let Member { visit, signed_in } = &member;
    let user = &signed_in.user.id;
    let left = visit.people().recovery_codes_left(user).await?;
    let view = RecoveryCodes {
        fresh: fresh(visit, user),
        left: u32::try_from(left).unwrap_or(u32::MAX),
        made_at: recovery_codes::made_at(&visit.account.house().db, user).await?,
    };
    let mut response = member.page(|frame| view.render(frame));
    response.headers_mut().append(SET_COOKIE, visit.cookies().delete(FRESH_CODES));
    Ok(response)
}

/// Makes new codes; the old ones open nothing any more.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    member.signed_in_recently()?;
    let Member { visit, signed_in } = &member;
    let made = visit.people().regenerate_recovery_codes(signed_in, &visit.visitor(), visit.now()).await;
    Ok(match made {
        Ok(codes) => carrying(visit, &signed_in.user.id, &codes),
        Err(refused) => Onward::to("/account/recovery-codes").problem(setback::of_factor(visit, refused)?),
    }
    .see_other())
}

fn seal_purpose(user: &UserId) -> String {
    format!("fresh recovery codes {user}")
}

/// To the page that shows these codes. They travel sealed: the answer to a form is a redirect, and the server keeps
/// digests alone.
pub(crate) fn carrying(visit: &Visit, user: &UserId, codes: &[SecretText]) -> Onward {
    let house = visit.account.house();
    let text = codes.iter().map(SecretText::reveal).collect::<Vec<_>>().join("\n");
    let sealed = house.master_key.seal(&*house.entropy, &seal_purpose(user), text.as_bytes());
    Onward::to("/account/recovery-codes").cookie(visit.cookies().write(FRESH_CODES, &sealed, Some(STEP_LIFETIME)))
}

fn fresh(visit: &Visit, user: &UserId) -> Vec<String> {
    let Some(sealed) = visit.cookie(FRESH_CODES) else { return Vec::new() };
    let Ok(opened) = visit.account.house().master_key.open(&seal_purpose(user), sealed) else { return Vec::new() };
    let text = String::from_utf8_lossy(opened.reveal());
    text.lines().map(str::to_owned).collect()
}

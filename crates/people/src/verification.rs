//! Proving that an address reaches the person of an account.

use tollgate_model::Timestamp;
use tollgate_store::{activities, mailed_codes::CodePurpose, users};

use crate::{
    Flow, People, Refused, SignedIn, Visitor,
    activity::Action,
    codes::{CODE_LIFETIME, Details, NewFlow, Taken},
};

impl People {
    /// Sends a code to the address of the signed-in person.
    pub async fn begin_verification(
        &self,
        signed_in: &SignedIn,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Flow, Refused> {
        let user = &signed_in.user;
        self.count_mail(&user.email, visitor, now).await?;
        let new = NewFlow {
            purpose: CodePurpose::VerifyEmail,
            user_id: Some(user.id.clone()),
            email: user.email.clone(),
            details: Details { language: user.language.clone(), name: Some(user.name.clone()), ..Details::default() },
            lifetime: CODE_LIFETIME,
        };
        let made = self.make_flow(&new, now);
        self.write_flow(&made, &self.code_mail(&new, &made, now)).await?;
        Ok(made.flow())
    }

    /// Takes the code. It counts for the address that it was sent to and for the person who asked for it.
    pub async fn finish_verification(
        &self,
        signed_in: &SignedIn,
        flow: &str,
        code: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let row = self.flow(flow, CodePurpose::VerifyEmail, now).await?;
        let user = self.present_user(&signed_in.user.id).await?;
        if row.user_id.as_ref() != Some(&user.id) || row.email != user.email {
            return Err(Refused::CodeOver);
        }
        let attempt = self.attempt(Some(&user.email), visitor, now).await?;
        let entry = self.entry(Action::EmailVerified, &user.id, None, visitor, now);
        let taken = self.house().db.transact::<_, Refused>(async |tx| {
            let taken = self.take_code(tx, &row, code, now).await?;
            if taken == Taken::Right {
                users::set_email_verified(tx, &user.id, true).await?;
                activities::insert(tx, &entry).await?;
            }
            Ok(taken)
        });
        taken.await?.accepted()?;
        attempt.give_back().await?;
        Ok(())
    }
}

//! Recovery codes: ten codes on paper, each good for one sign-in when the other factors are out of reach.

use tollgate_crypto::{Digest, DigestKey, Entropy, SecretText, entropy};
use tollgate_model::{Timestamp, id::UserId};
use tollgate_store::{activities, recovery_codes};
use tollgate_web::Fault;

use crate::{
    FactorRefused, People, SignedIn, Visitor,
    activity::Action,
    factors::{is_recent, ways},
};

const CODES: usize = 10;
/// Of five bits each: 50 bits, against the few attempts that the throttle lets through.
const CODE_CHARS: usize = 10;
/// Base32 as Crockford writes it: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// New codes, in clear for the one time that they are shown.
pub(crate) struct RecoveryCodes(Vec<SecretText>);

impl RecoveryCodes {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self((0..CODES).map(|_| SecretText::from(code(entropy))).collect())
    }

    /// What is stored of them.
    pub(crate) fn digests(&self, key: &DigestKey, user: &UserId) -> Vec<Digest> {
        self.0.iter().map(|code| digest(key, user, code.reveal())).collect()
    }

    /// As they are shown: two groups with a dash.
    pub(crate) fn into_shown(self) -> Vec<SecretText> {
        let shown = |code: &SecretText| {
            let (first, second) = code.reveal().split_at(CODE_CHARS / 2);
            SecretText::from(format!("{first}-{second}"))
        };
        self.0.iter().map(shown).collect()
    }
}

impl People {
    /// How many codes a person has left.
    pub async fn recovery_codes_left(&self, user: &UserId) -> Result<usize, Fault> {
        let left = recovery_codes::count(&self.house().db, user).await?;
        Ok(usize::try_from(left).unwrap_or_default())
    }

    /// Ten new codes in place of all earlier ones, to be shown once. Only for who has a factor that they stand in for.
    pub async fn regenerate_recovery_codes(
        &self,
        signed_in: &SignedIn,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Vec<SecretText>, FactorRefused> {
        if !is_recent(signed_in, now) {
            return Err(FactorRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user.id);
        let codes = RecoveryCodes::generate(&*house.entropy);
        let digests = codes.digests(&house.digest_key, user);
        let made = self.entry(Action::RecoveryCodesMade, user, None, visitor, now);
        house
            .db
            .transact(async |tx| {
                let own = ways(tx, user).await?;
                if !own.authenticator && !own.passkey {
                    return Err(FactorRefused::NotEnrolled);
                }
                recovery_codes::replace_all(tx, user, &digests, now).await?;
                Ok(activities::insert(tx, &made).await?)
            })
            .await?;
        Ok(codes.into_shown())
    }
}

/// The digest of what somebody typed, if it has the shape of a recovery code. Case, spaces and dashes do not matter, and
/// letters that look like digits count as those.
pub(crate) fn digest_of(key: &DigestKey, user: &UserId, typed: &str) -> Option<Digest> {
    let plain = |c: &char| !c.is_whitespace() && *c != '-';
    let code: String = typed.chars().filter(plain).take(CODE_CHARS + 1).map(canonical).collect();
    let fits = code.len() == CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then(|| digest(key, user, &code))
}

fn canonical(typed: char) -> char {
    match typed.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    }
}

/// The same code of another person has another digest.
fn digest(key: &DigestKey, user: &UserId, code: &str) -> Digest {
    key.digest("recovery code", format!("{user} {code}").as_bytes())
}

fn code(entropy: &dyn Entropy) -> String {
    let random = entropy::bytes::<CODE_CHARS>(entropy);
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::{MasterKey, SystemEntropy};

    use super::*;

    #[test]
    fn a_code_is_recognised_however_it_is_typed_and_belongs_to_one_person() {
        let key = MasterKey::generate(&SystemEntropy).digest_key();
        let [ada, bob] = [0, 1].map(|_| UserId::generate(&SystemEntropy, "AdobeID"));
        let stored = digest(&key, &ada, "0123456789");
        for typed in ["0123456789", "01234-56789", " o1234 5678 9", "OI234-56789", "0l234-56789"] {
            assert_eq!(digest_of(&key, &ada, typed), Some(stored.clone()), "{typed}");
            assert_ne!(digest_of(&key, &bob, typed), Some(stored.clone()), "{typed}");
        }
    }

    #[test]
    fn what_has_another_shape_is_no_recovery_code() {
        let key = MasterKey::generate(&SystemEntropy).digest_key();
        let ada = UserId::generate(&SystemEntropy, "AdobeID");
        for typed in ["", "123456", "0123456789a", "012345678u", "012345678é", &"0".repeat(10_000)] {
            assert_eq!(digest_of(&key, &ada, typed), None, "{typed:.20}");
        }
    }

    #[test]
    fn ten_different_codes_are_made_and_shown_in_two_groups() {
        let codes = RecoveryCodes::generate(&SystemEntropy).into_shown();
        let distinct: std::collections::HashSet<_> = codes.iter().map(SecretText::reveal).collect();
        assert_eq!(distinct.len(), CODES);
        assert!(codes.iter().all(|code| code.reveal().len() == 11 && code.reveal().as_bytes()[5] == b'-'));
    }
}

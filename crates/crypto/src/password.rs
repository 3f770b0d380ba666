//! Passwords of people: slow, salted hashes, since people choose what can be guessed.

use argon2::{
    ARGON2ID_IDENT, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::Error,
};

use crate::{CryptoError, Entropy, entropy};

/// Longest password that is hashed; a longer one would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 256;

/// The parameters of new hashes: 19 MiB, two passes, one lane (OWASP's recommendation for argon2id).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The most that a stored hash may demand, so that an altered row cannot exhaust the machine.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

/// The argon2id hash (RFC 9106) of `password` in PHC form. Takes tens of milliseconds: never on an async worker.
///
/// ```
/// # use tollgate_crypto::{SystemEntropy, password};
/// let stored = password::hash(&SystemEntropy, "correct horse")?;
/// assert!(password::verify(&stored, "correct horse")?);
/// assert!(!password::verify(&stored, "Correct horse")?);
/// # Ok::<(), tollgate_crypto::CryptoError>(())
/// ```
pub fn hash(entropy: &dyn Entropy, password: &str) -> Result<String, CryptoError> {
    if !has_allowed_length(password) {
        return Err(CryptoError::PasswordLength { bytes_max: PASSWORD_BYTES_MAX });
    }
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within the algorithm's bounds");
    let salt: [u8; 16] = entropy::bytes(entropy);
    let hashed = Argon2::from(params).hash_password_with_salt(password.as_bytes(), &salt);
    hashed.map(|hash| hash.to_string()).map_err(|_| CryptoError::PasswordHash)
}

/// Whether `given` is the password whose hash is `phc`. Costs as much as [`hash`].
pub fn verify(phc: &str, given: &str) -> Result<bool, CryptoError> {
    let stored = PasswordHash::new(phc).map_err(|_| CryptoError::PasswordHash)?;
    let params = Params::try_from(&stored).map_err(|_| CryptoError::PasswordHash)?;
    let affordable = params.m_cost() <= MEMORY_KIB_MAX && params.t_cost() <= PASSES_MAX && params.p_cost() <= LANES_MAX;
    let complete = stored.salt.is_some() && stored.hash.is_some() && stored.version == Some(Version::V0x13.into());
    if stored.algorithm != ARGON2ID_IDENT || !affordable || !complete {
        return Err(CryptoError::PasswordHash);
    }
    if !has_allowed_length(given) {
        return Ok(false);
    }
    match Argon2::default().verify_password(given.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(CryptoError::PasswordHash),
    }
}

/// Whether `phc` was made with other parameters than new hashes are, so that it should be made anew when the password is
/// known next.
pub fn is_outdated(phc: &str) -> bool {
    let params = PasswordHash::new(phc).ok().and_then(|stored| Params::try_from(&stored).ok());
    params.is_none_or(|own| (own.m_cost(), own.t_cost(), own.p_cost()) != (MEMORY_KIB, PASSES, LANES))
}

/// A hash that no password is known for. Verifying against it takes as long as against a real one, so that nobody can
/// tell by the time whether an account exists.
pub fn unmatched() -> String {
    let [salt, hash] = [22, 43].map(|characters| "A".repeat(characters));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

fn has_allowed_length(password: &str) -> bool {
    (1..=PASSWORD_BYTES_MAX).contains(&password.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn a_password_verifies_against_its_own_hash_only_and_no_two_hashes_are_equal() {
        let stored = hash(&SystemEntropy, "correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verify(&stored, "correct horse"), Ok(true));
        assert_eq!(verify(&stored, "correct hors"), Ok(false));
        assert_eq!(verify(&stored, ""), Ok(false));
        assert_ne!(hash(&SystemEntropy, "correct horse").unwrap(), stored);
    }

    #[test]
    fn a_password_that_is_empty_or_too_long_costs_no_hashing() {
        let too_long = "a".repeat(PASSWORD_BYTES_MAX + 1);
        assert!(matches!(hash(&SystemEntropy, &too_long), Err(CryptoError::PasswordLength { .. })));
        assert!(matches!(hash(&SystemEntropy, ""), Err(CryptoError::PasswordLength { .. })));
        let stored = hash(&SystemEntropy, &too_long[1..]).unwrap();
        assert_eq!(verify(&stored, &too_long), Ok(false));
    }

    #[test]
    fn a_hash_with_other_parameters_is_outdated_and_the_unmatched_one_is_an_ordinary_hash() {
        let stored = hash(&SystemEntropy, "correct horse").unwrap();
        assert!(!is_outdated(&stored));
        assert!(is_outdated(&stored.replace("t=2", "t=3")));
        assert!(is_outdated("nonsense"));
        assert!(!is_outdated(&unmatched()));
        assert_eq!(verify(&unmatched(), "correct horse"), Ok(false));
    }

    #[test]
    fn a_stored_hash_that_is_not_ours_or_demands_too_much_is_a_fault() {
        let stored = hash(&SystemEntropy, "correct horse").unwrap();
        for bad in [
            String::new(),
            "correct horse".to_owned(),
            stored.replace("argon2id", "argon2i"),
            stored.replace("m=19456", "m=4194304"),
            stored.replace("t=2", "t=4000000"),
            stored.replace("v=19", "v=16"),
            stored[..stored.rfind('$').unwrap()].to_owned(),
        ] {
            assert_eq!(verify(&bad, "correct horse"), Err(CryptoError::PasswordHash), "{bad}");
        }
    }
}

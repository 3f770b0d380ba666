//! When client secrets were last accepted: noted in memory on the way of a request, written in batches by a worker.

use std::{collections::HashMap, time::Duration};

use tollgate_model::{Seconds, Timestamp, id::SecretId};
use tollgate_store::{Db, StoreError, secrets};

/// Time between two writes.
pub(crate) const FLUSH_PERIOD: Duration = Duration::from_secs(2);
/// Most secrets written in one transaction.
const BATCH_SECRETS_MAX: usize = 500;
/// A secret that was not used for so long is not kept in memory.
const KEPT: Seconds = Seconds(3_600);

/// The minute in which each secret was last accepted. At most one entry for each secret that was used within the hour.
#[derive(Debug, Default)]
pub(crate) struct LastUsed {
    minutes: papaya::HashMap<SecretId, Timestamp>,
}

impl LastUsed {
    /// Notes a use. A second use within the same minute costs one look-up.
    pub(crate) fn note(&self, secret: &SecretId, now: Timestamp) {
        let minute = minute(now);
        let minutes = self.minutes.pin();
        if minutes.get(secret).is_none_or(|noted| *noted < minute) {
            minutes.insert(secret.clone(), minute);
        }
    }

    /// What was noted since `written`, and is not in it yet.
    fn unwritten(&self, written: &HashMap<SecretId, Timestamp>) -> Vec<(SecretId, Timestamp)> {
        let minutes = self.minutes.pin();
        let changed = minutes.iter().filter(|(secret, minute)| written.get(*secret) != Some(*minute));
        changed.map(|(secret, minute)| (secret.clone(), *minute)).collect()
    }

    /// Forgets what has been written and was not used for long.
    fn forget(&self, written: &mut HashMap<SecretId, Timestamp>, now: Timestamp) {
        let minutes = self.minutes.pin();
        written.retain(|secret, minute| {
            let keep = *minute + KEPT > now;
            if !keep {
                // Used again since: then the newer minute stays, to be written.
                let _ = minutes.remove_if(secret, |_, noted| noted == minute);
            }
            keep
        });
    }
}

/// Writes what was noted; remembers between two rounds what it wrote.
#[derive(Debug, Default)]
pub(crate) struct Flush {
    written: HashMap<SecretId, Timestamp>,
}

impl Flush {
    /// One round. After a fault, the next round tries the same again.
    pub(crate) async fn round(&mut self, last_used: &LastUsed, db: &Db, now: Timestamp) -> Result<(), StoreError> {
        let uses = last_used.unwritten(&self.written);
        for batch in uses.chunks(BATCH_SECRETS_MAX) {
            db.transact::<_, StoreError>(async |tx| secrets::touch_last_used(tx, batch).await).await?;
            self.written.extend(batch.iter().cloned());
        }
        last_used.forget(&mut self.written, now);
        Ok(())
    }
}

const fn minute(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds(now.seconds().div_euclid(60) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn secret(digit: char) -> SecretId {
        digit.to_string().repeat(32).parse().unwrap()
    }

    #[test]
    fn uses_within_a_minute_are_written_once_and_old_ones_forgotten() {
        let last_used = LastUsed::default();
        let mut written = HashMap::new();
        last_used.note(&secret('a'), NOW);
        last_used.note(&secret('a'), NOW + Seconds(1));
        last_used.note(&secret('b'), NOW);
        let uses = last_used.unwritten(&written);
        assert_eq!(uses.len(), 2);
        written.extend(uses);
        last_used.note(&secret('a'), NOW + Seconds(2));
        assert!(last_used.unwritten(&written).is_empty());
        last_used.note(&secret('a'), NOW + Seconds(3_700));
        assert_eq!(last_used.unwritten(&written), [(secret('a'), minute(NOW + Seconds(3_700)))]);
        last_used.forget(&mut written, NOW + Seconds(7_000));
        assert!(written.is_empty());
        assert_eq!(last_used.minutes.pin().len(), 1, "the later use of a is still to be written");
    }

    #[test]
    fn an_earlier_clock_does_not_take_a_use_back() {
        let last_used = LastUsed::default();
        last_used.note(&secret('a'), NOW);
        last_used.note(&secret('a'), NOW - Seconds(600));
        assert_eq!(last_used.unwritten(&HashMap::new()), [(secret('a'), minute(NOW))]);
    }
}

//! Counted calls per minute, credential, service and class of status.

use tollgate_model::{
    Timestamp,
    id::{ClientId, ServiceCode},
};

use crate::{Query, Row, StoreError, Transaction, params, statements};

statements! {
    /// Adds to the count of the minute.
    ADD = "
        insert into usage (minute_at, client_id, service_code, status_class, calls)
        values ($1, $2, $3, $4, $5)
        on conflict (minute_at, client_id, service_code, status_class)
            do update set calls = usage.calls + excluded.calls";

    /// The next counts after the row `$6`, `$7`, `$8`, `$9`, summed over spans of `$1` microseconds: calls from `$2`
    /// until before `$3`, perhaps of one credential, perhaps to one service.
    LIST = "
        select minute_at - minute_at % $1 as span_at, client_id, service_code, status_class,
            cast(sum(calls) as bigint)
        from usage
        where minute_at >= $2 and minute_at < $3
            and (client_id = $4 or $4 is null)
            and (service_code = $5 or $5 is null)
            and (minute_at - minute_at % $1, client_id, service_code, status_class) > ($6, $7, $8, $9)
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4 limit $10";

    /// Deletes the counts of minutes before `$1`.
    DELETE_BEFORE = "delete from usage where minute_at < $1";
}

/// Calls of one credential to one service with one class of answers, in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageRow {
    /// When the span begins; at least a whole minute.
    pub minute: Timestamp,
    /// Who called.
    pub client_id: ClientId,
    /// What was called.
    pub service_code: ServiceCode,
    /// The first digit of the status, 1 to 5.
    pub status_class: u8,
    /// How many calls.
    pub calls: i64,
}

/// Over what time calls are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageSpan {
    /// One minute.
    Minute,
    /// One hour.
    Hour,
    /// One UTC day.
    Day,
    /// All the time that is asked for.
    Whole,
}

impl UsageSpan {
    const fn micros(self) -> i64 {
        match self {
            Self::Minute => 60_000_000,
            Self::Hour => 3_600_000_000,
            Self::Day => 86_400_000_000,
            Self::Whole => i64::MAX,
        }
    }
}

/// Which counts a list holds.
#[derive(Debug, Clone, Copy)]
pub struct UsageFilter<'a> {
    /// From this minute.
    pub from: Timestamp,
    /// Until before this minute.
    pub until: Timestamp,
    /// Of this credential; `None` for all.
    pub client: Option<&'a ClientId>,
    /// To this service; `None` for all.
    pub service: Option<&'a ServiceCode>,
    /// Summed over such spans.
    pub span: UsageSpan,
}

/// Adds calls to the counts of their minutes.
pub async fn add(tx: &mut Transaction, mut rows: Vec<UsageRow>) -> Result<(), StoreError> {
    // In one order everywhere, so that two nodes that add to the same rows wait for each other in turn.
    rows.sort_unstable();
    for row in &rows {
        let values = params![minute(row.minute), &row.client_id, &row.service_code, row.status_class, row.calls];
        tx.run(&ADD, &values).await?;
    }
    Ok(())
}

/// The next counts that `filter` asks for after the last one of the page before, by time, credential, service and
/// status, at most `rows_max`. With [`UsageSpan::Whole`] every row begins at `filter.from`.
pub async fn list(
    query: impl Query,
    filter: UsageFilter<'_>,
    after: Option<&UsageRow>,
    rows_max: u32,
) -> Result<Vec<UsageRow>, StoreError> {
    let whole = filter.span == UsageSpan::Whole;
    let span_at = |row: &UsageRow| if whole { Timestamp::from_micros(0) } else { row.minute };
    let values = params![
        filter.span.micros(),
        filter.from,
        filter.until,
        filter.client,
        filter.service,
        after.map_or(Timestamp::from_micros(i64::MIN), span_at),
        after.map_or("", |row| row.client_id.as_str()),
        after.map_or("", |row| row.service_code.as_str()),
        after.map_or(0, |row| row.status_class),
        rows_max,
    ];
    let mut rows = query.all(&LIST, &values, usage).await?;
    if whole {
        for row in &mut rows {
            row.minute = filter.from;
        }
    }
    Ok(rows)
}

/// Deletes the counts of minutes before `instant`; tells how many.
pub async fn delete_before(tx: &mut Transaction, instant: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_BEFORE, &params![instant]).await
}

/// The minute that an instant is in.
fn minute(instant: Timestamp) -> Timestamp {
    Timestamp::from_micros(instant.micros() - instant.micros().rem_euclid(UsageSpan::Minute.micros()))
}

fn usage(row: &Row<'_>) -> Result<UsageRow, StoreError> {
    let status_class = row.integer(3)?;
    Ok(UsageRow {
        minute: row.timestamp(0)?,
        client_id: row.parsed(1)?,
        service_code: row.parsed(2)?,
        status_class: u8::try_from(status_class).map_err(|_| row.corrupt(3, "class of status"))?,
        calls: row.integer(4)?,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_model::Seconds;

    use super::*;
    use crate::{
        Db,
        fixture::{NOW, committed},
    };

    fn row(at: Timestamp, client: &str, status_class: u8, calls: i64) -> UsageRow {
        let (client_id, service_code) = (client.parse().unwrap(), "StockSDK".parse().unwrap());
        UsageRow { minute: at, client_id, service_code, status_class, calls }
    }

    const ALL: UsageFilter<'static> = UsageFilter {
        from: NOW,
        until: Timestamp::from_seconds(1_800_000_000 + 86_400),
        client: None,
        service: None,
        span: UsageSpan::Minute,
    };

    #[tokio::test]
    async fn calls_of_one_minute_are_added_up_and_others_kept_apart() {
        let db = Db::temporary().await.unwrap();
        for _ in 0..2 {
            let rows = vec![
                row(NOW + Seconds(59), "b", 2, 5),
                row(NOW, "a", 2, 1),
                row(NOW, "a", 4, 1),
                row(NOW + Seconds(60), "a", 2, 1),
            ];
            committed!(db, |tx| add(tx, rows.clone()));
        }
        let expected =
            [row(NOW, "a", 2, 2), row(NOW, "a", 4, 2), row(NOW, "b", 2, 10), row(NOW + Seconds(60), "a", 2, 2)];
        assert_eq!(list(&db, ALL, None, 10).await.unwrap(), expected);
        assert_eq!(list(&db, ALL, Some(&expected[1]), 1).await.unwrap(), expected[2..3]);
        assert_eq!(list(&db, ALL, Some(&expected[3]), 10).await.unwrap(), []);
    }

    #[tokio::test]
    async fn lists_are_of_one_credential_one_service_a_time_and_sum_over_spans() {
        let db = Db::temporary().await.unwrap();
        let rows = vec![
            row(NOW, "a", 2, 1),
            row(NOW + Seconds(60), "a", 2, 2),
            row(NOW + Seconds(3_600), "a", 2, 4),
            row(NOW, "b", 5, 8),
        ];
        committed!(db, |tx| add(tx, rows.clone()));
        let a: ClientId = "a".parse().unwrap();
        let absent: ServiceCode = "Absent".parse().unwrap();
        let counts = async |filter| {
            let rows = list(&db, filter, None, 10).await.unwrap();
            rows.into_iter().map(|row| (row.minute, row.calls)).collect::<Vec<_>>()
        };
        let hours = UsageFilter { client: Some(&a), span: UsageSpan::Hour, ..ALL };
        assert_eq!(counts(hours).await, [(NOW, 3), (NOW + Seconds(3_600), 4)]);
        assert_eq!(counts(UsageFilter { service: Some(&absent), ..ALL }).await, []);
        assert_eq!(counts(UsageFilter { until: NOW + Seconds(60), ..ALL }).await, [(NOW, 1), (NOW, 8)]);

        let whole = UsageFilter { span: UsageSpan::Whole, ..ALL };
        assert_eq!(counts(whole).await, [(NOW, 7), (NOW, 8)]);
        let first = list(&db, whole, None, 1).await.unwrap();
        let rest = list(&db, whole, first.first(), 10).await.unwrap();
        assert_eq!(rest, [row(NOW, "b", 5, 8)]);
    }

    #[tokio::test]
    async fn old_counts_are_deleted_and_younger_ones_stay() {
        let db = Db::temporary().await.unwrap();
        committed!(db, |tx| add(tx, vec![row(NOW, "a", 2, 1), row(NOW + Seconds(60), "a", 2, 1)]));
        assert_eq!(committed!(db, |tx| delete_before(tx, NOW + Seconds(60))), 1);
        assert_eq!(list(&db, ALL, None, 10).await.unwrap(), [row(NOW + Seconds(60), "a", 2, 1)]);
    }
}

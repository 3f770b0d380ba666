use tollgate_model::{Seconds, Timestamp, id::ClientId};
use tollgate_store::usage::{self, UsageRow};

use super::{Fixture, code, organization, refused};
use crate::{
    Error, Refusal,
    usage::{LINES_MAX, UsageQuestion, UsageSpan},
};

const START: Timestamp = Timestamp::from_seconds(1_799_971_200);

fn question() -> UsageQuestion {
    UsageQuestion {
        from: START,
        until: START + Seconds(2 * Seconds::DAY.0),
        organization: None,
        client_id: None,
        service: None,
        span: UsageSpan::Whole,
        by_credential: true,
        by_service: true,
    }
}

fn row(client_id: &ClientId, service: &str, minutes: i64, status_class: u8, calls: i64) -> UsageRow {
    let minute = START + Seconds(60 * minutes);
    UsageRow { minute, client_id: client_id.clone(), service_code: code(service), status_class, calls }
}

async fn counted(fixture: &Fixture, rows: Vec<UsageRow>) {
    let stored = fixture.db.transact(async |tx| usage::add(tx, rows).await.map_err(Error::from)).await;
    stored.unwrap();
}

#[tokio::test]
async fn calls_are_told_apart_by_credential_service_time_and_answer_as_asked() {
    let fixture = Fixture::new().await;
    let own = fixture.server_to_server().await;
    let gone: ClientId = "gone".parse().unwrap();
    let rows = vec![
        row(&own, "OneSDK", 0, 2, 5),
        row(&own, "OneSDK", 0, 4, 1),
        row(&own, "OneSDK", 61, 2, 7),
        row(&own, "TwoSDK", 1, 2, 3),
        row(&gone, "OneSDK", 1_441, 5, 2),
    ];
    counted(&fixture, rows).await;
    let report = |question: UsageQuestion| {
        let console = fixture.console.clone();
        async move { console.usage_report(&question).await.unwrap() }
    };

    let whole = report(question()).await;
    assert_eq!(whole.total.by_status_class, [0, 15, 0, 1, 2]);
    assert_eq!(whole.lines.len(), 3);
    assert!(whole.lines.iter().all(|line| line.at.is_none()));
    let by_hour = report(UsageQuestion { span: UsageSpan::Hour, client_id: Some(own.clone()), ..question() }).await;
    assert_eq!(by_hour.lines.iter().map(|line| line.calls.total()).collect::<Vec<_>>(), [6, 3, 7]);
    let by_day = UsageQuestion { span: UsageSpan::Day, by_credential: false, by_service: false, ..question() };
    let by_day = report(by_day).await;
    assert_eq!(by_day.lines.iter().map(|line| line.calls.total()).collect::<Vec<_>>(), [16, 2]);
    assert_eq!(by_day.lines[1].at, Some(START + Seconds::DAY));
    let one_service = report(UsageQuestion { service: Some(code("TwoSDK")), ..question() }).await;
    assert_eq!(one_service.total.total(), 3);
    let own_organization = Some(fixture.organization.id.clone());
    assert_eq!(report(UsageQuestion { organization: own_organization, ..question() }).await.total.total(), 16);
}

#[tokio::test]
async fn within_another_organization_nothing_is_told() {
    let fixture = Fixture::new().await;
    let own = fixture.server_to_server().await;
    counted(&fixture, vec![row(&own, "OneSDK", 0, 2, 5)]).await;
    let other = fixture.console.create_organization(organization("Other")).await.unwrap();
    let report = fixture.console.within(other.id).usage_report(&question()).await.unwrap();
    assert_eq!(report.total.total(), 0);
}

#[tokio::test]
async fn a_report_that_nobody_could_read_is_refused() {
    let fixture = Fixture::new().await;
    let own: ClientId = "own".parse().unwrap();
    let minutes = i64::try_from(LINES_MAX).unwrap() + 1;
    counted(&fixture, (0..minutes).map(|minute| row(&own, "OneSDK", minute, 2, 1)).collect()).await;
    let long = UsageQuestion { span: UsageSpan::Minute, until: START + Seconds(60 * minutes), ..question() };
    assert_eq!(refused(fixture.console.usage_report(&long).await), Refusal::ReportTooLong(LINES_MAX));
    let by_day = UsageQuestion { span: UsageSpan::Day, ..long };
    assert_eq!(fixture.console.usage_report(&by_day).await.unwrap().total.total(), minutes);
}

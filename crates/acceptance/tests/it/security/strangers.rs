//! Nobody learns who has an account: not by text, not by status, not by time (row 19).

use std::time::{Duration, Instant};

use tollgate_acceptance::{Browser, Page, Tollgate};

/// How often each is measured.
const MEASURED: usize = 12;
/// What one answer may take longer than the other: far less than a password takes to be checked.
const RATIO_MAX: f64 = 1.6;
const DIFFERENCE_MAX: Duration = Duration::from_millis(12);

/// An address that nobody has, as long as those that somebody has.
fn nobody(number: usize) -> String {
    format!("person-{:02}@people.example", number + 50)
}

struct Answered {
    status: u16,
    location: String,
    page: String,
    cookies: Vec<String>,
    took: Duration,
}

/// Sends the form of a page, and what it leads to, without what belongs to this attempt alone.
async fn answered(browser: &mut Browser, page: &Page, fields: &[(&str, &str)], email: &str) -> Answered {
    let form = page.form(fields[0].0);
    let own: Vec<_> = form.fields.iter().filter(|field| field.is_hidden).collect();
    let own = own.iter().map(|field| (field.name.as_str(), field.value.as_str()));
    let sent: Vec<_> = own.chain(fields.iter().copied()).collect();
    let target = page.url.join(&form.action).unwrap();
    let began = Instant::now();
    let answer = browser.post(target.as_str(), &sent).await;
    let took = began.elapsed();
    let location = answer.header("location").to_owned();
    let next = browser.open(&location).await;
    let mut text = next.text().replace(email, "EMAIL");
    for token in next.forms.iter().filter_map(|form| form.value("form_token")) {
        text = text.replace(token, "TOKEN");
    }
    let mut cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    cookies.sort_unstable();
    // Of the cookies the names and the lengths of the values: these are random, or the address itself.
    let cookies = cookies.iter().map(|line| {
        let (pair, rest) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        format!("{name} {} {rest}", value.len())
    });
    Answered { status: answer.status, location, page: text, cookies: cookies.collect(), took }
}

fn assert_alike(what: &str, known: &Answered, unknown: &Answered) {
    assert_eq!(known.status, unknown.status, "{what}");
    assert_eq!(known.location, unknown.location, "{what}");
    assert_eq!(known.page, unknown.page, "{what}");
    assert_eq!(known.cookies, unknown.cookies, "{what}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Tries an address that somebody has and one that nobody has, in turn, and compares what and when was answered.
async fn compare(
    what: &str,
    tollgate: &Tollgate,
    known: &[String],
    attempt: impl AsyncFn(Browser, String) -> Answered,
) {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..MEASURED {
        let own = known[number % known.len()].clone();
        let somebody = attempt(Browser::new(tollgate), own).await;
        let stranger = attempt(Browser::new(tollgate), nobody(number % known.len())).await;
        assert_alike(what, &somebody, &stranger);
        times[0].push(somebody.took);
        times[1].push(stranger.took);
    }
    let [somebody, stranger] = times.map(median);
    let (less, more) = (somebody.min(stranger), somebody.max(stranger));
    let alike = more < less + DIFFERENCE_MAX || more.as_secs_f64() < less.as_secs_f64() * RATIO_MAX;
    assert!(alike, "{what}: {somebody:?} for an account, {stranger:?} for none");
}

#[tokio::test]
async fn whether_an_address_has_an_account_shows_neither_at_sign_in_nor_when_a_password_was_forgotten_nor_at_sign_up() {
    let mut tollgate = Tollgate::set_up();
    let id = tollgate.administer(&["organization", "list"])[0]["id"].as_str().unwrap().to_owned();
    tollgate.administer(&["organization", "update", &id, "--self-sign-up", "true"]);
    tollgate.serve_with(&[("TOLLGATE_SIGN_IN__SIGN_UP_ORGANIZATION", &id)]).await;
    let known: Vec<_> = (0..3).map(|number| tollgate.create_person(&format!("person-{number:02}")).email).collect();

    compare("the address", &tollgate, &known, async |mut browser, email| {
        let page = browser.open("/sign-in").await;
        answered(&mut browser, &page, &[("email", &email)], &email).await
    })
    .await;
    compare("the password", &tollgate, &known, async |mut browser, email| {
        let page = browser.open("/sign-in").await;
        let page = browser.submit(&page, &[("email", &email)]).await;
        answered(&mut browser, &page, &[("password", "not the password 1")], &email).await
    })
    .await;
    compare("a forgotten password", &tollgate, &known, async |mut browser, email| {
        let page = browser.open("/forgot").await;
        answered(&mut browser, &page, &[("email", &email)], &email).await
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_for_an_address_with_an_account_looks_like_any_other_from_outside() {
    let mut tollgate = Tollgate::set_up();
    let id = tollgate.administer(&["organization", "list"])[0]["id"].as_str().unwrap().to_owned();
    tollgate.administer(&["organization", "update", &id, "--self-sign-up", "true"]);
    tollgate.serve_with(&[("TOLLGATE_SIGN_IN__SIGN_UP_ORGANIZATION", &id)]).await;
    let known: Vec<_> = (0..3).map(|number| tollgate.create_person(&format!("person-{number:02}")).email).collect();
    compare("a new account", &tollgate, &known, async |mut browser, email| {
        let page = browser.open("/sign-up").await;
        let new = "a whole new orchard 7";
        let fields = [("email", &*email), ("name", "Grace"), ("country", "NZ"), ("new_password", new)];
        answered(&mut browser, &page, &fields, &email).await
    })
    .await;
    let mail = tollgate.mail_to(&known[0], 1).await;
    assert!(
        !mail.text.split_whitespace().any(|word| word.len() == 4 && word.parse::<u32>().is_ok()),
        "no code: {mail:?}"
    );
}

#[tokio::test]
async fn errors_of_the_token_endpoint_name_no_person() {
    let town = super::Town::new().await;
    let tokens = town.tokens().await;
    town.tollgate.administer(&["user", "delete", &town.person.email]);
    for answer in
        [town.refresh(&tokens.refresh).await, tollgate_acceptance::userinfo(&town.tollgate, &tokens.access).await]
    {
        assert!(answer.status >= 400 && !answer.text.contains("people.example"), "{answer:?}");
        assert!(!answer.text.contains(&town.person.id), "{answer:?}");
    }
}

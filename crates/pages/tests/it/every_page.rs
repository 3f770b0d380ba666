//! Every page in every state that looks different, with a stranger's words in all places that take any.

use tollgate_model::{Seconds, Timestamp};
use tollgate_pages::{
    Account, Application, AskedScope, Branding, Device, Frame, Language, Notice, Problem,
    views::{
        account::{AccountKind, ChangePassword, PasswordState, Profile},
        activity::{Activity, ActivityEntry, Happening},
        applications::{ConnectedApplication, ConnectedApplications},
        consent::Consent,
        device::{DeviceCode, DeviceConfirm, DeviceDone},
        error::{ErrorKind, ErrorPage, Particular},
        factors::{Authenticator, AuthenticatorState, Passkey, Passkeys, RecoveryCodes},
        form_post::FormPost,
        mail::{Mail, MailList, MailPage},
        recovery::{CodePurpose, EnterCode, Forgot, NewPassword, PasswordAdvice, Strength},
        sessions::{SessionRow, Sessions},
        sign_in::{ChooseAccount, ExpiredPassword, Factor, ProviderChoice, SecondFactor, SignIn, SignInPassword},
        sign_out::{GoOn, SignOut, SignedOut},
        sign_up::{Invitation, SignUp},
    },
};

/// A rendered page and the name of its state.
pub(crate) struct Rendered {
    /// The name, such as `sign-in`.
    pub(crate) name: String,
    /// The document.
    pub(crate) html: String,
}

/// The words of strangers.
pub(crate) struct Words<'a> {
    /// A person's name.
    pub(crate) person: &'a str,
    /// A sign-in name.
    pub(crate) email: &'a str,
    /// An application's name.
    pub(crate) application: &'a str,
    /// A publisher's name.
    pub(crate) publisher: &'a str,
    /// The name of an upstream provider or a service.
    pub(crate) service: &'a str,
}

/// Words that make no trouble.
pub(crate) const PLAIN: Words<'static> = Words {
    person: "Ada Lovelace",
    email: "ada@example.com",
    application: "Field Notes",
    publisher: "Example Company",
    service: "Photoshop API",
};

const NOW: Timestamp = Timestamp::from_seconds(1_796_000_000);

/// A frame for `words`, in the middle of a sign-in for an application.
pub(crate) fn frame(language: Language, words: &Words<'_>) -> Frame {
    Frame {
        language,
        branding: Branding { organization_name: words.publisher.to_owned(), logo: None, color: None },
        form_token: "token-of-this-form".to_owned(),
        request: Some("request & more".to_owned()),
        application: Some(words.application.to_owned()),
        signed_in: Some(account(words)),
        problems: Vec::new(),
        notice: None,
        now: NOW,
    }
}

/// Every page in every state.
pub(crate) fn every_page(frame: &Frame, words: &Words<'_>) -> Vec<Rendered> {
    let mut pages = sign_in_pages(frame, words);
    pages.extend(decision_pages(frame, words));
    pages.extend(account_pages(frame, words));
    pages.extend(list_pages(frame, words));
    pages.extend(with_messages(frame, words));
    pages.extend(ErrorKind::ALL.into_iter().enumerate().map(|(position, kind)| {
        let particulars = vec![
            Particular::ClientId(words.application.to_owned()),
            Particular::RedirectUri(words.email.to_owned()),
            Particular::Parameter(words.service.to_owned()),
            Particular::Code("invalid_request".to_owned()),
            Particular::Description(words.person.to_owned()),
        ];
        let page = ErrorPage { kind, request_id: "01K9Z3V8".to_owned(), particulars };
        Rendered { name: format!("error-{position}"), html: page.render(frame) }
    }));
    pages
}

fn rendered(name: &str, html: String) -> Rendered {
    Rendered { name: name.to_owned(), html }
}

fn account(words: &Words<'_>) -> Account {
    Account { name: words.person.to_owned(), email: words.email.to_owned() }
}

fn application(words: &Words<'_>) -> Application {
    Application {
        client_id: "cb20ff2b1d404a77a1d9d2b6e3a5c1f0".to_owned(),
        name: words.application.to_owned(),
        publisher: words.publisher.to_owned(),
        logo: None,
    }
}

fn scopes(words: &Words<'_>, agreed: usize) -> Vec<AskedScope> {
    let names = ["openid", "profile", "email", "read_organizations", "photoshop", "strange_one", "offline_access"];
    let asked = names.iter().enumerate().map(|(position, name)| AskedScope {
        scope: name.parse().expect("the list holds scopes"),
        service: (*name == "photoshop").then(|| words.service.to_owned()),
        agreed: position < agreed,
    });
    asked.collect()
}

fn advice(strength: Option<Strength>) -> PasswordAdvice {
    PasswordAdvice { chars_min: 12, strength }
}

fn sign_in_pages(frame: &Frame, words: &Words<'_>) -> Vec<Rendered> {
    let email = || words.email.to_owned();
    let provider = ProviderChoice {
        id: "0123456789abcdef0123456789abcdef".parse().expect("32 hexadecimal digits"),
        name: words.service.to_owned(),
    };
    let sign_in = SignIn { email: email(), providers: vec![provider], passkeys: true, sign_up: true };
    let sign_up = SignUp {
        name: words.person.to_owned(),
        email: email(),
        country: "GB".to_owned(),
        advice: advice(Some(Strength::Weak)),
    };
    let invitation = Invitation {
        token: "secret\"of'a<link>".to_owned(),
        email: email(),
        name: words.person.to_owned(),
        advice: advice(None),
    };
    let code = |purpose| {
        EnterCode { purpose, email: email(), resend_seconds: 30, code: words.service.to_owned() }.render(frame)
    };
    let second = |factor| SecondFactor { email: email(), factor, codes: true, passkey: true }.render(frame);
    let expired = ExpiredPassword { email: email(), advice: advice(Some(Strength::VeryWeak)) };
    vec![
        rendered("sign-in", sign_in.render(frame)),
        rendered(
            "sign-in-bare",
            SignIn { email: String::new(), providers: vec![], passkeys: false, sign_up: false }.render(frame),
        ),
        rendered("sign-in-password", SignInPassword { email: email() }.render(frame)),
        rendered("second-factor-authenticator", second(Factor::Authenticator)),
        rendered("second-factor-recovery-code", second(Factor::RecoveryCode)),
        rendered("choose-account", ChooseAccount { account: account(words) }.render(frame)),
        rendered("expired-password", expired.render(frame)),
        rendered("sign-up", sign_up.render(frame)),
        rendered("invitation", invitation.render(frame)),
        rendered("forgot", Forgot { email: email() }.render(frame)),
        rendered("code-sign-up", code(CodePurpose::SignUp)),
        rendered("code-reset", code(CodePurpose::Reset)),
        rendered("new-password", NewPassword { email: email(), advice: advice(Some(Strength::Fair)) }.render(frame)),
    ]
}

fn decision_pages(frame: &Frame, words: &Words<'_>) -> Vec<Rendered> {
    let consent = |agreed| Consent {
        application: application(words),
        account: account(words),
        scopes: scopes(words, agreed),
        destination: "app.example.com".to_owned(),
    };
    let confirm = DeviceConfirm {
        user_code: "BDWP-HQPK".to_owned(),
        application: application(words),
        account: account(words),
        scopes: scopes(words, 0),
    };
    let done = |allowed| DeviceDone { allowed, application: words.application.to_owned() }.render(frame);
    let leave =
        |application: Option<&str>| SignOut { account: account(words), application: application.map(str::to_owned) };
    let go_on = GoOn { application: words.application.to_owned(), uri: "https://app.example.com/?a=1&b=2".to_owned() };
    let told = vec![words.application.to_owned(), words.service.to_owned()];
    let parameters = vec![("code".to_owned(), "a\"b<c".to_owned()), ("state".to_owned(), words.person.to_owned())];
    let form_post = FormPost {
        redirect_uri: "https://app.example.com/callback?x=1&y=\"".to_owned(),
        parameters,
        application: words.application.to_owned(),
    };
    vec![
        rendered("consent", consent(0).render(frame)),
        rendered("consent-grown", consent(4).render(frame)),
        rendered("device-code", DeviceCode { user_code: words.service.to_owned() }.render(frame)),
        rendered("device-confirm", confirm.render(frame)),
        rendered("device-done", done(true)),
        rendered("device-refused", done(false)),
        rendered("sign-out", leave(None).render(frame)),
        rendered("sign-out-application", leave(Some(words.application)).render(frame)),
        rendered("signed-out", SignedOut { told, go_on: Some(go_on) }.render(frame)),
        rendered("signed-out-bare", SignedOut { told: vec![], go_on: None }.render(frame)),
        rendered("form-post", form_post.render(frame)),
    ]
}

fn account_pages(frame: &Frame, words: &Words<'_>) -> Vec<Rendered> {
    let profile = |account_kind, name_editable| Profile {
        name: words.person.to_owned(),
        email: words.email.to_owned(),
        email_verified: name_editable,
        account_kind,
        language: Some(Language::Fr),
        country: "DE".to_owned(),
        name_editable,
    };
    let password = |state| ChangePassword { email: words.email.to_owned(), state, advice: advice(None) }.render(frame);
    let modules = (0..29usize).map(|y| (0..29usize).map(|x| (x * y + x / 3 + y / 2) % 3 == 0).collect()).collect();
    let uri = format!("otpauth://totp/Example:{}?secret=JBSWY3DPEHPK3PXP&issuer=Example", words.email);
    let offered = AuthenticatorState::Offered { modules, secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(), uri };
    let codes =
        ["k7qm-2xwd", "9fhp-c4tz", "m3vb-8nrs", "t6yj-5gae", "x2kd-7whq", "p8zc-4mfv", "b5sn-9rtj", "e3ga-6ykx"];
    let fresh = codes.iter().map(|code| (*code).to_owned()).collect();
    let recovery = |fresh, left, made_at| RecoveryCodes { fresh, left, made_at }.render(frame);
    vec![
        rendered("account-profile", profile(AccountKind::Personal, true).render(frame)),
        rendered("account-profile-enterprise", profile(AccountKind::Enterprise, true).render(frame)),
        rendered("account-profile-federated", profile(AccountKind::Federated, false).render(frame)),
        rendered("account-password", password(PasswordState::Set { changed_at: Some(NOW - Seconds(9_000_000)) })),
        rendered("account-password-undated", password(PasswordState::Set { changed_at: None })),
        rendered("account-password-none", password(PasswordState::None)),
        rendered("account-password-elsewhere", password(PasswordState::Elsewhere)),
        rendered("account-authenticator-off", Authenticator { state: AuthenticatorState::Off }.render(frame)),
        rendered("account-authenticator-offered", Authenticator { state: offered }.render(frame)),
        rendered(
            "account-authenticator-on",
            Authenticator { state: AuthenticatorState::On { since: NOW - Seconds(4_000_000) } }.render(frame),
        ),
        rendered("account-recovery-codes-fresh", recovery(fresh, 8, Some(NOW))),
        rendered("account-recovery-codes", recovery(vec![], 1, Some(NOW - Seconds(100_000)))),
        rendered("account-recovery-codes-used-up", recovery(vec![], 0, Some(NOW - Seconds(100_000)))),
        rendered("account-recovery-codes-none", recovery(vec![], 0, None)),
    ]
}

fn list_pages(frame: &Frame, words: &Words<'_>) -> Vec<Rendered> {
    let passkey = |id: &str, last_used_at, synced| Passkey {
        id: id.to_owned(),
        name: words.service.to_owned(),
        created_at: NOW - Seconds(8_000_000),
        last_used_at,
        synced,
    };
    let firefox = Device { browser: Some("Firefox"), system: Some("Linux") };
    let session = |id: &str, device, seconds, current| SessionRow {
        id: id.parse().expect("a slug"),
        device,
        address: "203.0.113.7".to_owned(),
        created_at: NOW - Seconds(seconds * 40),
        last_seen_at: NOW - Seconds(seconds),
        current,
    };
    let phone = Device { browser: Some("Safari"), system: Some("iPhone") };
    let sessions = vec![
        session("s1", firefox, 20, true),
        session("s2", phone, 7_500, false),
        session("s3", Device::default(), 300_000, false),
    ];
    let connected = |agreed, last_used_at| ConnectedApplication {
        application: application(words),
        scopes: scopes(words, agreed),
        since: NOW - Seconds(20_000_000),
        last_used_at,
    };
    let entries = Happening::ALL.iter().enumerate().map(|(position, happening)| ActivityEntry {
        at: NOW - Seconds(i64::try_from(position * position * 900).expect("small")),
        happening: *happening,
        subject: (position % 3 == 0).then(|| words.application.to_owned()),
        device: if position % 2 == 0 { firefox } else { phone },
        address: if position % 5 == 0 { String::new() } else { "2001:db8::7".to_owned() },
    });
    let activity = Activity { entries: entries.collect(), older: Some("page & more".to_owned()) };
    let mail = || Mail {
        id: "1".to_owned(),
        to: words.email.to_owned(),
        subject: words.publisher.to_owned(),
        at: NOW - Seconds(120),
    };
    let text =
        format!("Hello {},\n\nyour code is 123456.\nhttps://example.com/invitation?token=a&b=\"c\"\n", words.person);
    let passkeys = vec![passkey("k1", Some(NOW - Seconds(4_000)), true), passkey("k2", None, false)];
    vec![
        rendered("account-passkeys", Passkeys { passkeys, available: true }.render(frame)),
        rendered("account-passkeys-none", Passkeys { passkeys: vec![], available: false }.render(frame)),
        rendered("account-sessions", Sessions { sessions }.render(frame)),
        rendered(
            "account-applications",
            ConnectedApplications { applications: vec![connected(7, Some(NOW - Seconds(900))), connected(0, None)] }
                .render(frame),
        ),
        rendered("account-applications-none", ConnectedApplications { applications: vec![] }.render(frame)),
        rendered("account-activity", activity.render(frame)),
        rendered("account-activity-none", Activity { entries: vec![], older: None }.render(frame)),
        rendered("mail-list", MailList { mails: vec![mail(), mail()] }.render(frame)),
        rendered("mail-list-none", MailList { mails: vec![] }.render(frame)),
        rendered("mail", MailPage { mail: mail(), text }.render(frame)),
    ]
}

/// Pages that tell of what happened before, and pages of a bare frame.
fn with_messages(frame: &Frame, words: &Words<'_>) -> Vec<Rendered> {
    let wrong = Frame { problems: vec![Problem::PasswordWrong], ..frame.clone() };
    let all_wrong = Frame { problems: Problem::ALL.to_vec(), ..frame.clone() };
    let saved = Frame { notice: Some(Notice::ProfileSaved), ..frame.clone() };
    let bare = Frame { request: None, application: None, signed_in: None, ..frame.clone() };
    let choice = ChooseAccount { account: Account { name: String::new(), email: words.email.to_owned() } };
    let sign_up = SignUp {
        name: String::new(),
        email: String::new(),
        country: String::new(),
        advice: advice(Some(Strength::Strong)),
    };
    let invitation = Invitation {
        token: "t".to_owned(),
        email: words.email.to_owned(),
        name: String::new(),
        advice: advice(Some(Strength::Good)),
    };
    let mut pages = vec![
        rendered("sign-in-password-wrong", SignInPassword { email: words.email.to_owned() }.render(&wrong)),
        rendered("sign-up-all-wrong", sign_up.render(&all_wrong)),
        rendered("invitation-good-password", invitation.render(frame)),
        rendered("passkeys-saved", Passkeys { passkeys: vec![], available: true }.render(&saved)),
        rendered(
            "sign-in-alone",
            SignIn { email: String::new(), providers: vec![], passkeys: true, sign_up: true }.render(&bare),
        ),
        rendered("sign-up-alone", sign_up.render(&bare)),
        rendered("choose-account-alone", choice.render(&bare)),
    ];
    pages.extend(Notice::ALL.iter().map(|notice| {
        let frame = Frame { notice: Some(*notice), ..frame.clone() };
        rendered(&format!("notice-{}", notice.key()), Forgot { email: String::new() }.render(&frame))
    }));
    pages
}

//! Rules that every page keeps.

use std::collections::BTreeSet;

use tollgate_pages::{Color, Frame, ImageUrl, Language, assets};

use crate::{
    every_page::{PLAIN, Rendered, Words, every_page, frame},
    markup::{Tag, tags},
};

/// Names that try to be markup, to end an attribute, and to turn the reading direction.
const HOSTILE: Words<'static> = Words {
    person: "<script>alert(1)</script>",
    email: "\"onfocus='alert(1)'@example.com",
    application: "Good\u{202e}dab</h1><img src=x onerror=alert(1)>",
    publisher: "\u{2066}O'Brien & \"Co\" </title><style>*{}</style>",
    service: "{{ 7 * 7 }} \u{200f}<b>{ $name }</b>",
};

fn all() -> impl Iterator<Item = (Language, Rendered)> {
    Language::ALL.into_iter().flat_map(|language| {
        [&PLAIN, &HOSTILE]
            .into_iter()
            .flat_map(move |words| every_page(&branded(frame(language, words)), words))
            .map(move |page| (language, page))
    })
}

fn branded(frame: Frame) -> Frame {
    let mut frame = frame;
    frame.branding.color = Some("#7a3cff".parse().expect("a color"));
    frame.branding.logo = ImageUrl::parse("https://cdn.example.com/logo.png");
    frame
}

/// Asks `rule` of every page in every language, for plain and for hostile words; a rule answers with what breaks it.
fn holds_everywhere(rule: impl Fn(Language, &str, &[Tag]) -> Option<String>) {
    let mut seen = 0;
    let mut broken = BTreeSet::new();
    for (language, page) in all() {
        seen += 1;
        match tags(&page.html) {
            Ok(tags) => broken.extend(rule(language, &page.html, &tags).map(|what| format!("{}: {what}", page.name))),
            Err(what) => drop(broken.insert(format!("{} ({}): {what}", page.name, language.tag()))),
        }
    }
    assert!(seen > 500, "the pages were rendered: {seen}");
    assert!(broken.is_empty(), "{broken:#?}");
}

fn count(tags: &[Tag], name: &str) -> usize {
    tags.iter().filter(|tag| tag.name == name).count()
}

#[test]
fn every_page_has_its_language_one_title_one_main_part_and_one_heading() {
    holds_everywhere(|language, _, tags| {
        let html = tags.first()?;
        let right = html.get("lang") == Some(language.tag())
            && ["title", "h1", "main"].iter().all(|name| count(tags, name) == 1)
            && tags.iter().any(|tag| tag.get("class") == Some("skip") && tag.get("href") == Some("#main"));
        (!right).then(|| format!("{} h1", count(tags, "h1")))
    });
}

#[test]
fn no_text_is_missing_in_any_language() {
    holds_everywhere(|_, html, _| html.contains("Unknown localization").then(|| "a text is missing".to_owned()));
}

#[test]
fn nothing_is_inline_that_the_policy_forbids() {
    holds_everywhere(|_, _, tags| {
        let inline = tags.iter().find(|tag| {
            tag.name == "style"
                || (tag.name == "script" && tag.get("src").is_none())
                || tag.names().any(|name| name == "style" || name.starts_with("on"))
                || tag.get("href").is_some_and(|href| href.trim_start().to_ascii_lowercase().starts_with("javascript:"))
        });
        inline.map(|tag| format!("<{}> is inline", tag.name))
    });
}

#[test]
fn files_that_pages_load_are_files_that_are_served() {
    holds_everywhere(|_, _, tags| {
        let addresses = tags.iter().filter_map(|tag| match tag.name.as_str() {
            "script" => tag.get("src"),
            "link" => tag.get("href"),
            _ => None,
        });
        let served = |path: &str| {
            let color = path.strip_prefix("/assets/pages/brand/").and_then(|file| file.strip_suffix(".css"));
            color.is_some_and(|digits| Color::of_digits(digits).is_some())
                || assets().iter().any(|asset| asset.path == path)
        };
        addresses.into_iter().find(|path| !served(path)).map(|path| format!("{path} is not served"))
    });
}

#[test]
fn names_of_strangers_stay_text_and_do_not_turn_the_reading_direction() {
    holds_everywhere(|_, html, tags| {
        let turned = html.contains(['\u{202e}', '\u{2066}', '\u{200f}']);
        // What is typed into an input is given back as it is; it stands in no sentence.
        let only_in_inputs = tags
            .iter()
            .filter(|tag| tag.name == "input")
            .filter_map(|tag| tag.get("value"))
            .fold(html.to_owned(), |html, value| if value.is_empty() { html } else { html.replace(value, "") });
        let turned = turned && only_in_inputs.contains(['\u{202e}', '\u{2066}', '\u{200f}']);
        let markup = tags.iter().any(|tag| {
            matches!(tag.name.as_str(), "b" | "style") || tag.get("src") == Some("x") || tag.get("onerror").is_some()
        });
        (turned || markup).then(|| format!("turned: {turned}, markup: {markup}"))
    });
}

#[test]
fn every_form_that_stays_here_has_a_form_token_and_one_that_leaves_has_none() {
    holds_everywhere(|_, _, tags| {
        let forms = tags.iter().filter(|tag| tag.name == "form");
        let token = |form: &Tag| tags.iter().any(|tag| tag.form == form.form && tag.get("name") == Some("form_token"));
        let stays = |form: &Tag| form.get("action").is_some_and(|action| action.starts_with('/'));
        let wrong = |form: &&Tag| form.get("method") != Some("post") || stays(form) != token(form);
        forms.into_iter().find(wrong).map(|form| format!("{:?}", form.get("action")))
    });
}

#[test]
fn the_pending_request_is_carried_on_by_forms_and_links_of_a_sign_in() {
    let page = every_page(&frame(Language::En, &PLAIN), &PLAIN).into_iter().find(|page| page.name == "sign-in");
    let html = page.expect("there is a sign-in page").html;
    assert!(html.contains(r#"name="request" value="request &#38; more""#), "{html}");
    assert!(html.contains(r#"href="/sign-up?request=request%20%26%20more""#), "{html}");
}

#[test]
fn every_input_has_a_label_and_descriptions_that_exist() {
    holds_everywhere(|_, _, tags| {
        let ids: BTreeSet<_> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        let labelled = |tag: &Tag| {
            let by_label = |label: &Tag| label.name == "label" && label.get("for") == tag.get("id");
            tag.get("aria-label").is_some() || (tag.get("id").is_some() && tags.iter().any(by_label))
        };
        let input = |tag: &&Tag| matches!(tag.name.as_str(), "input" | "select") && tag.get("type") != Some("hidden");
        let unlabelled = tags.iter().filter(input).find(|tag| !labelled(tag));
        let described = tags.iter().filter_map(|tag| tag.get("aria-describedby"));
        let dangling = described.flat_map(str::split_whitespace).find(|id| !ids.contains(id));
        let nameless = unlabelled.map(|tag| format!("no label: {:?}", tag.get("name")));
        nameless.or_else(|| dangling.map(|id| format!("no element {id}")))
    });
}

#[test]
fn ids_are_unique_and_no_form_stands_in_another() {
    holds_everywhere(|_, _, tags| {
        let mut ids = BTreeSet::new();
        let twice = tags.iter().filter_map(|tag| tag.get("id")).find(|id| !ids.insert(*id));
        let nested = tags.iter().any(|tag| tag.name == "form" && tag.within.iter().any(|name| name == "form"));
        twice.map(|id| format!("id {id} stands twice")).or_else(|| nested.then(|| "a form in a form".to_owned()))
    });
}

#[test]
fn problems_are_summed_up_where_the_focus_goes_and_tied_to_their_input() {
    let pages = every_page(&frame(Language::En, &PLAIN), &PLAIN);
    let page = pages.iter().find(|page| page.name == "sign-in-password-wrong").expect("the page is there");
    assert!(page.html.contains("<title>Problem: Enter your password"), "{}", page.html);
    assert!(page.html.contains(r#"role="alert" tabindex="-1" autofocus"#));
    assert!(page.html.contains("<a href=\"#password\">E-mail address and password do not match.</a>"));
    let tags = tags(&page.html).expect("well formed");
    let input = tags.iter().find(|tag| tag.get("id") == Some("password")).expect("the input is there");
    assert_eq!(input.get("aria-describedby"), Some("password-problem"));
    assert_eq!(input.get("aria-invalid"), Some("true"));
    assert_eq!(tags.iter().filter(|tag| tag.names().any(|name| name == "autofocus")).count(), 1);
}

#[test]
fn browsers_and_password_managers_are_told_what_each_input_is() {
    let wanted = [
        ("sign-in", "email", "username webauthn"),
        ("sign-in-password", "password", "current-password"),
        ("second-factor-authenticator", "code", "one-time-code"),
        ("code-sign-up", "code", "one-time-code"),
        ("sign-up", "new_password", "new-password"),
        ("account-password", "password", "current-password"),
        ("account-password", "new_password", "new-password"),
    ];
    let pages = every_page(&frame(Language::En, &PLAIN), &PLAIN);
    for (page, name, autocomplete) in wanted {
        let html = &pages.iter().find(|own| own.name == page).expect("the page is there").html;
        let tags = tags(html).expect("well formed");
        let input = tags.iter().find(|tag| tag.get("name") == Some(name)).expect("the input is there");
        assert_eq!(input.get("autocomplete"), Some(autocomplete), "{page}");
    }
}

#[test]
fn a_consent_that_grew_sets_apart_what_is_new() {
    let pages = every_page(&frame(Language::En, &PLAIN), &PLAIN);
    let html = |name: &str| &pages.iter().find(|page| page.name == name).expect("the page is there").html;
    let (before, after) = html("consent-grown").split_once("<details>").expect("what was agreed to is folded away");
    assert!(before.contains("Use Photoshop API for you") && !before.contains("See your name"));
    assert!(after.contains("See your name") && !after.contains("Use Photoshop API for you"));
    assert!(!html("consent").contains("<details>"));
}

#[test]
fn links_of_a_mail_become_links_and_nothing_else_does() {
    let pages = every_page(&frame(Language::En, &HOSTILE), &HOSTILE);
    let html = &pages.iter().find(|page| page.name == "mail").expect("the page is there").html;
    let tags = tags(html).expect("well formed");
    let links: Vec<_> = tags.iter().filter(|tag| tag.within.iter().any(|name| name == "pre")).collect();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].get("href"), Some("https://example.com/invitation?token=a&#38;b=&#34;c&#34;"));
}

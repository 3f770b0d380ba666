//! What the example application shows.

use std::fmt::Write;

use super::{
    relying_party::{Problem, Settings},
    visits::Visit,
};

pub(super) const STYLE: &str = include_str!("style.css");

/// Who looks at the page.
pub(super) enum Shown<'a> {
    Nobody,
    Person(&'a Visit),
}

/// The one page there is.
pub(super) fn home(settings: &Settings, shown: &Shown<'_>) -> String {
    match shown {
        Shown::Nobody => frame(settings, "Example app", &nobody(settings)),
        Shown::Person(visit) => frame(settings, "Signed in", &person(settings, visit)),
    }
}

/// What went wrong, and what to do.
pub(super) fn problem(settings: &Settings, problem: &Problem) -> String {
    let body = format!(
        "<h1>That did not work</h1><p class=problem role=alert>{}</p><p><a class=button href=\"/\">Back to the start</a></p>",
        escaped(&sentence(&problem.to_string()))
    );
    frame(settings, "That did not work", &body)
}

fn nobody(settings: &Settings) -> String {
    format!(
        "<h1>A small application</h1>\
         <p class=lead>It signs people in with Tollgate, sees their name and address, and calls the Photoshop API for them.</p>\
         <p><a class=button href=\"/sign-in\">Sign in with {}</a></p>",
        escaped(&settings.organization)
    )
}

fn person(settings: &Settings, visit: &Visit) -> String {
    let signed_in = &visit.signed_in;
    let claims = &signed_in.claims;
    let name = claims.name.as_deref().unwrap_or("a person without a name");
    let mut facts = String::new();
    let mut fact = |label: &str, value: &str| {
        let _ = write!(facts, "<dt>{label}</dt><dd>{}</dd>", escaped(value));
    };
    fact("E-mail", claims.email.as_deref().unwrap_or("not told"));
    fact("User id", &claims.sub);
    fact("Account type", claims.account_type.as_deref().unwrap_or("not told"));
    fact("Scopes", &signed_in.scope);
    fact("Token ends", &signed_in.ends_at.to_string());
    fact("Refreshed", &format!("{} times", visit.refreshed));
    let answer = visit.answer.as_ref().map_or_else(String::new, |answer| {
        format!(
            "<section id=answer aria-label=\"Answer of the API\"><h2>The API answered {}</h2><pre tabindex=0>{}</pre></section>",
            answer.status,
            escaped(&answer.body)
        )
    });
    format!(
        "<h1>Hello, {}</h1><dl>{facts}</dl><div class=actions>{}{}{}</div>\
         <p class=faint>Calls go to {}</p>{answer}",
        escaped(name),
        button(visit, "/call", "Call the Photoshop API", "button"),
        button(visit, "/refresh", "Refresh the token", "button quiet"),
        button(visit, "/sign-out", "Sign out", "button quiet"),
        escaped(&settings.api_url),
    )
}

fn button(visit: &Visit, action: &str, label: &str, class: &str) -> String {
    format!(
        "<form method=post action=\"{action}\"><input type=hidden name=form_token value=\"{}\"><button class=\"{class}\">{label}</button></form>",
        escaped(&visit.form_token)
    )
}

fn frame(settings: &Settings, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Example app</title><link rel=stylesheet href=\"/style.css\"></head>\
         <body><header>Example app <span>signs in at {}</span></header><main>{body}</main></body></html>",
        escaped(&settings.issuer)
    )
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(char::to_uppercase).into_iter().flatten().collect();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_text_and_never_markup() {
        assert_eq!(escaped("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
        assert_eq!(sentence("the server said <b>"), "The server said <b>.");
    }
}

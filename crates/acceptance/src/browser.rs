//! A browser that runs no scripts: it keeps cookies, goes where it is sent, reads forms and sends them.

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder, Url, redirect::Policy};

use crate::{
    Answer, Person, Tollgate,
    form::{Form, attribute, forms},
};

/// Most redirects in a row.
const REDIRECTS_MAX: usize = 16;
/// Most steps of a sign-in.
const STEPS_MAX: usize = 6;
/// The cookie of a session, as it is called without TLS.
pub const SESSION: &str = "tollgate_session";

/// A browser with its cookies. A clone is another browser with the same ones.
#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
    /// By origin: the servers of a test share a host, and real ones do not.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    home: String,
    /// The servers whose pages it opens; it stops before all others.
    servers: Vec<String>,
}

/// Where a browser came to.
#[derive(Debug)]
pub struct Page {
    /// The address.
    pub url: Url,
    /// Whether that is the address of an application: then nothing was asked there.
    pub is_elsewhere: bool,
    /// The answer; what sent the browser there, when it is elsewhere.
    pub answer: Answer,
    /// The forms of the page.
    pub forms: Vec<Form>,
}

impl Page {
    /// The form with a field.
    pub fn form(&self, field: &str) -> &Form {
        let found = self.forms.iter().find(|form| form.has(field));
        found
            .unwrap_or_else(|| panic!("no form with {field} on {} ({}): {}", self.url, self.answer.status, self.text()))
    }

    /// The text of the page.
    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// A parameter of the address, of its query or its fragment.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.url, name)
    }

    /// The value of an attribute of the first tag that holds `mark`.
    pub fn attribute(&self, mark: &str, name: &str) -> Option<String> {
        let tag = self.text().split('<').find(|tag| tag.contains(mark))?;
        attribute(tag.split('>').next()?, name)
    }
}

/// A parameter of an address, of its query or its fragment.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    let found = url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    found.or_else(|| {
        let mut other = url.clone();
        other.set_query(Some(url.fragment()?));
        other.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    })
}

impl Browser {
    /// A new one, for the pages of a server.
    pub fn new(tollgate: &Tollgate) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build();
        let http = http.expect("a client without proxies and redirects");
        let home = tollgate.base_url.clone();
        Self { http, cookies: BTreeMap::new(), servers: vec![home.clone()], home }
    }

    /// Lets it open the pages of another server too.
    pub fn also_at(mut self, other: &Tollgate) -> Self {
        self.servers.push(other.base_url.clone());
        self
    }

    /// The value of a cookie of the first server.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(&self.home)?.get(name).map(String::as_str)
    }

    /// Has a cookie for the first server, wherever it is from.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.entry(self.home.clone()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// The session, if it has one.
    pub fn session(&self) -> Option<String> {
        self.cookie(SESSION).map(str::to_owned)
    }

    fn url(&self, address: &str) -> Url {
        let base = Url::parse(&self.home).expect("the address of a server is a URL");
        base.join(address).unwrap_or_else(|error| panic!("{error}: {address}"))
    }

    /// Prepares a request of its own, with its cookies.
    pub fn request(&self, method: Method, address: &str) -> RequestBuilder {
        let url = self.url(address);
        let jar = self.cookies.get(&url.origin().ascii_serialization());
        let cookies: Vec<_> = jar.into_iter().flatten().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, url).header("accept", "text/html");
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    /// Sends a request, keeps the cookies of the answer, and follows nothing.
    pub async fn send(&mut self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("the request is one");
        let origin = request.url().origin().ascii_serialization();
        let answer = Answer::of(self.http.execute(request).await).await;
        let jar = self.cookies.entry(origin).or_default();
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().expect("our cookies are ASCII");
            let (pair, rest) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if rest.to_ascii_lowercase().split(';').any(|word| word.trim() == "max-age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Asks for one address, and follows nothing.
    pub async fn ask(&mut self, address: &str) -> Answer {
        let request = self.request(Method::GET, address);
        self.send(request).await
    }

    /// Posts to one address from a page of the same server, and follows nothing.
    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.url(address).origin().ascii_serialization();
        let request = self.request(Method::POST, address).header("origin", origin).form(fields);
        self.send(request).await
    }

    /// Opens an address and goes where it leads.
    pub async fn open(&mut self, address: &str) -> Page {
        let url = self.url(address);
        let is_ours = self.servers.contains(&url.origin().ascii_serialization());
        assert!(is_ours, "{address} is no page of a server of this test");
        let answer = self.ask(url.as_str()).await;
        self.follow(url, answer).await
    }

    /// Sends the form of the page that has all these fields, with what it holds by itself, and goes where that leads.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let has_all = |form: &&Form| fields.iter().all(|(name, _)| form.has(name));
        let form = page.forms.iter().find(has_all).unwrap_or_else(|| page.form(fields[0].0));
        let own = form.fields.iter().filter(|own| own.is_hidden && !fields.iter().any(|(name, _)| *name == own.name));
        let own = own.map(|field| (field.name.as_str(), field.value.as_str()));
        let fields: Vec<_> = own.chain(fields.iter().copied()).collect();
        let target = page.url.join(&form.action).expect("a form has an address");
        let answer = self.post(target.as_str(), &fields).await;
        self.follow(target, answer).await
    }

    async fn follow(&mut self, mut url: Url, mut answer: Answer) -> Page {
        for _ in 0..REDIRECTS_MAX {
            let refresh = answer.header("refresh").split_once("url=").map(|(_, target)| target.to_owned());
            let target = refresh.or_else(|| Some(answer.header("location").to_owned()).filter(|text| !text.is_empty()));
            let Some(target) = target else {
                return Page { url, is_elsewhere: false, forms: forms(&answer.text), answer };
            };
            url = url.join(&target).unwrap_or_else(|error| panic!("{error}: {target}"));
            if !self.servers.contains(&url.origin().ascii_serialization()) {
                return Page { url, is_elsewhere: true, forms: Vec::new(), answer };
            }
            answer = self.ask(url.as_str()).await;
        }
        panic!("more than {REDIRECTS_MAX} redirects, the last to {url}");
    }

    /// Does what pages ask of a person who signs in and agrees to everything, until there is nothing left to do.
    pub async fn go_through(&mut self, mut page: Page, person: &Person) -> Page {
        for _ in 0..STEPS_MAX {
            let has = |name: &str| page.forms.iter().any(|form| form.has(name));
            page = if page.is_elsewhere || page.parameter("problem").is_some() {
                return page;
            } else if page.url.path() == "/sign-in/password" {
                self.submit(&page, &[("password", &person.password)]).await
            } else if page.url.path() == "/sign-in" && has("choice") {
                self.submit(&page, &[("choice", "continue")]).await
            } else if page.url.path() == "/sign-in" {
                self.submit(&page, &[("email", &person.email)]).await
            } else if has("decision") {
                self.submit(&page, &[("decision", "allow")]).await
            } else {
                return page;
            };
        }
        panic!("the steps do not end: {}", page.url);
    }

    /// Signs a person in.
    pub async fn sign_in(&mut self, person: &Person) {
        let page = self.open("/sign-in").await;
        let page = self.go_through(page, person).await;
        assert_eq!(page.url.path(), "/account", "{} is not signed in: {}", person.email, page.text());
    }

    /// Whether somebody is signed in.
    pub async fn is_signed_in(&mut self) -> bool {
        let answer = self.clone().ask("/account").await;
        answer.status == 200
    }
}

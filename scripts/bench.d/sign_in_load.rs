//! The clients of `scripts/bench sign-in`: so many connections, each on a thread of its own that does one flow after
//! another, against any server that speaks OAuth. Only the standard library, so that `rustc -O` is enough to build it.
//!
//!   sign_in_load KIND PLAN CONNECTIONS SECONDS SERVER_PID
//!
//! KIND is code, refresh, userinfo or password; PLAN is a file of `name=value` lines (see `sign_in_plan.py`). Prints one
//! line: flows a second, CPU microseconds of the server and of this program for each flow, p50 and p99 in milliseconds,
//! and how many flows failed.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// Of RFC 7636 appendix B; one for all flows, since nothing here measures the client's hashing.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// As many as the plan has cookies of.
const BROWSERS: usize = 16;
const WARM_UP: Duration = Duration::from_millis(500);

type Plan = HashMap<String, String>;
type Outcome<T> = Result<T, String>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, plan, connections, seconds, server] = arguments.as_slice() else {
        panic!("sign_in_load KIND PLAN CONNECTIONS SECONDS SERVER_PID")
    };
    let plan: Plan = fs::read_to_string(plan)
        .expect("the plan can be read")
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let connections: usize = connections.parse().expect("a number of connections");
    let seconds: f64 = seconds.parse().expect("a number of seconds");
    let begin = Arc::new(Barrier::new(connections + 1));
    let (counting, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let failures = Arc::new(AtomicU64::new(0));
    let threads: Vec<_> = (0..connections)
        .map(|number| {
            let (kind, plan, begin) = (kind.clone(), plan.clone(), Arc::clone(&begin));
            let (counting, over, failures) = (Arc::clone(&counting), Arc::clone(&over), Arc::clone(&failures));
            let person = move || -> Vec<u32> {
                let mut person = Person::new(plan, number);
                let prepared = person.prepare(&kind);
                begin.wait();
                prepared.unwrap_or_else(|failure| give_up(&failure));
                let mut micros = Vec::new();
                while !over.load(Relaxed) {
                    let came = Instant::now();
                    let done = person.one(&kind);
                    if !counting.load(Relaxed) {
                        done.unwrap_or_else(|failure| give_up(&failure));
                    } else if let Err(failure) = done {
                        if failures.fetch_add(1, Relaxed) == 0 {
                            eprintln!("{failure}");
                        }
                    } else {
                        micros.push(u32::try_from(came.elapsed().as_micros()).unwrap_or(u32::MAX));
                    }
                }
                micros
            };
            thread::Builder::new().stack_size(256 * 1024).spawn(person).expect("a thread starts")
        })
        .collect();
    begin.wait();
    thread::sleep(WARM_UP);
    let (server_before, own_before, came) = (cpu_micros(server), cpu_micros("self"), Instant::now());
    counting.store(true, Relaxed);
    thread::sleep(Duration::from_secs_f64(seconds));
    over.store(true, Relaxed);
    let mut micros: Vec<u32> = threads.into_iter().flat_map(|thread| thread.join().expect("no flow panics")).collect();
    let lasted = came.elapsed().as_secs_f64();
    let (of_server, own) = (cpu_micros(server) - server_before, cpu_micros("self") - own_before);
    micros.sort_unstable();
    let flows = micros.len().max(1);
    let at = |part: f64| f64::from(micros.get((flows as f64 * part) as usize).copied().unwrap_or_default()) / 1e3;
    println!(
        "{:.1} {:.1} {:.1} {:.2} {:.2} {}",
        micros.len() as f64 / lasted,
        of_server / flows as f64,
        own / flows as f64,
        at(0.50),
        at(0.99),
        failures.load(Relaxed)
    );
}

/// Where the very first flows fail there is nothing to measure.
fn give_up(failure: &str) {
    eprintln!("{failure}");
    std::process::exit(1);
}

/// User and system time of a process. Linux counts it in hundredths of a second.
fn cpu_micros(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
    let fields: Vec<&str> = stat[stat.rfind(')').expect("a name in brackets") + 2..].split(' ').collect();
    [11, 12].iter().map(|&at| fields[at].parse::<f64>().expect("ticks")).sum::<f64>() * 10_000.0
}

/// Somebody with one connection, and the browser and the application that use it.
struct Person {
    plan: Plan,
    stream: TcpStream,
    received: Vec<u8>,
    number: usize,
    flows: usize,
    refresh_token: String,
    access_token: String,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Person {
    fn new(plan: Plan, number: usize) -> Self {
        let stream = TcpStream::connect(&plan["address"]).expect("the server answers");
        stream.set_nodelay(true).expect("a socket");
        let (received, refresh_token, access_token) = Default::default();
        Self { plan, stream, received, number, flows: 0, refresh_token, access_token }
    }

    /// What has to be there before anything is measured.
    fn prepare(&mut self, kind: &str) -> Outcome<()> {
        if kind == "refresh" || kind == "userinfo" { self.code("authorize_offline") } else { Ok(()) }
    }

    fn one(&mut self, kind: &str) -> Outcome<()> {
        self.flows += 1;
        match kind {
            "code" => self.code("authorize"),
            "refresh" => self.refresh(),
            "userinfo" => self.userinfo(),
            "password" => self.password(),
            other => panic!("{other} is no kind of flow"),
        }
    }

    /// A browser that is signed in is sent to the authorization endpoint and back; the application redeems the code.
    fn code(&mut self, which: &str) -> Outcome<()> {
        let cookie = self.plan[&format!("cookie.{}", self.number % BROWSERS)].clone();
        let state = format!("{}.{}", self.number, self.flows);
        let path = format!("{}&state={state}&nonce={state}&code_challenge={CHALLENGE}", self.plan[which]);
        let answer = self.send("GET", &path, &format!("cookie: {cookie}\r\n"), "")?;
        let location = answer.header("location").unwrap_or_default();
        let code = location.split(['?', '&']).find_map(|part| part.strip_prefix("code="));
        let code = code.ok_or_else(|| format!("no code: {} {location} {}", answer.status, answer.body))?;
        if !location.starts_with(&self.plan["redirect_uri"]) || !location.contains(&format!("state={state}")) {
            return Err(format!("not the answer to this request: {location}"));
        }
        let redirect_uri = self.plan["redirect_uri"].replace(':', "%3A").replace('/', "%2F");
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}&code_verifier={VERIFIER}&{}",
            self.plan["client"]
        );
        let answer = self.send("POST", &self.plan["token"].clone(), "", &body)?;
        answer.text("id_token")?;
        self.access_token = answer.text("access_token")?;
        self.refresh_token = answer.text("refresh_token").unwrap_or_default();
        Ok(())
    }

    fn refresh(&mut self) -> Outcome<()> {
        let body = format!("grant_type=refresh_token&refresh_token={}&{}", self.refresh_token, self.plan["client"]);
        let answer = self.send("POST", &self.plan["token"].clone(), "", &body)?;
        let new = answer.text("refresh_token")?;
        if new == self.refresh_token {
            return Err("the refresh token was not replaced".to_owned());
        }
        answer.text("access_token")?;
        self.refresh_token = new;
        Ok(())
    }

    fn userinfo(&mut self) -> Outcome<()> {
        let headers = format!("authorization: Bearer {}\r\n", self.access_token);
        let answer = self.send("GET", &self.plan["userinfo"].clone(), &headers, "")?;
        answer.text("sub").map(drop)
    }

    /// A browser without cookies goes through the pages: e-mail address, then password.
    fn password(&mut self) -> Outcome<()> {
        let mut cookies = BTreeMap::new();
        let (email, password) = (self.plan["email"].replace('@', "%40"), self.plan["password"].clone());
        let first = self.visit("GET", "/sign-in", "", &mut cookies)?;
        let form = format!("form_token={}&email={email}", first.hidden("form_token")?);
        let sent = self.visit("POST", "/sign-in", &form, &mut cookies)?;
        let next = sent.path()?;
        let second = self.visit("GET", &next, "", &mut cookies)?;
        let form = format!("form_token={}&email={email}&password={password}", second.hidden("form_token")?);
        let done = self.visit("POST", "/sign-in/password", &form, &mut cookies)?;
        if done.path()? == "/account" && cookies.keys().any(|name| name.contains("session")) {
            return Ok(());
        }
        Err(format!("not signed in: {} {}", done.status, done.head))
    }

    fn visit(
        &mut self,
        method: &str,
        path: &str,
        form: &str,
        cookies: &mut BTreeMap<String, String>,
    ) -> Outcome<Answer> {
        let kept: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let header = if kept.is_empty() { String::new() } else { format!("cookie: {}\r\n", kept.join("; ")) };
        let answer = self.send(method, path, &header, form)?;
        for set in answer.headers("set-cookie") {
            let (name, value) = set.split(';').next().unwrap_or_default().split_once('=').unwrap_or_default();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        Ok(answer)
    }

    fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Outcome<Answer> {
        let address = self.plan["address"].clone();
        let form = match method {
            "POST" => {
                format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", body.len())
            }
            _ => String::new(),
        };
        let request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{headers}{form}\r\n{body}");
        let answer = self.exchange(request.as_bytes());
        if answer.is_err() {
            self.stream = TcpStream::connect(&address).map_err(|fault| fault.to_string())?;
            self.stream.set_nodelay(true).map_err(|fault| fault.to_string())?;
        }
        answer.map_err(|fault| format!("{method} {path}: {fault}"))
    }

    fn exchange(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request).map_err(|fault| fault.to_string())?;
        self.received.clear();
        let mut part = [0_u8; 16 * 1024];
        loop {
            let bytes = self.stream.read(&mut part).map_err(|fault| fault.to_string())?;
            if bytes == 0 {
                return Err("the connection was closed".to_owned());
            }
            self.received.extend_from_slice(&part[..bytes]);
            let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.received[..end]).into_owned();
            let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or("no status")?;
            let mut answer = Answer { status, head, body: String::new() };
            let length = answer.header("content-length").map_or(Ok(0), str::parse::<usize>);
            let length = length.map_err(|fault| fault.to_string())?;
            if self.received.len() >= end + 4 + length {
                answer.body = String::from_utf8_lossy(&self.received[end + 4..]).into_owned();
                return Ok(answer);
            }
        }
    }
}

impl Answer {
    fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.filter(move |(named, _)| named.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// A text of a flat JSON object.
    fn text(&self, member: &str) -> Outcome<String> {
        let quoted = format!("\"{member}\":");
        let rest = self.body.split_once(&quoted).map(|(_, rest)| rest.trim_start());
        let value = rest.and_then(|rest| rest.strip_prefix('"')?.split_once('"'));
        value.map(|(value, _)| value.to_owned()).ok_or_else(|| format!("no {member}: {} {}", self.status, self.body))
    }

    fn hidden(&self, name: &str) -> Outcome<String> {
        let rest = self.body.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, rest)| rest);
        let value = rest.and_then(|rest| rest.split_once('"'));
        value.map(|(value, _)| value.to_owned()).ok_or_else(|| format!("no {name}: {} {}", self.status, self.body))
    }

    /// Where a redirect leads on the same server.
    fn path(&self) -> Outcome<String> {
        let location = self.header("location").ok_or_else(|| format!("no redirect: {} {}", self.status, self.body))?;
        let after =
            location.split_once("://").map_or(location, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        Ok(after.to_owned())
    }
}

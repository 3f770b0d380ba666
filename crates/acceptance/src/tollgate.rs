//! A real server process with a database of its own.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Credential,
    database::{Database, Outage},
};

/// The program under test, beside the test binary that uses it.
const PROGRAM: &str = "tollgate-under-test";
/// Longest wait for a server to be ready.
const READY_SECONDS_MAX: u64 = 20;
/// How soon a running server must know of a change, for a person who types the next command.
pub const AT_ONCE: Duration = Duration::from_secs(1);

/// One installation: a folder, a database, and a server that runs until it is stopped, killed or dropped.
pub struct Tollgate {
    /// Where identity answers.
    pub base_url: String,
    /// Where the gateway answers.
    pub gateway_url: String,
    /// For requests of the test.
    pub http: reqwest::Client,
    program: PathBuf,
    ports: (u16, u16),
    server: Option<Child>,
    // Dropped in this order: the database goes before the folder.
    database: Database,
    folder: TempDir,
}

/// What a command printed.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// The JSON on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON, or `null`.
    pub body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Result<reqwest::Response, reqwest::Error>) -> Self {
        let response = response.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the body is text");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, body }
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Tollgate {
    /// Sets up a new installation and starts it.
    pub async fn start() -> Self {
        let mut tollgate = Self::set_up();
        tollgate.serve().await;
        tollgate
    }

    /// Sets up a new installation that does not run yet.
    pub fn set_up() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = Database::fresh(folder.path());
        let test = std::env::current_exe().expect("a test has a path");
        let program = test.ancestors().nth(2).expect("tests stand in target/<profile>/deps").join(PROGRAM);
        let ports = (free_port(), free_port());
        let tollgate = Self {
            base_url: format!("http://127.0.0.1:{}", ports.0),
            gateway_url: format!("http://127.0.0.1:{}", ports.1),
            http: reqwest::Client::builder().no_proxy().build().expect("a client without proxies"),
            program,
            ports,
            server: None,
            database,
            folder,
        };
        let url = tollgate.database.url.clone();
        let made = tollgate.run(&["init", "--organization", "Weather Works", "--database", &url, "--json"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        tollgate
    }

    /// A second server on the same database, on ports of its own.
    pub async fn second_node(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for entry in std::fs::read_dir(self.folder.path()).expect("the folder is there").flatten() {
            let name = entry.file_name();
            if entry.path().is_file() && !name.to_string_lossy().contains(".db") {
                std::fs::copy(entry.path(), folder.path().join(name)).expect("small files can be copied");
            }
        }
        let ports = (free_port(), free_port());
        let mut node = Self {
            base_url: format!("http://127.0.0.1:{}", ports.0),
            gateway_url: format!("http://127.0.0.1:{}", ports.1),
            http: self.http.clone(),
            program: self.program.clone(),
            ports,
            server: None,
            database: Database::shared(&self.database.url),
            folder,
        };
        // All nodes of an installation are one issuer.
        node.serve_with(&[
            ("TOLLGATE_IDENTITY__PUBLIC_URL", &self.base_url),
            ("TOLLGATE_GATEWAY__PUBLIC_URL", &self.gateway_url),
        ])
        .await;
        node
    }

    /// Runs a command of the program on this installation.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let ran = self.command(arguments).output().expect("the program runs");
        Ran {
            code: ran.status.code(),
            out: String::from_utf8_lossy(&ran.stdout).into_owned(),
            err: String::from_utf8_lossy(&ran.stderr).into_owned(),
        }
    }

    /// Runs an administration command that must succeed, and reads its JSON.
    pub fn administer(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        if ran.out.trim().is_empty() { Value::Null } else { ran.json() }
    }

    /// The command, ready to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.folder.path().join("tollgate.toml"))
            .env("TOLLGATE_IDENTITY__LISTEN", format!("127.0.0.1:{}", self.ports.0))
            .env("TOLLGATE_GATEWAY__LISTEN", format!("127.0.0.1:{}", self.ports.1))
            .env("TOLLGATE_MAIL__FOLDER", self.file("mails"))
            .env("TOLLGATE_CALLS__PRIVATE_ADDRESSES", "true")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Starts the server and waits until it is ready.
    pub async fn serve(&mut self) {
        self.serve_with(&[]).await;
    }

    /// Starts the server with settings from the environment and waits until it is ready.
    pub async fn serve_with(&mut self, settings: &[(&str, &str)]) {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("server.log"));
        let log = log.expect("the folder can be written to");
        let mut command = self.command(&["serve"]);
        command.envs(settings.iter().copied()).stderr(log.try_clone().expect("a file can be shared")).stdout(log);
        self.server = Some(command.spawn().expect("the program starts"));
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        let ready = format!("{}/health/ready", self.base_url);
        while !self.http.get(&ready).send().await.is_ok_and(|answer| answer.status() == 200) {
            assert!(Instant::now() < deadline, "not ready after {READY_SECONDS_MAX} s:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// Ends the server at once, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("our child can be killed");
            server.wait().expect("our child ends");
        }
    }

    /// Asks the server to stop, and says how long it took and how it ended.
    pub fn stop(&mut self) -> (Duration, Option<i32>) {
        let mut server = self.server.take().expect("the server runs");
        let begin = Instant::now();
        let asked = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "the server can be signalled");
        let status = server.wait().expect("our child ends");
        (begin.elapsed(), status.code())
    }

    /// The program under test.
    pub fn program(&self) -> &std::path::Path {
        &self.program
    }

    /// The process id of the server.
    pub fn process_id(&self) -> u32 {
        self.server.as_ref().expect("the server runs").id()
    }

    /// The database, as `tollgate init --database` takes it.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Makes the database refuse the server's writes until [`Outage::end`].
    pub async fn stop_writes(&self) -> Outage {
        self.database.stop_writes().await
    }

    /// A file of the installation.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Posts a form to identity.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.http.post(format!("{}{path}", self.base_url)).form(form).send().await).await
    }

    /// Gets a page of identity.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(format!("{}{path}", self.base_url)).send().await).await
    }

    /// Sends any request.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::of(request.send().await).await
    }

    /// Calls an API through the gateway with a key, and with a token if one is given.
    pub async fn call(&self, path: &str, key: &str, token: Option<&str>) -> Answer {
        let mut request = self.http.get(format!("{}{path}", self.gateway_url)).header("x-api-key", key);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        self.send(request).await
    }

    /// Puts a service behind the gateway at `/<code in lower case>`.
    pub fn create_service(&self, code: &str, authorization: &str, upstream: &str, more: &[&str]) -> Value {
        let path = format!("/{}", code.to_ascii_lowercase());
        let arguments =
            ["service", "create", "--code", code, "--name", code, "--authorization", authorization, "--path", &path];
        self.administer(&[&arguments[..], &["--upstream", upstream], more].concat())
    }

    /// Makes a credential of a type, with a project of its own, subscribed to services.
    pub async fn create_credential(&self, credential_type: &str, services: &[&str]) -> Credential {
        self.create_credential_with(credential_type, services, &[]).await
    }

    /// The same, with what else the command is told.
    pub async fn create_credential_with(&self, credential_type: &str, services: &[&str], more: &[&str]) -> Credential {
        let random = tollgate_crypto::entropy::bytes::<4>(&tollgate_crypto::SystemEntropy);
        let project = format!("p{}", u32::from_be_bytes(random));
        self.administer(&["project", "create", "--name", &project]);
        let key_file = self.file(&format!("{project}.key")).display().to_string();
        let mut arguments =
            vec!["credential", "create", "--project", &project, "--type", credential_type, "--name", &project];
        if credential_type == "service_account_jwt" {
            arguments.extend(["--generate-key-pair", "--private-key-file", &key_file]);
        }
        for service in services {
            arguments.extend(["--service", service]);
        }
        arguments.extend(more);
        let credential =
            Credential::new(self.administer(&arguments), std::fs::read_to_string(&key_file).ok().as_deref());
        if self.server.is_some() {
            self.wait_until_known(credential.id()).await;
        }
        credential
    }

    /// Waits until the running server knows a credential, which is what "live at once" allows it.
    pub async fn wait_until_known(&self, client_id: &str) {
        let deadline = Instant::now() + AT_ONCE;
        let form = [("grant_type", "client_credentials"), ("client_id", client_id), ("client_secret", "wrong")];
        while self.post("/ims/token/v3", &form).await.text.contains("invalid client_id parameter") {
            assert!(Instant::now() < deadline, "the credential is not live after {AT_ONCE:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Tollgate {
    #[expect(clippy::print_stderr, reason = "this is where a failing test's output goes")]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(30).collect();
            eprintln!("last lines of the server:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
}

fn free_port() -> u16 {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    probe.local_addr().expect("a bound listener has an address").port()
}

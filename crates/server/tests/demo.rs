//! The demo, as a user starts it: what it keeps, what it says, what it refuses, and that it ends in order.

#![expect(clippy::unwrap_used, reason = "what is missing here fails the test")]

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

const READY_SECONDS_MAX: u64 = 30;

/// A running demo in a folder of the test.
struct Demo {
    process: Child,
    document: Value,
    file: PathBuf,
}

impl Demo {
    fn start(place: &TempDir, options: &[&str]) -> Self {
        let file = place.path().join("demo.json");
        let _ = fs::remove_file(&file);
        let process = demo(place, &[&["--json", file.to_str().unwrap()], options].concat());
        let mut demo = Self { process, document: Value::Null, file };
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        while !demo.file.exists() {
            assert!(demo.process.try_wait().unwrap().is_none(), "the demo ended early");
            assert!(Instant::now() < deadline, "the demo is not ready after {READY_SECONDS_MAX} s");
            std::thread::sleep(Duration::from_millis(10));
        }
        demo.document = serde_json::from_slice(&fs::read(&demo.file).unwrap()).unwrap();
        demo
    }

    fn text(&self, pointer: &str) -> &str {
        self.document
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer} in {}", self.document))
    }

    /// Calls a path of the gateway with the API key, and returns the whole answer.
    fn call(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.text("/gateway_url").strip_prefix("http://").unwrap()).unwrap();
        let key = self.text("/credentials/api_key/client_id");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nx-api-key: {key}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Stops it as Ctrl-C does; returns how long that took.
    fn stop(mut self) -> Duration {
        let began = Instant::now();
        let asked = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(self.process.wait().unwrap().success());
        began.elapsed()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // One that was stopped has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(place: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command.args(arguments).current_dir(place.path()).stdin(Stdio::null());
    command
}

fn demo(place: &TempDir, options: &[&str]) -> Child {
    let arguments = [&["demo", "--port", "0", "--gateway-port", "0"], options].concat();
    command(place, &arguments).stdout(Stdio::null()).spawn().unwrap()
}

/// Exit code and the one line of a demo that does not start.
#[track_caller]
fn refused(place: &TempDir, options: &[&str]) -> (i32, String) {
    let ran = command(place, &[&["demo"], options].concat()).output().unwrap();
    let line = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    (ran.status.code().unwrap(), line)
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_demo_started_again_has_the_same_credentials_and_its_services_still_answer() {
    let place = tempfile::tempdir().unwrap();
    let first = Demo::start(&place, &[]);
    assert!(first.call("/stock/x?y").contains("\"path\": \"/stock/x\""));
    let (organization, credentials) = (first.document["organization"].clone(), first.document["credentials"].clone());
    assert!(first.stop() < Duration::from_secs(2));

    // Somebody else has the sample's port meanwhile, so it moves and the services with it.
    let kept: Value =
        serde_json::from_slice(&fs::read(place.path().join("tollgate-demo/credentials.json")).unwrap()).unwrap();
    let _other = TcpListener::bind(kept["sample_upstream"].as_str().unwrap().strip_prefix("http://").unwrap()).unwrap();
    let second = Demo::start(&place, &[]);
    assert_eq!((&second.document["organization"], &second.document["credentials"]), (&organization, &credentials));
    assert!(second.call("/stock/x?y").contains("\"path\": \"/stock/x\""));
}

#[test]
fn the_folder_and_the_document_are_for_their_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let demo = Demo::start(&place, &["--tls"]);
    let folder = place.path().join("tollgate-demo");
    assert_eq!((mode(&folder), mode(&demo.file)), (0o700, 0o600));
    for name in ["credentials.json", "master.key", "service-account.key", "ca.key", "tollgate.db"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(demo.text("/ca_file"), folder.canonicalize().unwrap().join("ca.pem").to_str().unwrap());
    assert!(demo.text("/base_url").starts_with("https://127.0.0.1:"));
    let kept = fs::read(folder.join("ca.pem")).unwrap();
    demo.stop();
    Demo::start(&place, &["--tls"]).stop();
    assert_eq!(fs::read(folder.join("ca.pem")).unwrap(), kept, "the authority is made once");
}

#[test]
fn what_cannot_be_is_told_in_one_line_and_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, line) = refused(&place, &["--port", &port, "--gateway-port", "0"]);
    assert_eq!(code, 1);
    assert!(line.contains(&format!("port {port} on 127.0.0.1 is in use")) && line.contains("--port PORT"), "{line}");
    let wrong = [
        ["--json", "nowhere/demo.json"],
        ["--host", "nobody"],
        ["--gateway-port", "70000"],
        ["--config", "tollgate.toml"],
    ];
    for options in wrong {
        let (code, line) = refused(&place, &[&["--port", "0"], &options[..]].concat());
        assert_eq!(code, 2, "{line}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    fs::write(place.path().join("letter.txt"), "").unwrap();
    let (code, line) = refused(&place, &["--port", "0", "--gateway-port", "0", "--dir", "."]);
    assert!(code == 2 && line.contains("neither empty nor the folder of a demo"), "{line}");
}

#[test]
fn two_demos_do_not_share_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let _first = Demo::start(&place, &[]);
    let (code, line) = refused(&place, &["--port", "0", "--gateway-port", "0"]);
    assert!(code == 1 && line.contains("another demo is running"), "{line}");
}

#[test]
fn a_service_made_on_the_command_line_is_live_at_once() {
    let place = tempfile::tempdir().unwrap();
    let demo = Demo::start(&place, &[]);
    let kept: Value =
        serde_json::from_slice(&fs::read(place.path().join("tollgate-demo/credentials.json")).unwrap()).unwrap();
    let upstream = kept["sample_upstream"].as_str().unwrap();
    let made = [
        [
            "service",
            "create",
            "--code",
            "WeatherSDK",
            "--name",
            "Weather",
            "--authorization",
            "api_key",
            "--path",
            "/weather",
        ]
        .as_slice(),
        &["--upstream", upstream],
    ];
    assert!(command(&place, &made.concat()).output().unwrap().status.success());
    let subscribed = [
        "subscription",
        "create",
        "--credential",
        demo.text("/credentials/api_key/client_id"),
        "--service",
        "WeatherSDK",
    ];
    assert!(command(&place, &subscribed).output().unwrap().status.success());
    let deadline = Instant::now() + Duration::from_secs(2);
    while !demo.call("/weather/today").starts_with("HTTP/1.1 200 OK") {
        assert!(Instant::now() < deadline, "{}", demo.call("/weather/today"));
        std::thread::sleep(Duration::from_millis(10));
    }
}

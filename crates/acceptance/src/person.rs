//! People with accounts, and the mails that they get.

use std::time::{Duration, Instant};

use crate::Tollgate;

/// Longest wait for a mail.
const MAIL_SECONDS_MAX: u64 = 10;

/// A person with an account, as they know themselves.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A mail that was sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Whom it is to.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl Mail {
    /// The code of eight digits that it tells.
    pub fn code(&self) -> String {
        let digits = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
        let words: Vec<_> = self.text.split_whitespace().collect();
        let pair = words.windows(2).find(|pair| digits(pair[0]) && digits(pair[1]));
        pair.unwrap_or_else(|| panic!("no code: {self:?}")).concat()
    }

    /// The first link that it holds.
    pub fn link(&self) -> &str {
        let link = self.text.split_whitespace().find(|word| word.starts_with("http"));
        link.unwrap_or_else(|| panic!("no link: {self:?}"))
    }
}

impl Tollgate {
    /// Makes an account with a password, in the only organization.
    pub fn create_person(&self, name: &str) -> Person {
        self.create_person_with(&format!("{name}@people.example"), &[])
    }

    /// Makes an account with a password, and with what else the command is told.
    pub fn create_person_with(&self, email: &str, more: &[&str]) -> Person {
        let password = format!("orchard of {} winds", email.len());
        let file = self.secret_file("password", &password);
        let arguments = ["user", "create", "--email", email, "--password-file", &file];
        let created = self.administer(&[&arguments[..], more].concat());
        let id = created["id"].as_str().unwrap_or_else(|| panic!("no id: {created}")).to_owned();
        Person { id, email: email.to_owned(), password }
    }

    /// A file of the installation that its owner alone reads; its path.
    pub fn secret_file(&self, name: &str, text: &str) -> String {
        let path = self.file(name);
        std::fs::write(&path, text).expect("the folder can be written to");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("the file is ours");
        }
        path.display().to_string()
    }

    /// The mails that were sent, the oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        let entries = std::fs::read_dir(self.file("mails")).into_iter().flatten().flatten();
        let mut paths: Vec<_> =
            entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|own| own == "eml")).collect();
        paths.sort();
        let read = |path| {
            let text = std::fs::read_to_string(path).ok()?;
            let (head, text) = text.split_once("\n\n")?;
            let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            Some(Mail { to: field("To: ")?, subject: field("Subject: ")?, text: text.to_owned() })
        };
        paths.into_iter().filter_map(read).collect()
    }

    /// Waits for the `count`th mail to an address.
    pub async fn mail_to(&self, email: &str, count: usize) -> Mail {
        let deadline = Instant::now() + Duration::from_secs(MAIL_SECONDS_MAX);
        loop {
            let theirs = self.mails().into_iter().filter(|mail| mail.to.contains(email));
            if let Some(mail) = theirs.clone().nth(count - 1) {
                return mail;
            }
            assert!(Instant::now() < deadline, "no mail number {count} to {email} within {MAIL_SECONDS_MAX} s");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

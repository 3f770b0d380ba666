//! `tollgate user`

use std::path::PathBuf;

use serde::Serialize;
use tollgate_console::Console;
use tollgate_crypto::SecretText;
use tollgate_model::{
    Clock, SystemClock,
    user::{AccountType, EmailAddress, Role, User},
};
use tollgate_people::{
    People,
    accounts::{CreatedAccount, FirstCredential, NewAccount},
};

use super::UserName;
use crate::{
    administration::{
        arguments::{one_of, organization_or_only},
        table::{Fit, Table, fields},
        views::Deleted,
        words::state,
    },
    error::CommandError,
    files,
    output::Output,
};

/// Most people of one page of the database.
const PAGE_ROWS_MAX: u32 = 500;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// Make an account; without further options it gets a one-time password, shown once
    Create(Box<Create>),
    /// List the people of an organization
    List {
        /// Id, number or name; the only organization when left out
        #[arg(long)]
        organization: Option<String>,
    },
    /// Show one person
    Show {
        /// E-mail address or user id
        user: UserName,
    },
    /// Let a person sign in again
    Enable {
        /// E-mail address or user id
        user: UserName,
    },
    /// Sign a person out everywhere, end their tokens, and let them in no more
    Disable {
        /// E-mail address or user id
        user: UserName,
    },
    /// Change what a person may do
    SetRole {
        /// E-mail address or user id
        user: UserName,
        /// administrator, developer or member
        #[arg(value_parser = one_of::<Role>(["administrator", "developer", "member"]))]
        role: Role,
    },
    /// Print a link with which the person chooses a new password; it is good once
    ResetPassword {
        /// E-mail address or user id
        user: UserName,
    },
    /// Delete an account with everything that belongs to it, and end its tokens
    Delete {
        /// E-mail address or user id
        user: UserName,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// The e-mail address that the person signs in with
    #[arg(long)]
    email: EmailAddress,
    /// The full name; the address when left out
    #[arg(long)]
    name: Option<String>,
    /// Id, number or name; the only organization when left out
    #[arg(long)]
    organization: Option<String>,
    /// administrator, developer or member
    #[arg(long, default_value = "member", value_parser = one_of::<Role>(["administrator", "developer", "member"]))]
    role: Role,
    /// The language of mails and pages: en, de, fr, es or ja
    #[arg(long)]
    language: Option<String>,
    /// Send an invitation by mail in place of a password; the link is shown too
    #[arg(long, conflicts_with_all = ["password_file", "federated"])]
    invite: bool,
    /// Take the password from this private file
    #[arg(long, value_name = "FILE", conflicts_with = "federated")]
    password_file: Option<PathBuf>,
    /// The organization's identity provider signs the person in
    #[arg(long)]
    federated: bool,
}

impl Action {
    /// Whether something is different afterwards.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Self::List { .. } | Self::Show { .. })
    }
}

pub(super) async fn run(
    action: Action,
    people: &People,
    console: &Console,
    output: Output,
) -> Result<(), CommandError> {
    let now = SystemClock.now();
    match action {
        Action::Create(create) => make(*create, people, console, output).await,
        Action::List { organization } => {
            let organization = organization_or_only(console, organization.as_deref()).await?;
            let mut all: Vec<User> = Vec::new();
            loop {
                let page = people.accounts(&organization, all.last().map(|user| &user.id), PAGE_ROWS_MAX).await?;
                let is_last = page.len() < PAGE_ROWS_MAX as usize;
                all.extend(page);
                if is_last {
                    return list(&all, output);
                }
            }
        }
        Action::Show { user } => show(&user.find(people).await?, output),
        Action::Enable { user } => {
            people.set_account_enabled(&user.find(people).await?.id, true, now).await?;
            show(&user.find(people).await?, output)
        }
        Action::Disable { user } => {
            people.set_account_enabled(&user.find(people).await?.id, false, now).await?;
            show(&user.find(people).await?, output)
        }
        Action::SetRole { user, role } => {
            people.set_account_role(&user.find(people).await?.id, role, now).await?;
            show(&user.find(people).await?, output)
        }
        Action::ResetPassword { user } => {
            let link = people.reset_link(&user.find(people).await?.id, now).await?;
            if output.is_json() {
                return output.json(&Link { link: link.reveal() });
            }
            output.line(link.reveal())?;
            output.line("\nWhoever has the link can choose the password: give it to the person alone.")
        }
        Action::Delete { user } => {
            let id = user.find(people).await?.id;
            people.delete_account(&id, now).await?;
            if output.is_json() {
                return output.json(&Deleted { deleted: id.as_str() });
            }
            output.line(format_args!("User {id} is deleted. Their sessions and tokens no longer work."))
        }
    }
}

async fn make(create: Create, people: &People, console: &Console, output: Output) -> Result<(), CommandError> {
    let first = match &create.password_file {
        Some(file) => {
            let text = files::read_private(file, "password file")?;
            FirstCredential::Password(SecretText::from(text.trim_end_matches(['\n', '\r']).to_owned()))
        }
        None if create.invite => FirstCredential::Invitation,
        None if create.federated => FirstCredential::None,
        None => FirstCredential::OneTimePassword,
    };
    let word = if create.invite { "invitation" } else { "one-time password" };
    let account = NewAccount {
        organization_id: organization_or_only(console, create.organization.as_deref()).await?,
        name: create.name.unwrap_or_else(|| create.email.to_string()),
        email: create.email,
        role: create.role,
        account_type: if create.federated { AccountType::Federated } else { AccountType::Enterprise },
        language: create.language,
    };
    let CreatedAccount { user, secret } = people.create_account(account, first, SystemClock.now()).await?;
    if output.is_json() {
        let (link, password) = if create.invite { (secret.as_ref(), None) } else { (None, secret.as_ref()) };
        return output.json(&Created {
            user: UserView::from(&user),
            invitation: link.map(SecretText::reveal),
            one_time_password: password.map(SecretText::reveal),
        });
    }
    let mut all = described(&user);
    all.push((word, secret.as_ref().map(|secret| secret.reveal().to_owned()).unwrap_or_default()));
    output.line(fields(all))?;
    if secret.is_some() {
        output.line(format_args!("\nThe {word} is shown this once: keep it now."))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Link<'a> {
    link: &'a str,
}

#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    user: UserView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_password: Option<&'a str>,
}

#[derive(Serialize)]
struct UserView<'a> {
    id: &'a str,
    email: &'a str,
    email_verified: bool,
    name: &'a str,
    role: &'static str,
    account_type: &'static str,
    organization_id: &'a str,
    enabled: bool,
    created_at: String,
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            email: user.email.as_str(),
            email_verified: user.email_verified,
            name: &user.name,
            role: user.role.as_str(),
            account_type: user.account_type.as_str(),
            organization_id: user.organization_id.as_str(),
            enabled: user.enabled,
            created_at: user.created_at.to_string(),
        }
    }
}

fn list(all: &[User], output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&all.iter().map(UserView::from).collect::<Vec<_>>());
    }
    let columns = [
        ("e-mail", Fit::Whole),
        ("name", Fit::Cut),
        ("role", Fit::Whole),
        ("type", Fit::Spare),
        ("state", Fit::Whole),
        ("id", Fit::Spare),
    ];
    let mut table = Table::new(columns);
    for user in all {
        table.row([
            user.email.to_string(),
            user.name.clone(),
            user.role.as_str().to_owned(),
            user.account_type.as_str().to_owned(),
            state(user.enabled),
            user.id.to_string(),
        ]);
    }
    table.print(output, "Nobody yet. `tollgate user create --email EMAIL` makes an account.")
}

fn show(user: &User, output: Output) -> Result<(), CommandError> {
    if output.is_json() {
        return output.json(&UserView::from(user));
    }
    output.line(fields(described(user)))
}

fn described(user: &User) -> Vec<(&'static str, String)> {
    let verified = if user.email_verified { "" } else { " (not verified)" };
    vec![
        ("id", user.id.to_string()),
        ("e-mail", format!("{}{verified}", user.email)),
        ("name", user.name.clone()),
        ("role", user.role.as_str().to_owned()),
        ("type", user.account_type.as_str().to_owned()),
        ("organization", user.organization_id.to_string()),
        ("state", state(user.enabled)),
        ("created", user.created_at.to_string()),
    ]
}

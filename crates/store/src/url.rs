//! Where the database is: a file, or a PostgreSQL server.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use tokio_postgres::config::Host;
use tollgate_model::Invalid;

/// The address of a database: `sqlite:PATH`, a bare path, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
///
/// To a PostgreSQL address, `?sslmode=require` (or `verify-full`) adds TLS with a verified certificate and host name;
/// `&sslrootcert=FILE` names the authority when it is not a public one. Other parameters are those of libpq.
/// Neither `Debug` nor `Display` shows the password.
#[derive(Clone)]
pub struct DatabaseUrl(pub(crate) Place);

#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(Box<Server>),
}

/// A PostgreSQL server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) encryption: Encryption,
}

/// Whether the way to the server is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    Off,
    /// Certificate and host name are verified, against the file's authorities or the public ones.
    Verified {
        authorities: Option<PathBuf>,
    },
}

impl DatabaseUrl {
    /// The file of a SQLite database, `None` for PostgreSQL.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }
}

impl From<&Path> for DatabaseUrl {
    fn from(path: &Path) -> Self {
        Self(Place::Sqlite(path.to_owned()))
    }
}

impl FromStr for DatabaseUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Server::parse(text).map(|server| Self(Place::Postgres(Box::new(server))));
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None if text.contains("://") => {
                return Err(refused("use sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE"));
            }
            None => text,
        };
        if path.is_empty() || path.contains('\0') {
            return Err(refused("give the path of a file, such as sqlite:tollgate.db"));
        }
        Ok(Self(Place::Sqlite(PathBuf::from(path))))
    }
}

/// An address may hold a password, so a refused one is not repeated.
fn refused(remedy: impl Into<String>) -> Invalid {
    Invalid::new("database address", "(not shown)", remedy)
}

impl Server {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut authorities, mut rest) = ("disable", None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", value)) => authorities = Some(PathBuf::from(value)),
                _ => rest.push(parameter),
            }
        }
        let encryption = match mode {
            "disable" | "allow" | "prefer" => Encryption::Off,
            "require" | "verify-ca" | "verify-full" => Encryption::Verified { authorities },
            _ => return Err(refused("set sslmode to disable, require or verify-full")),
        };
        let plain = if rest.is_empty() { address.to_owned() } else { format!("{address}?{}", rest.join("&")) };
        let mut config: tokio_postgres::Config =
            plain.parse().map_err(|_| refused("write it like postgres://USER:PASSWORD@HOST:5432/DATABASE"))?;
        if config.get_hosts().is_empty() {
            return Err(refused("name the host, such as postgres://USER:PASSWORD@localhost/DATABASE"));
        }
        config.ssl_mode(match encryption {
            Encryption::Off => tokio_postgres::config::SslMode::Disable,
            Encryption::Verified { .. } => tokio_postgres::config::SslMode::Require,
        });
        Ok(Self { config, encryption })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = match &self.0 {
            Place::Sqlite(path) => return write!(out, "sqlite:{}", path.display()),
            Place::Postgres(server) => &server.config,
        };
        out.write_str("postgres://")?;
        if let Some(user) = server.get_user() {
            write!(out, "{user}@")?;
        }
        for (position, host) in server.get_hosts().iter().enumerate() {
            out.write_str(if position == 0 { "" } else { "," })?;
            match host {
                Host::Tcp(name) => out.write_str(name)?,
                Host::Unix(path) => write!(out, "{}", path.display())?,
            }
            if let Some(port) = server.get_ports().get(position).or_else(|| server.get_ports().first()) {
                write!(out, ":{port}")?;
            }
        }
        write!(out, "/{}", server.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_for_sqlite_with_and_without_its_scheme() {
        for text in ["sqlite:data/tollgate.db", "sqlite://data/tollgate.db", "data/tollgate.db"] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url.sqlite_path(), Some(Path::new("data/tollgate.db")), "{text}");
        }
        assert_eq!("sqlite:///var/t.db".parse::<DatabaseUrl>().unwrap().to_string(), "sqlite:/var/t.db");
        assert!("mysql://host/db".parse::<DatabaseUrl>().is_err());
        assert!("".parse::<DatabaseUrl>().is_err());
    }

    #[test]
    fn a_password_is_never_shown_not_even_of_a_refused_address() {
        let url: DatabaseUrl =
            "postgres://tollgate:hunter2@db.example.com:5433/main?application_name=x".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://tollgate@db.example.com:5433/main");
        assert!(!format!("{url:?}").contains("hunter2"));
        let refused = "postgres://tollgate:hunter2@host:port/main".parse::<DatabaseUrl>().unwrap_err();
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }

    #[test]
    fn tls_is_used_when_sslmode_demands_it_and_is_then_always_verified() {
        let encryption = |query: &str| match format!("postgres://u@h/d{query}").parse::<DatabaseUrl>().unwrap().0 {
            Place::Postgres(server) => server.encryption,
            Place::Sqlite(_) => unreachable!(),
        };
        assert_eq!(encryption(""), Encryption::Off);
        assert_eq!(encryption("?sslmode=disable"), Encryption::Off);
        assert_eq!(encryption("?sslmode=require"), Encryption::Verified { authorities: None });
        assert_eq!(
            encryption("?connect_timeout=3&sslmode=verify-full&sslrootcert=/etc/ca.pem"),
            Encryption::Verified { authorities: Some("/etc/ca.pem".into()) }
        );
        assert!("postgres://u@h/d?sslmode=maybe".parse::<DatabaseUrl>().is_err());
    }
}

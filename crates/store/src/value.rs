//! The values that statements are given: text, whole numbers, truth values, and nothing.

use std::fmt;

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tollgate_crypto::Digest;
use tollgate_model::{Timestamp, id, scope::ScopeSet, session::Methods, user::EmailAddress};

/// One parameter of a statement, in one of the three column types.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// A `text`.
    Text(String),
    /// A `bigint`.
    Integer(i64),
    /// A `boolean`.
    Boolean(bool),
    /// Nothing, of any type.
    Null,
}

/// Lists the parameters of a statement: `params![&client.id, now, true]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::Value::from($value)),*] };
}
pub(crate) use params;

impl fmt::Debug for Value {
    /// Tells the type only; what is stored may be secret.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Integer(_) => "Integer(..)",
            Self::Boolean(_) => "Boolean(..)",
            Self::Null => "Null",
        })
    }
}

impl Value {
    /// A text that holds `value` in JSON.
    pub(crate) fn json(value: &impl serde::Serialize) -> Self {
        Self::Text(serde_json::to_string(value).expect("stored types have text for keys, so they are JSON"))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u8> for Value {
    fn from(number: u8) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<Timestamp> for Value {
    fn from(instant: Timestamp) -> Self {
        Self::Integer(instant.micros())
    }
}

impl From<&Digest> for Value {
    fn from(digest: &Digest) -> Self {
        Self::Text(digest.to_string())
    }
}

impl From<&EmailAddress> for Value {
    fn from(address: &EmailAddress) -> Self {
        Self::from(address.as_str())
    }
}

impl From<&Methods> for Value {
    fn from(methods: &Methods) -> Self {
        Self::Text(methods.to_string())
    }
}

impl From<&ScopeSet> for Value {
    fn from(scope: &ScopeSet) -> Self {
        Self::Text(scope.space_separated())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_ids {
    ($($id:ident),+) => {
        $(impl From<&id::$id> for Value {
            fn from(id: &id::$id) -> Self {
                Self::from(id.as_str())
            }
        })+
    };
}
from_ids!(
    OrganizationId,
    UserId,
    TechnicalAccountId,
    ClientId,
    OrganizationNumber,
    ProjectId,
    WorkspaceId,
    CredentialId,
    ServiceCode,
    SecretId,
    TokenId,
    SessionId,
    GrantId,
    ProviderId,
    KeyId
);

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Boolean(truth) => ValueRef::Integer((*truth).into()),
            Self::Null => ValueRef::Null,
        }))
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(text) if <&str as ToSql>::accepts(ty) => text.as_str().to_sql(ty, out),
            Self::Integer(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            // `$1 + 1` and the like are taken for the smaller type.
            Self::Integer(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Boolean(truth) if *ty == Type::BOOL => truth.to_sql(ty, out),
            Self::Null => Ok(IsNull::Yes),
            other => Err(format!("{other:?} given where {ty} is taken").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_take_what_a_row_is_made_of_and_never_show_it() {
        let id: id::ProjectId = "123".parse().unwrap();
        let values = params!["name", &id, 7_i64, true, Timestamp::from_seconds(1), None::<i64>, Some(&id)];
        assert_eq!(values[1], Value::Text("123".to_owned()));
        assert_eq!(values[4], Value::Integer(1_000_000));
        assert_eq!((&values[5], &values[6]), (&Value::Null, &values[1]));
        assert!(!format!("{values:?}").contains("name"));
    }
}

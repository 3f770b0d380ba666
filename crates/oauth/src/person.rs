//! What is told of a person, by scope: at userinfo and in the `id_token` in the words of OpenID Connect, at profile and
//! beside tokens in those of IMS (contract sections 1.9, 1.10, 2.3 and 4.1).

use serde::Serialize;
use tollgate_model::{
    client::TechnicalAccount,
    id::OrganizationId,
    scope::ScopeSet,
    user::{Role, User},
};

use crate::json::ObjectWriter;

/// The claims of a person that can be asked for.
pub const PERSON_CLAIMS: [&str; 9] =
    ["sub", "account_type", "name", "given_name", "family_name", "locale", "email", "email_verified", "address"];

/// The scopes that say which of them are told.
pub const PERSON_SCOPES: [&str; 4] = ["openid", "profile", "email", "address"];

/// The body of userinfo: what the scopes release, and the claims that the authorization request named.
pub fn userinfo(user: &User, scope: &ScopeSet, named: &[String]) -> Vec<u8> {
    let mut json = ObjectWriter::with_capacity(384);
    json.text("sub", user.id.as_str());
    write_claims(&mut json, user, scope, named);
    json.finish()
}

/// The body of userinfo for a token that stands for no person.
pub fn userinfo_of_account(account: &TechnicalAccount) -> Vec<u8> {
    ObjectWriter::with_capacity(96).text("sub", account.id.as_str()).finish()
}

/// The standard claims of a person, `sub` excepted.
pub(crate) fn write_claims(json: &mut ObjectWriter, user: &User, scope: &ScopeSet, named: &[String]) {
    let told = |by: &str, name: &str| scope.contains(by) || named.iter().any(|own| own == name);
    if told("profile", "account_type") {
        json.text("account_type", user.account_type.userinfo_word());
    }
    if told("profile", "name") {
        json.text("name", &user.name);
    }
    if told("profile", "given_name") {
        json.optional_text("given_name", given_name(user));
    }
    if told("profile", "family_name") {
        json.optional_text("family_name", family_name(user));
    }
    if told("profile", "locale") {
        json.optional_text("locale", user.language.as_deref());
    }
    if told("email", "email") {
        json.text("email", user.email.as_str());
    }
    if told("email", "email_verified") {
        json.value("email_verified", &user.email_verified);
    }
    if told("address", "address")
        && let Some(country) = &user.country_code
    {
        json.value("address", &Address { country });
    }
}

#[derive(Serialize)]
struct Address<'a> {
    country: &'a str,
}

/// The body of profile. Many values are texts where one would expect something else; clients rely on it.
pub fn profile(user: &User, scope: &ScopeSet) -> Vec<u8> {
    let mut json = ObjectWriter::with_capacity(1_024);
    json.text("userId", user.id.as_str()).text("authId", user.id.as_str());
    if ["openid", "AdobeID"].iter().any(|one| scope.contains(one)) {
        write_ims_fields(&mut json, user);
        json.value("phoneNumber", &None::<&str>)
            .text("mrktPerm", "EMAIL:false")
            .text("mrktPermEmail", "false")
            .value("tags", &[""; 0])
            .value("toua", &[""; 0]);
    } else {
        write_parts(&mut json, user, scope);
    }
    if scope.contains("additional_info.roles") {
        json.value("roles", &roles(user));
    }
    if scope.contains("additional_info.ownerOrg") {
        json.text("ownerOrg", user.organization_id.as_str());
    }
    if scope.contains("additional_info.projectedProductContext") {
        json.value("projectedProductContext", &[""; 0]);
    }
    json.finish()
}

/// The body of profile for the token of a technical account.
pub fn profile_of_account(account: &TechnicalAccount, organization_id: &OrganizationId) -> Vec<u8> {
    ObjectWriter::with_capacity(384)
        .text("userId", account.id.as_str())
        .text("authId", account.id.as_str())
        .text("account_type", "service")
        .text("displayName", account.email.as_str())
        .text("name", account.email.as_str())
        .text("email", account.email.as_str())
        .text("emailVerified", "true")
        .text("ownerOrg", organization_id.as_str())
        .finish()
}

/// The fields that versions without and with number one of the token endpoint mix into their answer: both families of
/// names, because clients of either read them (contract section 1.4). None of them is `null`.
pub(crate) fn write_beside_first_tokens(json: &mut ObjectWriter, user: &User, scope: &ScopeSet) {
    json.text("sub", user.id.as_str()).text("userId", user.id.as_str());
    if !["openid", "AdobeID", "profile"].iter().any(|one| scope.contains(one)) {
        return;
    }
    write_ims_fields(json, user);
    json.optional_text("given_name", given_name(user))
        .optional_text("family_name", family_name(user))
        .text("email_verified", truth(user.email_verified))
        .text("mrktPerm", "EMAIL:false")
        .text("mrktPermEmail", "false");
    if let Some(country) = &user.country_code {
        json.value("address", &Address { country });
    }
    if scope.contains("additional_info.projectedProductContext") {
        json.value("projectedProductContext", &[""; 0]);
    }
}

/// The fields that later versions mix in: the id, under both of its names.
pub(crate) fn write_beside_later_tokens(json: &mut ObjectWriter, user: &User) {
    json.text("sub", user.id.as_str()).text("userId", user.id.as_str());
}

fn write_ims_fields(json: &mut ObjectWriter, user: &User) {
    json.text("account_type", user.account_type.as_str())
        .text("displayName", &user.name)
        .text("name", &user.name)
        .text("first_name", given_name(user).unwrap_or_default())
        .text("last_name", family_name(user).unwrap_or_default())
        .text("email", user.email.as_str())
        .text("emailVerified", truth(user.email_verified))
        .optional_text("countryCode", user.country_code.as_deref())
        .value("preferred_languages", &user.language.iter().collect::<Vec<_>>())
        .text("utcOffset", "null");
}

/// The fields of IMS that scopes of OpenID Connect release one by one.
fn write_parts(json: &mut ObjectWriter, user: &User, scope: &ScopeSet) {
    if scope.contains("profile") {
        json.text("account_type", user.account_type.as_str())
            .text("displayName", &user.name)
            .text("name", &user.name)
            .text("first_name", given_name(user).unwrap_or_default())
            .text("last_name", family_name(user).unwrap_or_default());
    }
    if scope.contains("email") {
        json.text("email", user.email.as_str()).text("emailVerified", truth(user.email_verified));
    }
    if scope.contains("address") {
        json.optional_text("countryCode", user.country_code.as_deref());
    }
}

const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// The first name; where only the whole name is known, what stands before its first space.
fn given_name(user: &User) -> Option<&str> {
    let split = || user.name.split_once(' ').map_or(&*user.name, |(given, _)| given);
    Some(user.given_name.as_deref().unwrap_or_else(split)).filter(|name| !name.is_empty())
}

/// The last name; where only the whole name is known, what stands after its first space.
fn family_name(user: &User) -> Option<&str> {
    let split = || user.name.split_once(' ').map_or("", |(_, family)| family);
    Some(user.family_name.as_deref().unwrap_or_else(split)).filter(|name| !name.is_empty())
}

/// What a person may do in their organization, in the words of IMS.
#[derive(Serialize)]
struct RoleEntry<'a> {
    principal: String,
    organization: &'a str,
    named_role: &'static str,
    target: &'a str,
    target_type: &'static str,
    target_data: NoTarget,
}

#[derive(Serialize)]
struct NoTarget {}

fn roles(user: &User) -> Vec<RoleEntry<'_>> {
    let organization = user.organization_id.as_str();
    let named_role = match user.role {
        Role::Administrator => "org_admin",
        Role::Developer => "DEVELOPER",
        Role::Member => return Vec::new(),
    };
    vec![RoleEntry {
        principal: format!("{organization}:1"),
        organization,
        named_role,
        target: organization,
        target_type: "TRG_ORG",
        target_data: NoTarget {},
    }]
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};
    use tollgate_model::{Timestamp, user::AccountType};

    use super::*;

    pub(crate) fn ada() -> User {
        User {
            id: "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID".parse().unwrap(),
            organization_id: "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap(),
            email: "ada@example.com".parse().unwrap(),
            name: "Ada Byron King".into(),
            role: Role::Administrator,
            password_hash: Some("geheim".into()),
            account_type: AccountType::Individual,
            email_verified: true,
            given_name: None,
            family_name: Some("King".into()),
            language: Some("en".into()),
            country_code: Some("GB".into()),
            password_expired: false,
            enabled: true,
            created_at: Timestamp::from_seconds(1_760_000_000),
        }
    }

    fn read(body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap()
    }

    #[test]
    fn userinfo_tells_what_the_scopes_release_and_nothing_else() {
        let told = |scope: &str, named: &[String]| read(&userinfo(&ada(), &scope.parse().unwrap(), named));
        let sub = "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID";
        assert_eq!(told("openid", &[]), json!({"sub": sub}));
        assert_eq!(told("openid,email", &[]), json!({"sub": sub, "email": "ada@example.com", "email_verified": true}));
        let profile = json!({"sub": sub, "account_type": "ind", "name": "Ada Byron King", "given_name": "Ada",
            "family_name": "King", "locale": "en"});
        assert_eq!(told("openid,profile", &[]), profile);
        assert_eq!(told("openid,address", &[]), json!({"sub": sub, "address": {"country": "GB"}}));
        assert_eq!(
            told("openid", &["name".into(), "password_hash".into()]),
            json!({"sub": sub, "name": "Ada Byron King"})
        );
    }

    #[test]
    fn profile_has_the_names_and_texts_of_ims() {
        let profile = read(&profile(&ada(), &"AdobeID,additional_info.roles".parse().unwrap()));
        assert_eq!(profile["userId"], "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID");
        assert_eq!(profile["emailVerified"], "true");
        assert_eq!(profile["account_type"], "type1");
        assert_eq!((&profile["first_name"], &profile["last_name"]), (&json!("Ada"), &json!("King")));
        assert_eq!(profile["roles"][0]["named_role"], "org_admin");
        assert_eq!(profile["phoneNumber"], Value::Null);
        assert!(profile.get("projectedProductContext").is_none() && !profile.to_string().contains("geheim"));
    }

    #[test]
    fn profile_without_the_scopes_of_ims_tells_what_each_scope_releases() {
        let told = |scope: &str| read(&profile(&ada(), &scope.parse().unwrap()));
        let ids = json!({"userId": "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID", "authId": "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID"});
        assert_eq!(told("campaign_sdk"), ids);
        assert_eq!(told("email")["email"], "ada@example.com");
        assert_eq!(told("email").get("name"), None);
        assert_eq!((&told("profile")["first_name"], told("profile").get("email")), (&json!("Ada"), None));
        assert_eq!(told("address")["countryCode"], "GB");
    }

    #[test]
    fn fields_beside_first_tokens_are_texts_of_both_families() {
        let mut json = ObjectWriter::with_capacity(64);
        write_beside_first_tokens(&mut json, &ada(), &"openid".parse().unwrap());
        let fields = read(&json.finish());
        for (name, value) in [
            ("sub", "AAAABBBBCCCCDDDDEEEEFFFF@AdobeID"),
            ("email_verified", "true"),
            ("emailVerified", "true"),
            ("given_name", "Ada"),
            ("first_name", "Ada"),
            ("countryCode", "GB"),
        ] {
            assert_eq!(fields[name], value, "{name}");
        }
        assert!(fields.as_object().unwrap().values().all(|value| !value.is_null()));
    }

    #[test]
    fn a_technical_account_is_told_of_by_id_and_address() {
        let account = TechnicalAccount {
            id: "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com".parse().unwrap(),
            email: "x@y.z".into(),
        };
        assert_eq!(read(&userinfo_of_account(&account)), json!({"sub": "AAAABBBBCCCCDDDDEEEEFFFF@techacct.adobe.com"}));
        let profile = read(&profile_of_account(&account, &ada().organization_id));
        assert_eq!(profile["email"], "x@y.z");
    }
}

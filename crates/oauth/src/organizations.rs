//! The organizations of a person or technical account, in the shapes of IMS (contract section 1.11).

use serde::Serialize;
use tollgate_model::{
    organization::Organization,
    user::{Role, User},
};

/// An organization, and what the asker may do in it.
#[derive(Debug, Clone, Copy)]
pub struct Membership<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// What the asker may do; technical accounts are members.
    pub role: Role,
}

const GROUP_NAME: &str = "Default";

#[derive(Serialize)]
struct OrganizationReference<'a> {
    ident: &'a str,
    #[serde(rename = "authSrc")]
    authority: &'a str,
}

/// A group; its number is a number in one answer and a text in the other, as clients compare it.
#[derive(Serialize)]
struct Group<T> {
    #[serde(rename = "groupName")]
    name: &'static str,
    role: &'static str,
    ident: T,
    #[serde(rename = "groupType")]
    kind: &'static str,
    #[serde(rename = "groupDisplayName")]
    display_name: &'static str,
}

impl<T> Group<T> {
    const fn of(role: Role, ident: T) -> Self {
        let role = match role {
            Role::Administrator => "GRP_ADMIN",
            Role::Developer | Role::Member => "TEAM_MEMBER",
        };
        Self { name: GROUP_NAME, role, ident, kind: "DEFAULT", display_name: GROUP_NAME }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a, T> {
    org_ref: OrganizationReference<'a>,
    org_name: &'a str,
    org_type: &'static str,
    country_code: &'static str,
    groups: [Group<T>; 1],
}

impl<'a, T> Shown<'a, T> {
    fn of(membership: &Membership<'a>, ident: T) -> Self {
        let organization = membership.organization;
        let id = organization.id.as_str();
        Self {
            org_ref: OrganizationReference {
                ident: organization.id.ident(),
                authority: id.split('@').nth(1).unwrap_or_default(),
            },
            org_name: &organization.name,
            org_type: "Enterprise",
            country_code: "US",
            groups: [Group::of(membership.role, ident)],
        }
    }
}

/// The number of the one group that an organization has.
pub fn group_number(organization: &Organization) -> &str {
    organization.console_id.as_str()
}

/// The body of `organizations`: an array.
pub fn organizations(memberships: &[Membership<'_>]) -> Vec<u8> {
    let number = |membership: &Membership<'_>| group_number(membership.organization).parse::<u64>().unwrap_or_default();
    let shown: Vec<_> = memberships.iter().map(|own| Shown::of(own, number(own))).collect();
    serde_json::to_vec(&shown).expect("texts and numbers are always JSON")
}

/// The body of `organizations/{organization}/v2`: one, whose groups have numbers that are texts.
pub fn organization(membership: &Membership<'_>) -> Vec<u8> {
    let shown = Shown::of(membership, group_number(membership.organization));
    serde_json::to_vec(&shown).expect("texts are always JSON")
}

/// The body of `organizations/{organization}/groups/{group}/members`: one page of people.
pub fn members(start_index: usize, batch_size: usize, total_size: usize, people: &[User]) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Member<'a> {
        username: &'a str,
        email: &'a str,
        first_name: &'a str,
        last_name: &'a str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Page<'a> {
        start_index: usize,
        batch_size: usize,
        total_size: usize,
        items: Vec<Member<'a>>,
    }
    let items = people.iter().map(|user| Member {
        username: user.email.as_str(),
        email: user.email.as_str(),
        first_name: user.given_name.as_deref().unwrap_or(&user.name),
        last_name: user.family_name.as_deref().unwrap_or_default(),
    });
    let page = Page { start_index, batch_size, total_size, items: items.collect() };
    serde_json::to_vec(&page).expect("texts and numbers are always JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tollgate_model::{
        Timestamp,
        limit::Limits,
        organization::{Branding, SignInRules},
    };

    use super::*;
    use crate::person::tests::ada;

    fn organization_of_ada() -> Organization {
        Organization {
            id: "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap(),
            console_id: "123456789".parse().unwrap(),
            name: "Example".into(),
            enabled: true,
            limits: Limits::default(),
            branding: Branding::default(),
            sign_in_rules: SignInRules::default(),
            created_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn the_number_of_a_group_is_a_number_in_the_list_and_a_text_alone() {
        let own = organization_of_ada();
        let membership = Membership { organization: &own, role: Role::Administrator };
        let list: Value = serde_json::from_slice(&organizations(&[membership])).unwrap();
        let expected = json!([{"orgRef": {"ident": "0123456789ABCDEF01234567", "authSrc": "AdobeOrg"}, "orgName": "Example",
            "orgType": "Enterprise", "countryCode": "US", "groups": [{"groupName": "Default", "role": "GRP_ADMIN",
            "ident": 123_456_789, "groupType": "DEFAULT", "groupDisplayName": "Default"}]}]);
        assert_eq!(list, expected);
        let one: Value = serde_json::from_slice(&organization(&membership)).unwrap();
        assert_eq!(one["groups"][0]["ident"], "123456789");
        assert_eq!(organizations(&[]), b"[]");
    }

    #[test]
    fn members_come_in_pages() {
        let page: Value = serde_json::from_slice(&members(0, 50, 1, &[ada()])).unwrap();
        assert_eq!((&page["startIndex"], &page["batchSize"], &page["totalSize"]), (&json!(0), &json!(50), &json!(1)));
        assert_eq!(page["items"][0]["username"], "ada@example.com");
    }
}

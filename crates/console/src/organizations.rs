//! Organizations: made, found by whatever they are called, switched on and off, deleted.

use tollgate_model::{
    id::{OrganizationId, OrganizationNumber},
    limit::Limits,
    organization::{Branding, Organization, SignInRules, check_display_name},
};
use tollgate_store::{organizations, projects, users};

use crate::{Console, Contents, Error, Noun, PAGE_ROWS_MAX, Refusal, counted, limits::LimitsChange};

/// What is to change of an organization; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct OrganizationChange {
    /// The name people know it by.
    pub name: Option<String>,
    /// What all its credentials together may call.
    pub limits: LimitsChange,
    /// How its pages look.
    pub branding: Option<Branding>,
    /// How its people sign in.
    pub sign_in_rules: Option<SignInRules>,
}

/// An organization to be made.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// The name people know it by.
    pub name: String,
    /// Its id when it has one already, as when it moves here from elsewhere; otherwise one is made up.
    pub id: Option<OrganizationId>,
    /// What all its credentials together may call.
    pub limits: Limits,
}

impl Console {
    /// Makes an organization.
    pub async fn create_organization(&self, new: NewOrganization) -> Result<Organization, Error> {
        self.require_operator(Noun::Organization)?;
        check_display_name("organization name", &new.name)?;
        let entropy = self.entropy();
        let organization = Organization {
            id: new.id.unwrap_or_else(|| OrganizationId::generate(entropy, &self.authorities.organization)),
            console_id: OrganizationNumber::generate(entropy),
            name: new.name,
            enabled: true,
            limits: new.limits,
            branding: Branding::default(),
            sign_in_rules: SignInRules::default(),
            created_at: self.now(),
        };
        self.change(async |tx| {
            if organizations::insert(tx, &organization).await? {
                Ok(())
            } else {
                Err(Refusal::taken(Noun::Organization, organization.id.as_str()).into())
            }
        })
        .await?;
        Ok(organization)
    }

    /// All organizations, by name.
    pub async fn organizations(&self) -> Result<Vec<Organization>, Error> {
        let mut all = organizations::list(&self.db).await?;
        all.retain(|organization| self.admits(&organization.id));
        Ok(all)
    }

    /// The organization that goes by `name`: its id, its number in console addresses, or its name.
    pub async fn organization(&self, name: &str) -> Result<Organization, Error> {
        let all = self.organizations().await?;
        let by_id = |own: &&Organization| own.id.as_str() == name || own.console_id.as_str() == name;
        if let Some(found) = all.iter().find(by_id) {
            return Ok(found.clone());
        }
        let mut by_name = all.into_iter().filter(|own| own.name == name);
        match (by_name.next(), by_name.next()) {
            (Some(found), None) => Ok(found),
            (Some(_), Some(_)) => Err(Refusal::ambiguous(Noun::Organization, name).into()),
            (None, _) => Err(Refusal::unknown(Noun::Organization, name).into()),
        }
    }

    /// The organization that is meant when none is named: the only one there is.
    pub async fn only_organization(&self) -> Result<Organization, Error> {
        let mut all = self.organizations().await?.into_iter();
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Refusal::Unstated(Noun::Organization).into()),
            (None, _) => Err(Refusal::NoneYet(Noun::Organization).into()),
        }
    }

    /// Changes an organization.
    pub async fn update_organization(
        &self,
        id: &OrganizationId,
        change: OrganizationChange,
    ) -> Result<Organization, Error> {
        change.name.as_deref().map_or(Ok(()), |name| check_display_name("organization name", name))?;
        change.branding.as_ref().map_or(Ok(()), Branding::check)?;
        self.change(async |tx| {
            let Some(old) = organizations::find(&mut *tx, id).await?.filter(|own| self.admits(&own.id)) else {
                return Err(Refusal::unknown(Noun::Organization, id.as_str()).into());
            };
            let limits = change.limits.applied_to(&old.limits);
            let organization = Organization {
                name: change.name.unwrap_or(old.name),
                limits,
                branding: change.branding.unwrap_or(old.branding),
                sign_in_rules: change.sign_in_rules.unwrap_or(old.sign_in_rules),
                ..old
            };
            organizations::update(tx, &organization).await?;
            Ok(organization)
        })
        .await
    }

    /// Lets an organization's credentials work, or stops all of them at once.
    pub async fn set_organization_enabled(&self, id: &OrganizationId, enabled: bool) -> Result<(), Error> {
        self.change(async |tx| {
            let found = self.admits(id) && organizations::set_enabled(tx, id, enabled).await?;
            if found { Ok(()) } else { Err(Refusal::unknown(Noun::Organization, id.as_str()).into()) }
        })
        .await
    }

    /// Deletes an organization, and with [`Contents::GoToo`] its projects, credentials and users.
    pub async fn delete_organization(&self, id: &OrganizationId, contents: Contents) -> Result<(), Error> {
        self.change(async |tx| {
            let Some(organization) = organizations::find(&mut *tx, id).await?.filter(|own| self.admits(&own.id)) else {
                return Err(Refusal::unknown(Noun::Organization, id.as_str()).into());
            };
            let projects = projects::list(&mut *tx, id, "", PAGE_ROWS_MAX).await?.len();
            let users = users::list(&mut *tx, id, None, PAGE_ROWS_MAX).await?.len();
            if contents == Contents::MustBeNone && projects + users > 0 {
                let contents = format!("{} and {}", counted(projects, Noun::Project), counted(users, Noun::User));
                return Err(Refusal::NotEmpty { noun: Noun::Organization, name: organization.name, contents }.into());
            }
            organizations::delete(tx, id).await?;
            Ok(())
        })
        .await
    }
}

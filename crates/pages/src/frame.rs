//! What all pages share: whose house it is, who is signed in, in which language, and what just happened.

use tollgate_model::Timestamp;

use crate::{Color, Language, Notice, Problem};

/// What every page is rendered with.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// Whose name, logo and colour the page carries.
    pub branding: Branding,
    /// The value of the hidden field `form_token` in every form, and of `form_token` in every JSON body of the scripts.
    pub form_token: String,
    /// The pending request that this step belongs to; carried on as `request` in every link, form and JSON body.
    pub request: Option<String>,
    /// The name of the application that the person is on the way to, where there is one.
    pub application: Option<String>,
    /// Who is signed in; the account pages show it and offer to sign out.
    pub signed_in: Option<Account>,
    /// What went wrong in the step before, in the order in which it is told.
    pub problems: Vec<Problem>,
    /// What went well in the step before.
    pub notice: Option<Notice>,
    /// The present, read once at the door; times are told relative to it.
    pub now: Timestamp,
}

/// The appearance of an organization.
#[derive(Debug, Clone)]
pub struct Branding {
    /// The name people know the organization (or the instance) by; stands in every title.
    pub organization_name: String,
    /// Shown in place of Tollgate's mark.
    pub logo: Option<ImageUrl>,
    /// The colour of buttons and links in place of Tollgate's.
    pub color: Option<Color>,
}

/// A person as pages show one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Full name; may be empty.
    pub name: String,
    /// Sign-in name.
    pub email: String,
}

/// An application as people meet it on consent, device and connection pages.
#[derive(Debug, Clone)]
pub struct Application {
    /// The credential's public name.
    pub client_id: String,
    /// The name people know it by.
    pub name: String,
    /// The organization that publishes it.
    pub publisher: String,
    /// Its picture; a letter stands in for a missing one.
    pub logo: Option<ImageUrl>,
}

/// The address of a picture: `https://`, a path of this server, or a `data:image/` of a raster format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUrl(Box<str>);

/// Longest address of a picture; enough for a small one in a `data:` address.
pub const IMAGE_URL_BYTES_MAX: usize = 65_536;

impl ImageUrl {
    /// Takes `text` when a page may show it, else `None`.
    ///
    /// SVG is refused in `data:` addresses: strangers' drawings can be told from text by no one.
    pub fn parse(text: &str) -> Option<Self> {
        let raster = ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,"];
        let of_this_server = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
        let wanted = text.starts_with("https://") || of_this_server || raster.iter().any(|kind| text.starts_with(kind));
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        (wanted && printable && text.len() <= IMAGE_URL_BYTES_MAX).then(|| Self(text.into()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_by_https_from_this_server_or_as_raster_data_only() {
        for good in ["https://cdn.example.com/logo.svg", "/assets/logo.png", "data:image/png;base64,AAAA"] {
            assert!(ImageUrl::parse(good).is_some(), "{good}");
        }
        for bad in [
            "http://example.com/l.png",
            "//example.com/l.png",
            "/\\example.com",
            "javascript:alert(1)",
            "data:image/svg+xml;base64,AA",
            "https://a b",
        ] {
            assert!(ImageUrl::parse(bad).is_none(), "{bad}");
        }
    }
}

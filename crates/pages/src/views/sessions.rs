//! Where a person is signed in.

use tollgate_model::{Timestamp, id::SessionId};

use super::page;
use crate::Device;

/// `/account/sessions`: posts `action` (`end` with `id`, or `end_others`) there.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// The sessions, this one first.
    pub sessions: Vec<SessionRow>,
}
page!(Sessions, "account/sessions.html", "/account/sessions");

/// A session of the list.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// What the form names it by.
    pub id: SessionId,
    /// Browser and system.
    pub device: Device,
    /// The network address it began from.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that looks at the page.
    pub current: bool,
}

//! Letting a device in that has no keyboard (RFC 8628).

use super::page;
use crate::{Account, Application, AskedScope};

/// `/device`: posts `user_code` there.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// The code from the address (`verification_uri_complete`) or as typed before.
    pub user_code: String,
}
page!(DeviceCode, "device_code.html");

/// `/device/confirm`: posts `user_code` and `decision` (`allow` or `cancel`) there.
#[derive(Debug, Clone)]
pub struct DeviceConfirm {
    /// The code as the device shows it, for comparing.
    pub user_code: String,
    /// Who asks.
    pub application: Application,
    /// Who is asked.
    pub account: Account,
    /// What is asked for.
    pub scopes: Vec<AskedScope>,
}
page!(DeviceConfirm, "device_confirm.html");

/// The end of the way at the browser; the device goes on by itself.
#[derive(Debug, Clone)]
pub struct DeviceDone {
    /// Whether the device was let in.
    pub allowed: bool,
    /// The application's name.
    pub application: String,
}
page!(DeviceDone, "device_done.html");

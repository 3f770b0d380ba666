//! The commands that are about the installation itself, one file each; those about what is in the database are in
//! [`administration`](crate::administration).

pub(crate) mod backup;
pub(crate) mod check_config;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod serve;

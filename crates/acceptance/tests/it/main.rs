//! The whole house, from outside. One binary, so that it links once.

mod tidy;

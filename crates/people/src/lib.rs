//! People: their accounts, how they prove who they are, and the browsers in which they are signed in.

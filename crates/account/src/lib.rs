//! The pages of people: sign-in, consent, and their account.

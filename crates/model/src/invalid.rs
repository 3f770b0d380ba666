//! The one error of this room: a value that breaks its own rule.

/// A value that was refused, in words for the person who gave it: which value, what it was, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` is not valid: {remedy}")]
pub struct Invalid {
    /// What the value was meant to be, such as `client id`.
    pub what: &'static str,
    /// The value as given, shortened to 80 characters and stripped of control characters.
    pub value: String,
    /// What to give instead.
    pub remedy: String,
}

/// Longest part of a refused value that is repeated in a message.
const VALUE_CHARS_MAX: usize = 80;

impl Invalid {
    /// Refuses `value` as a `what`, telling what would be accepted.
    pub fn new(what: &'static str, value: &str, remedy: impl Into<String>) -> Self {
        let mut shown: String = value.chars().filter(|c| !c.is_control()).take(VALUE_CHARS_MAX).collect();
        if value.chars().count() > VALUE_CHARS_MAX {
            shown.push('…');
        }
        Self { what, value: shown, remedy: remedy.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_with_control_characters_is_shown_short_and_on_one_line() {
        let refused = Invalid::new("name", &format!("a\nb{}", "c".repeat(200)), "use letters");
        assert_eq!(refused.value.chars().count(), VALUE_CHARS_MAX + 1);
        assert!(!refused.to_string().contains('\n'));
    }
}

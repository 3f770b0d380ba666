//! The words of the pages, from the Fluent files under `locales/`.

use std::{borrow::Cow, collections::HashMap, fmt::Display};

use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue};

use crate::Language;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Names are stripped of direction marks in `shown`, so that no invisible marks have to be set around them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

type Arguments = HashMap<Cow<'static, str>, FluentValue<'static>>;

/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts(Language);

impl Texts {
    /// The texts of `language`.
    pub(crate) const fn of(language: Language) -> Self {
        Self(language)
    }

    /// A text without variables.
    pub(crate) fn text(self, key: &str) -> String {
        self.look_up(key, &Arguments::new())
    }

    /// A text with one variable.
    pub(crate) fn with(self, key: &str, name: &'static str, value: impl Display) -> String {
        self.with_all(key, [(name, value.to_string())])
    }

    /// A text with any number of variables.
    pub(crate) fn with_all<const N: usize>(self, key: &str, values: [(&'static str, String); N]) -> String {
        let arguments = values.into_iter().map(|(name, value)| (name.into(), shown(&value).into())).collect();
        self.look_up(key, &arguments)
    }

    /// A text with a `$count`, by which it chooses its plural.
    pub(crate) fn counted(self, key: &str, count: i64) -> String {
        self.look_up(key, &Arguments::from([("count".into(), count.into())]))
    }

    fn look_up(self, key: &str, arguments: &Arguments) -> String {
        let language: LanguageIdentifier = self.0.tag().parse().expect("the tags of our languages are well formed");
        LOCALES.lookup_with_args(&language, key, arguments)
    }
}

/// `text` without characters that are not seen but turn the reading direction or break lines (Unicode's bidirectional
/// controls and other control characters): with them a name could make a sentence read as another.
pub(crate) fn shown(text: &str) -> String {
    let deceptive = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|c| !deceptive(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_the_reading_direction_of_a_sentence() {
        assert_eq!(shown("Photo\u{202e}gpj.exe\u{2069}\n"), "Photogpj.exe");
        assert_eq!(shown("Zoë 写真 ג'ון"), "Zoë 写真 ג'ון");
    }
}

//! The languages pages are written in, and how one is chosen.

/// A language that every page is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Japanese.
    Ja,
}

/// Most entries that are read of a stranger's list of languages.
const PREFERENCES_MAX: usize = 20;

impl Language {
    /// All languages, English first.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ja];

    /// The tag of the language as the `lang` attribute carries it (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ja => "ja",
        }
    }

    /// The name of the language in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
            Self::Ja => "日本語",
        }
    }

    /// The language of a tag such as `de`, `de-AT` or the older `de_AT`; `None` for one that no page is written in.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Chooses by the first tag of `ui_locales` that is known (OpenID Connect Core section 3.1.2.1), then by the header
    /// `Accept-Language` with its weights (RFC 9110 section 12.5.4), then English.
    pub fn negotiate(ui_locales: &[&str], accept_language: Option<&str>) -> Self {
        let asked = ui_locales.iter().take(PREFERENCES_MAX).find_map(|tag| Self::of_tag(tag));
        asked.or_else(|| accept_language.and_then(Self::preferred)).unwrap_or_default()
    }

    fn preferred(accept_language: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for entry in accept_language.split(',').take(PREFERENCES_MAX) {
            let (tag, parameters) = entry.split_once(';').unwrap_or((entry, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            let Some(language) = Self::of_tag(tag) else { continue };
            if weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_applications_wish_goes_before_the_browsers_and_english_comes_last() {
        assert_eq!(Language::negotiate(&["nl", "fr-CA"], Some("de")), Language::Fr);
        assert_eq!(Language::negotiate(&["de_DE"], None), Language::De);
        assert_eq!(Language::negotiate(&[], Some("nl, es;q=0.5, ja;q=0.9, *;q=0.1")), Language::Ja);
        assert_eq!(Language::negotiate(&[], Some("de;q=0, en-GB;q=0.3")), Language::En);
        assert_eq!(Language::negotiate(&["zz"], Some(";;q=,,")), Language::En);
        assert_eq!(Language::negotiate(&[], None), Language::En);
    }
}

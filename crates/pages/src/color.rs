//! Colours of organizations, and which text can be read on them (WCAG 2.2).

use std::{fmt, str::FromStr};

use tollgate_model::Invalid;

/// A colour, `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// The contrast that WCAG AA wants between text and its ground.
const CONTRAST_OF_TEXT: f64 = 4.5;

impl Color {
    /// White.
    pub const WHITE: Self = Self { red: 255, green: 255, blue: 255 };
    /// Black.
    pub const BLACK: Self = Self { red: 0, green: 0, blue: 0 };
    /// The darkest text of the pages.
    pub const INK: Self = Self { red: 0x14, green: 0x17, blue: 0x1f };
    /// The lightest ground that links stand on in light pages, apart from white.
    pub const DAY: Self = Self { red: 0xf3, green: 0xf5, blue: 0xf4 };
    /// The lightest ground that links stand on in dark pages.
    pub const NIGHT: Self = Self { red: 0x22, green: 0x28, blue: 0x2b };

    /// The colour of which the `rrggbb` of an address speaks; `None` for anything but six lower-case hexadecimal digits.
    pub fn of_digits(digits: &str) -> Option<Self> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 6 || !digits.bytes().all(lower_hex) {
            return None;
        }
        let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok();
        Some(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    /// The six digits without `#`, as the address of its stylesheet carries them.
    pub fn digits(self) -> String {
        format!("{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// The first of white, ink and black that can be read on this colour. Black or white always can.
    pub fn text_on(self) -> Self {
        let readable = |text: &Self| self.contrast(*text) >= CONTRAST_OF_TEXT;
        [Self::WHITE, Self::INK].into_iter().find(readable).unwrap_or(Self::BLACK)
    }

    /// This colour, moved towards `end` no further than text of it on `ground` needs to be read.
    pub fn readable_on(self, ground: Self, end: Self) -> Self {
        let steps = (0..=20u8).map(|step| self.mixed(end, step * 5));
        steps.into_iter().find(|color| color.contrast(ground) >= CONTRAST_OF_TEXT).unwrap_or(end)
    }

    /// This colour with `percent` of `other` in it.
    pub fn mixed(self, other: Self, percent: u8) -> Self {
        let percent = u32::from(percent.min(100));
        let part = |own: u8, other: u8| {
            let sum = u32::from(own) * (100 - percent) + u32::from(other) * percent;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        Self { red: part(self.red, other.red), green: part(self.green, other.green), blue: part(self.blue, other.blue) }
    }

    /// The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (own, other) = (self.luminance(), other.luminance());
        (own.max(other) + 0.05) / (own.min(other) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl FromStr for Color {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('#').map(str::to_ascii_lowercase);
        let color = digits.and_then(|digits| Self::of_digits(&digits));
        color.ok_or_else(|| Invalid::new("color", text, "give # and six hexadecimal digits, such as #2f5fd0"))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{}", self.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_six_hexadecimal_digits_are_a_color() {
        assert_eq!("#2F5fd0".parse::<Color>().unwrap().to_string(), "#2f5fd0");
        for bad in ["", "#fff", "2f5fd0", "#2f5fd0;", "#ggg000", "#2f5f+1", "red"] {
            assert!(bad.parse::<Color>().is_err(), "{bad}");
        }
    }

    #[test]
    fn text_on_any_color_can_be_read() {
        for digits in ["000000", "ffffff", "ffff00", "777777", "2f5fd0", "ff0000", "00ff7f"] {
            let color = Color::of_digits(digits).unwrap();
            assert!(color.contrast(color.text_on()) >= 4.5, "{color}");
            assert!(color.readable_on(Color::WHITE, Color::INK).contrast(Color::WHITE) >= 4.5, "{color}");
            assert!(color.readable_on(Color::INK, Color::WHITE).contrast(Color::INK) >= 4.5, "{color}");
        }
    }
}

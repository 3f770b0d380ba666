//! Stylesheet, scripts and mark, and the stylesheet of an organization's colour.

use std::sync::LazyLock;

use crate::Color;

/// A file that pages load.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The whole path, with a digest of the content in it: what is under a path never changes.
    pub path: String,
    /// The value of `Content-Type`.
    pub media_type: &'static str,
    /// The content.
    pub bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        named("pages", "css", "text/css; charset=utf-8", include_bytes!("../assets/pages.css")),
        named("page", "js", SCRIPT, include_bytes!("../assets/page.js")),
        named("passkey", "js", SCRIPT, include_bytes!("../assets/passkey.js")),
        named("form-post", "js", SCRIPT, include_bytes!("../assets/form-post.js")),
        named("mark", "svg", "image/svg+xml", include_bytes!("../assets/mark.svg")),
    ]
});

/// All files that pages load, the stylesheets of colours excepted.
pub fn assets() -> &'static [Asset] {
    &*ASSETS
}

/// The path of the file that was `name` before its digest was put in.
pub(crate) fn path_of(name: &str) -> &'static str {
    let (stem, extension) = name.rsplit_once('.').expect("templates name files with an extension");
    let start = format!("/assets/pages/{stem}.");
    let asset = ASSETS.iter().find(|asset| asset.path.starts_with(&start) && asset.path.ends_with(extension));
    &asset.expect("templates name files that exist").path
}

/// The path of the stylesheet of a colour.
pub(crate) fn brand_path(color: Color) -> String {
    format!("/assets/pages/brand/{}.css", color.digits())
}

/// The stylesheet of an organization's colour, in light and dark, with text on it that can be read.
///
/// Belongs to `/assets/pages/brand/{rrggbb}.css`, loaded after the common one.
pub fn brand_css(color: Color) -> String {
    let night = Color::NIGHT;
    let dark = color.readable_on(night, Color::WHITE);
    let tone = |color: Color, link: Color| {
        let on = color.text_on();
        // Hovering moves away from the text, so that the contrast grows.
        let hover = color.mixed(if on == Color::WHITE { Color::INK } else { Color::WHITE }, 14);
        format!(":root{{--brand:{color};--brand-hover:{hover};--on-brand:{on};--link:{link}}}")
    };
    let light_link = color.readable_on(Color::DAY, Color::INK);
    format!("{}\n@media (prefers-color-scheme:dark){{{}}}\n", tone(color, light_link), tone(dark, dark))
}

fn named(stem: &str, extension: &str, media_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { path: format!("/assets/pages/{stem}.{:016x}.{extension}", digest(bytes)), media_type, bytes }
}

/// FNV-1a: tells one edition of our own files from the next; no defence is meant by it.
fn digest(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_path_of_its_own_with_its_digest() {
        let paths: std::collections::BTreeSet<_> = assets().iter().map(|asset| &asset.path).collect();
        assert_eq!(paths.len(), assets().len());
        assert!(path_of("pages.css").starts_with("/assets/pages/pages."));
    }

    #[test]
    fn scripts_write_no_markup_and_run_no_text() {
        for asset in assets().iter().filter(|asset| asset.media_type == SCRIPT) {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            for banned in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
                assert!(!text.contains(banned), "{}: {banned}", asset.path);
            }
        }
    }

    #[test]
    fn the_stylesheet_of_a_color_holds_nothing_but_colors() {
        let css = brand_css("#ffe600".parse().unwrap());
        assert!(css.contains("--brand:#ffe600") && css.contains("--on-brand:#14171f"), "{css}");
    }
}

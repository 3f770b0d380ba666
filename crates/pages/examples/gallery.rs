//! Writes every page, with the files it loads, into a folder, to be looked at in a browser.
//!
//! `cargo run -p tollgate-pages --example gallery -- FOLDER`, then serve the folder, such as by
//! `python3 -m http.server --directory FOLDER`: pages name their files by absolute paths.

#[path = "../tests/it/every_page.rs"]
mod every_page;

use std::{error::Error, fs, path::Path};

use every_page::{PLAIN, every_page, frame};
use tollgate_pages::{Language, assets, brand_css};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets/pages/brand"))?;
    for asset in assets() {
        fs::write(folder.join(asset.path.trim_start_matches('/')), asset.bytes)?;
    }
    let color = "#7a3cff".parse()?;
    fs::write(folder.join("assets/pages/brand/7a3cff.css"), brand_css(color))?;
    for language in Language::ALL {
        let plain = folder.join(language.tag());
        let branded = folder.join("branded").join(language.tag());
        let own = frame(language, &PLAIN);
        let mut theirs = own.clone();
        theirs.branding.color = Some(color);
        for (folder, frame) in [(plain, own), (branded, theirs)] {
            fs::create_dir_all(&folder)?;
            for page in every_page(&frame, &PLAIN) {
                fs::write(folder.join(format!("{}.html", page.name)), page.html)?;
            }
        }
    }
    Ok(())
}

//! One type for each page; `render` with a [`Frame`](crate::Frame) makes the whole document.
//!
//! The markup of a view stands in `templates/`, named by the `page!` line below the type.

pub mod account;
pub mod activity;
pub mod applications;
pub mod consent;
pub mod device;
pub mod error;
pub mod factors;
pub mod form_post;
pub mod mail;
pub mod recovery;
pub mod sessions;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;

/// Ties a view to its template: `view` and `sheet` are the names that the template sees. Account pages
/// add their address, which the navigation marks.
macro_rules! page {
    ($view:ident, $template:tt) => {
        page!($view, $template, "");
    };
    ($view:ident, $template:tt, $here:literal) => {
        const _: () = {
            #[derive(askama::Template)]
            #[template(path = $template)]
            struct Markup<'a> {
                view: &'a $view,
                sheet: $crate::sheet::Sheet<'a>,
            }

            impl $view {
                /// The whole document.
                pub fn render(&self, frame: &$crate::Frame) -> String {
                    let markup = Markup { view: self, sheet: $crate::sheet::Sheet::of(frame, $here) };
                    askama::Template::render(&markup).expect("writing to a string cannot fail")
                }
            }
        };
    };
}
use page;

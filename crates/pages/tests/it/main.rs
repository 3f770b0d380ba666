//! The pages from outside: what must hold for each of them in each language.

mod every_page;
mod markup;
mod pages;
mod texts;

//! Reads the markup of a page far enough to make statements about it; refuses markup that is not well formed.

/// A start tag.
pub(crate) struct Tag {
    /// Its name.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// Names of the elements around it, outermost first.
    pub(crate) within: Vec<String>,
    /// The number of the form around it, or of itself when it is one; zero outside of forms.
    pub(crate) form: usize,
}

impl Tag {
    /// The value of an attribute, as written.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Names of all attributes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }
}

const VOID: [&str; 5] = ["meta", "link", "input", "img", "br"];

/// All start tags of `html`, in order.
pub(crate) fn tags(html: &str) -> Result<Vec<Tag>, String> {
    let mut tags = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut forms = 0;
    let mut rest = html.strip_prefix("<!doctype html>").ok_or("no doctype")?;
    while let Some(begin) = rest.find('<') {
        let end = begin + rest[begin..].find('>').ok_or("a tag is not closed")?;
        let inside = &rest[begin + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop();
            if last.as_deref() != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
            continue;
        }
        let (inside, closed) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        forms += usize::from(name == "form");
        tags.push(Tag {
            name: name.to_owned(),
            attributes: attributes_of(attributes)?,
            within: open.clone(),
            form: if open.iter().any(|name| name == "form") || name == "form" { forms } else { 0 },
        });
        if !closed && !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    if open.is_empty() { Ok(tags) } else { Err(format!("never closed: {open:?}")) }
}

fn attributes_of(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let length = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| format!("{name} is not closed"))?,
            None if after.starts_with('=') => return Err(format!("{name} is not quoted")),
            None => ("", after),
        };
        if attributes.iter().any(|(own, _)| own == name) {
            return Err(format!("{name} stands twice in {text}"));
        }
        attributes.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    Ok(attributes)
}

//! The forms of a page, read as a browser without scripts reads them.

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Its inputs, buttons and choices, in order: name and value.
    pub fields: Vec<Field>,
}

/// An input, button or choice of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name; empty for one that is not sent.
    pub name: String,
    /// What it holds.
    pub value: String,
    /// Whether it is sent without anybody's doing.
    pub is_hidden: bool,
}

impl Form {
    /// Whether it has a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// What a field holds.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }
}

/// All forms of a page.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    for part in html.split("<form").skip(1) {
        let content = part.split("</form>").next().unwrap_or_default();
        let Some((opening, content)) = content.split_once('>') else { continue };
        let mut fields = Vec::new();
        for tag in content.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()) {
            let is_field = ["input", "button", "select", "textarea"].iter().any(|kind| tag.starts_with(kind));
            if is_field {
                let text = |name| attribute(tag, name).unwrap_or_default();
                fields.push(Field { name: text("name"), value: text("value"), is_hidden: text("type") == "hidden" });
            }
        }
        forms.push(Form { action: attribute(opening, "action").unwrap_or_default(), fields });
    }
    forms
}

/// The value of a quoted attribute in a tag.
pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescaped)
}

/// Text without the entities that our pages write.
pub(crate) fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        plain.push_str(before);
        let Some((name, after)) = entity.split_once(';') else {
            plain.push('&');
            rest = entity;
            continue;
        };
        let number = name.strip_prefix('#').and_then(|number| {
            let hex = number.strip_prefix(['x', 'X']);
            hex.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
        });
        let named = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            _ => number.and_then(char::from_u32),
        };
        match named {
            Some(character) => plain.push(character),
            None => plain.extend(["&", name, ";"]),
        }
        rest = after;
    }
    plain + rest
}

//! Names of new images with placeholders (R6.4).

use super::RequestResolver;
use crate::scenario::decode::Spanned;
use crate::scenario::names::nearest;

/// What a name can have filled in, as it is written.
const KNOWN: [&str; 4] = ["{image}", "{to}", "{from}", "{request}"];

/// What is filled into the name of one copy.
pub struct Filling<'a> {
    pub image: &'a str,
    pub to: &'a str,
    pub from: &'a str,
    pub request: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Image,
    To,
    From,
    Request,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Place(Placeholder),
}

/// A name with its placeholders.
#[derive(Debug, PartialEq, Eq)]
pub struct Template<'a>(Vec<Part<'a>>);

#[derive(Debug, PartialEq, Eq)]
enum TemplateError<'a> {
    /// A word in braces that stands for nothing.
    Unknown(&'a str),
    /// A brace without the other one.
    Lone(char),
}

impl<'a> Template<'a> {
    fn parse(text: &'a str) -> Result<Self, TemplateError<'a>> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from_brace) = rest.split_at(at);
            let Some(inside) = from_brace.strip_prefix('{') else { return Err(TemplateError::Lone('}')) };
            let end = inside.find(['{', '}']).filter(|end| inside[*end..].starts_with('}'));
            let word = &inside[..end.ok_or(TemplateError::Lone('{'))?];
            let place = match word {
                "image" => Placeholder::Image,
                "to" => Placeholder::To,
                "from" => Placeholder::From,
                "request" => Placeholder::Request,
                unknown => return Err(TemplateError::Unknown(unknown)),
            };
            parts.extend([Part::Text(before), Part::Place(place)]);
            rest = &inside[word.len() + 1..];
        }
        parts.push(Part::Text(rest));
        Ok(Self(parts))
    }

    /// Whether the image's name is filled in.
    pub fn has_image(&self) -> bool {
        self.0.contains(&Part::Place(Placeholder::Image))
    }

    /// The name of one copy.
    pub fn fill(&self, filling: &Filling<'_>) -> String {
        let text = |part: &Part<'a>| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Place(Placeholder::Image) => filling.image.to_owned(),
            Part::Place(Placeholder::To) => filling.to.to_owned(),
            Part::Place(Placeholder::From) => filling.from.to_owned(),
            Part::Place(Placeholder::Request) => filling.request.to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

impl RequestResolver<'_> {
    /// The template that a name is, or a fault.
    pub(super) fn template<'a>(&mut self, name: &'a Spanned<String>) -> Option<Template<'a>> {
        let known = format!("a name can hold {}", KNOWN.map(|known| format!("`{known}`")).join(", "));
        let (message, help) = match Template::parse(&name.value) {
            Ok(template) => return Some(template),
            Err(TemplateError::Unknown(word)) => {
                let written = format!("{{{word}}}");
                let near = nearest(&written, KNOWN);
                let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                (format!("`{written}` stands for nothing in a name"), format!("{near}{known}"))
            }
            Err(TemplateError::Lone(brace)) => {
                let other = if brace == '{' { '}' } else { '{' };
                (format!("this name has a `{brace}` without its `{other}`"), known)
            }
        };
        self.faults.add(name.span, message, help);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLING: Filling<'static> = Filling { image: "web-1", to: "us", from: "cn", request: "{to}" };

    #[test]
    fn r6_4_placeholders_are_filled_in_once() {
        for (text, filled) in [
            ("golden", "golden"),
            ("", ""),
            ("{image}", "web-1"),
            ("{image}-{to}", "web-1-us"),
            ("a{from}{to}b", "acnusb"),
            // What was filled in is no template.
            ("{request}", "{to}"),
        ] {
            assert_eq!(Template::parse(text).unwrap().fill(&FILLING), filled, "{text}");
        }
    }

    #[test]
    fn words_that_stand_for_nothing_and_lone_braces_are_errors() {
        use TemplateError::{Lone, Unknown};
        for (text, error) in [
            ("{region}", Unknown("region")),
            ("{}", Unknown("")),
            ("{ to }", Unknown(" to ")),
            ("{To}", Unknown("To")),
            ("a{", Lone('{')),
            ("{to", Lone('{')),
            ("{a{to}", Lone('{')),
            ("to}", Lone('}')),
            ("{to}}", Lone('}')),
            ("{{to}}", Lone('{')),
        ] {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
    }
}

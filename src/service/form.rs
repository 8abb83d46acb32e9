//! The form of written names, descriptions and tags (R7.5). Lengths are counted in characters, which are
//! Unicode scalar values; a letter is any alphabetic one, and a digit is 0-9. Prefixes are compared as
//! they are written.

use std::ops::RangeInclusive;

use super::facts::Tag;

const NAME_LENGTH: RangeInclusive<usize> = 2..=128;
const DESCRIPTION_LENGTH: RangeInclusive<usize> = 2..=256;
const TAG_KEY_LENGTH: RangeInclusive<usize> = 1..=128;
const TAG_VALUE_LENGTH: RangeInclusive<usize> = 0..=128;
/// The most tags of a call.
pub const MAX_TAGS: usize = 20;
/// The longest client token (R7.3).
pub const MAX_TOKEN: usize = 64;

const SCHEMES: [&str; 2] = ["http://", "https://"];
const RESERVED: [&str; 2] = ["acs:", "aliyun"];

/// What is wrong with the form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormFault {
    /// It has so many characters, and may have from so many to so many.
    Length { has: usize, least: usize, most: usize },
    /// It must begin with a letter.
    FirstCharacter(char),
    /// It can't hold this character.
    Character(char),
    /// It can't begin so.
    Prefix(&'static str),
    /// It can't hold this.
    Holds(&'static str),
}

impl FormFault {
    /// What is wrong, as the end of a sentence: `is of 1 character`.
    pub fn what(self) -> String {
        match self {
            Self::Length { has: 1, .. } => "is of 1 character".to_owned(),
            Self::Length { has, .. } => format!("is of {has} characters"),
            Self::FirstCharacter(sign) => format!("begins with `{sign}`"),
            Self::Character(sign) => format!("holds `{sign}`"),
            Self::Prefix(prefix) => format!("begins with `{prefix}`"),
            Self::Holds(text) => format!("holds `{text}`"),
        }
    }

    /// What is accepted.
    pub fn way_out(self) -> String {
        match self {
            Self::Length { least, most, .. } => format!("write {least} to {most} characters"),
            Self::FirstCharacter(_) => "begin with a letter".to_owned(),
            Self::Character(_) => "use letters, digits, `.`, `:`, `_` and `-`".to_owned(),
            Self::Prefix(prefix) => format!("begin with something else than `{prefix}`"),
            Self::Holds(text) => format!("leave `{text}` out"),
        }
    }
}

fn length(text: &str, allowed: &RangeInclusive<usize>) -> Option<FormFault> {
    let has = text.chars().count();
    let (least, most) = (*allowed.start(), *allowed.end());
    (!allowed.contains(&has)).then_some(FormFault::Length { has, least, most })
}

fn prefix(text: &str, prefixes: &[&'static str]) -> Option<FormFault> {
    prefixes.iter().find(|prefix| text.starts_with(**prefix)).map(|prefix| FormFault::Prefix(prefix))
}

fn holds_scheme(text: &str) -> Option<FormFault> {
    SCHEMES.into_iter().find(|scheme| text.contains(scheme)).map(FormFault::Holds)
}

/// What is wrong with the name of a new image, if anything is.
pub fn name_fault(name: &str) -> Option<FormFault> {
    let first = || name.chars().next().filter(|first| !first.is_alphabetic()).map(FormFault::FirstCharacter);
    let is_allowed = |sign: &char| sign.is_alphabetic() || sign.is_ascii_digit() || ".:_-".contains(*sign);
    let other = || name.chars().find(|sign| !is_allowed(sign)).map(FormFault::Character);
    length(name, &NAME_LENGTH)
        .or_else(first)
        .or_else(|| prefix(name, &RESERVED))
        .or_else(|| holds_scheme(name))
        .or_else(other)
}

/// What is wrong with the description of a new image, if anything is.
pub fn description_fault(description: &str) -> Option<FormFault> {
    length(description, &DESCRIPTION_LENGTH).or_else(|| prefix(description, &SCHEMES))
}

/// What is wrong with the key of a tag, if anything is. The service has no code for it.
pub fn tag_key_fault(key: &str) -> Option<FormFault> {
    length(key, &TAG_KEY_LENGTH).or_else(|| prefix(key, &RESERVED)).or_else(|| holds_scheme(key))
}

/// The same for the value of a tag.
pub fn tag_value_fault(value: &str) -> Option<FormFault> {
    length(value, &TAG_VALUE_LENGTH).or_else(|| prefix(value, &RESERVED[..1])).or_else(|| holds_scheme(value))
}

/// The places of the first tag whose key an earlier one has, and of that.
pub fn repeated_key(tags: &[Tag]) -> Option<(usize, usize)> {
    (0..tags.len()).find_map(|later| {
        let earlier = (0..later).find(|earlier| tags[*earlier].key == tags[later].key)?;
        Some((earlier, later))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r7_5_names() {
        let long = |count: usize| "n".repeat(count);
        for good in
            ["ab", "a1.b:c_d-e", "镜像", "镜像-1", "Aliyun-1", "my-acs:x", "é1", &long(128), "http:/a"]
        {
            assert_eq!(name_fault(&good.replace("http:/a", "http:a")), None, "{good}");
        }
        let length = |has| FormFault::Length { has, least: 2, most: 128 };
        for (bad, fault) in [
            ("a", length(1)),
            ("镜", length(1)),
            (&*long(129), length(129)),
            ("1a", FormFault::FirstCharacter('1')),
            ("-a", FormFault::FirstCharacter('-')),
            ("acs:a", FormFault::Prefix("acs:")),
            ("aliyun", FormFault::Prefix("aliyun")),
            ("aliyun-1", FormFault::Prefix("aliyun")),
            ("a-http://b", FormFault::Holds("http://")),
            ("a-https://b", FormFault::Holds("https://")),
            ("a b", FormFault::Character(' ')),
            ("a/b", FormFault::Character('/')),
            // A digit of another script is no digit, and no letter.
            ("a\u{664}", FormFault::Character('\u{664}')),
        ] {
            assert_eq!(name_fault(bad), Some(fault), "{bad}");
        }
    }

    #[test]
    fn r7_5_lengths_are_counted_in_characters() {
        // 128 characters of three bytes each.
        assert_eq!(name_fault(&"镜".repeat(128)), None);
        assert!(name_fault(&"镜".repeat(129)).is_some());
        assert_eq!(description_fault(&"像".repeat(256)), None);
        assert!(description_fault(&"像".repeat(257)).is_some());
    }

    #[test]
    fn r7_5_descriptions() {
        for good in ["ok", "see http://a", "1 2", "acs:x", "aliyun"] {
            assert_eq!(description_fault(good), None, "{good}");
        }
        assert_eq!(description_fault(""), Some(FormFault::Length { has: 0, least: 2, most: 256 }));
        assert_eq!(description_fault("x"), Some(FormFault::Length { has: 1, least: 2, most: 256 }));
        assert_eq!(description_fault("http://a"), Some(FormFault::Prefix("http://")));
        assert_eq!(description_fault("https://a"), Some(FormFault::Prefix("https://")));
    }

    #[test]
    fn r7_5_tags() {
        assert_eq!(tag_key_fault("k"), None);
        assert_eq!(tag_value_fault(""), None);
        assert_eq!(tag_value_fault("aliyun"), None, "only a key can't begin so");
        assert_eq!(tag_key_fault(""), Some(FormFault::Length { has: 0, least: 1, most: 128 }));
        assert_eq!(tag_key_fault("aliyun1"), Some(FormFault::Prefix("aliyun")));
        assert_eq!(tag_value_fault("acs:1"), Some(FormFault::Prefix("acs:")));
        assert_eq!(tag_value_fault("a https://b"), Some(FormFault::Holds("https://")));
        let tag = |key: &str| Tag { key: key.into(), value: "".into() };
        assert_eq!(repeated_key(&[tag("a"), tag("A"), tag("b")]), None, "as they are written");
        assert_eq!(repeated_key(&[tag("a"), tag("b"), tag("b"), tag("a")]), Some((1, 2)));
    }
}

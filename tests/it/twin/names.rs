//! The form of names (R7.5).

/// 2 to 128 characters, first a letter, then letters, digits, `.`, `:`, `_` and `-`. It contains no
/// `http://` or `https://` then either, as a slash is none of these.
pub fn is_well_formed(name: &str) -> bool {
    let length = name.chars().count();
    let starts_with_a_letter = name.chars().next().is_some_and(char::is_alphabetic);
    let is_reserved = name.starts_with("acs:") || name.starts_with("aliyun");
    let is_legal = |sign: char| sign.is_alphabetic() || sign.is_ascii_digit() || ".:_-".contains(sign);
    (2..=128).contains(&length) && starts_with_a_letter && !is_reserved && name.chars().all(is_legal)
}

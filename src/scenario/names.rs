//! Names in a scenario: what they may consist of, wildcards, and the nearest known one.

/// Whether a text can name a region, image, account or request. The signs left out have a meaning in
/// references (`id#3:image@region`) and patterns (`cn-*`).
pub fn is_name(text: &str) -> bool {
    let is_allowed = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.');
    !text.is_empty() && text.chars().count() <= MAX_NAME && text.chars().all(is_allowed)
}

/// The same as a regular expression for other programs, as far as all of them understand it: the length and
/// signs beyond ASCII are left to [`is_name`].
pub const NAME_PATTERN: &str = r"^[^\x00-,/:-@\[-\^`{-\x7f]+$";

/// The longest name, in characters.
pub const MAX_NAME: usize = 128;

/// The kind and number of an unnamed request, which is called by them: `cancel-1` (R3.4). No id may look so.
pub fn unnamed(name: &str) -> Option<(&str, u64)> {
    let (kind, number) = name.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && KINDS.contains(&kind)).then(|| (kind, number.parse().unwrap_or(u64::MAX)))
}

/// The kinds of requests, as a scenario writes them.
const KINDS: [&str; 5] = ["copy", "cancel", "delete", "arrivals", "trace"];

/// Whether `text` matches `pattern`, in which each `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

/// How particular a pattern is: more literal characters win, then fewer wildcards (R4.1).
pub fn particularity(pattern: &str) -> (usize, std::cmp::Reverse<usize>) {
    let wildcards = pattern.matches('*').count();
    (pattern.chars().count() - wildcards, std::cmp::Reverse(wildcards))
}

/// Words of this many letters or more may differ no further.
const QUITE_LONG: usize = 15;

/// Words of this many bytes are compared with nothing, as it takes long.
const TOO_LONG: usize = 100;

/// The known name that is nearest to a misspelt one, if any is near: a third of the letters may differ,
/// enough for a slip and too few for another word. Else one of which the word is a large part.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() >= TOO_LONG {
        return None;
    }
    /// So much of a name stands for it.
    const QUITE_SOME: usize = 6;
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let length = word.chars().count();
    let limit = (length.min(QUITE_LONG) / 3).max(1).min(length / 2);
    let word = plain(word);
    let letters = |text: &str| plain(text).replace('_', "");
    let part = Some(letters(&word)).filter(|part| part.chars().count() >= QUITE_SOME);
    let distance = |name: &str| {
        let distance = strsim::damerau_levenshtein(&word, &plain(name));
        if distance <= limit {
            return Some(distance);
        }
        part.as_ref().filter(|part| letters(name).contains(*part)).map(|_| usize::MAX)
    };
    let known = known.into_iter().filter(|name| name.len() < TOO_LONG);
    known
        .filter_map(|name| Some((distance(name)?, name)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// "did you mean `x`?", or what there is.
pub fn suggestion<'a>(word: &str, what: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    const SHOWN: usize = 8;
    if let Some(name) = nearest(word, known.clone()) {
        return format!("did you mean `{name}`?");
    }
    let mut names = known.into_iter();
    let shown: Vec<String> = names.by_ref().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match (shown.len(), names.count()) {
        (0, _) => format!("this scenario has no {what}"),
        (_, 0) => format!("known {what}: {}", shown.join(", ")),
        (_, more) => format!("known {what}: {} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_any_text() {
        for (pattern, text, expected) in [
            ("cn-*", "cn-hangzhou", true),
            ("cn-*", "us-east-1", false),
            ("*", "", true),
            ("*-1", "us-east-1", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("aa*aa", "aaa", false),
            ("cn", "cn-x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn r4_1_the_longest_literal_part_wins() {
        assert!(particularity("cn-hang*") > particularity("cn-*"));
        assert!(particularity("cn-a") > particularity("cn-a*"));
    }

    #[test]
    fn near_names_are_found() {
        assert_eq!(nearest("cn-hangzou", ["cn-shanghai", "cn-hangzhou"]), Some("cn-hangzhou"));
        let kinds = ["exponential", "log_normal", "bounded_pareto"];
        assert_eq!(
            ["lognorm", "pareto", "normal"].map(|word| nearest(word, kinds)),
            [Some("log_normal"), Some("bounded_pareto"), Some("log_normal")]
        );
        assert_eq!(nearest("qqqqqqqq", ["cn-shanghai", "cn-hangzhou"]), None);
        assert_eq!(suggestion("zzz", "regions", []), "this scenario has no regions");
        assert_eq!(suggestion("zzzzzz", "images", ["web"]), "known images: `web`");
    }
}

//! What CopyImage calls say beside who copies what from where to where.

use super::RequestResolver;
use super::template::{Filling, Template};
use crate::ids::{AccountId, AlgorithmId, DetailsId, GroupId, KeyId, Token};
use crate::scenario::decode::Spanned;
use crate::scenario::document::Span;
use crate::scenario::schema::{ParametersText, TagText};
use crate::service::Caller;
use crate::service::facts::{Details, Tag};
use crate::service::form::{MAX_TAGS, MAX_TOKEN, tag_key_fault, tag_value_fault};

impl RequestResolver<'_> {
    /// The rarer parameters of a call, as a number that equal ones share; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "nothing said and wrong are different")]
    pub(super) fn details(&mut self, text: &ParametersText<'_>) -> Option<Option<DetailsId>> {
        let (world, faults) = (&mut *self.world, &mut *self.faults);
        let kms_key = world.keys.sent(text.kms_key, KeyId, faults);
        let encrypt_algorithm = world.algorithms.sent(text.encrypt_algorithm, AlgorithmId, faults);
        let resource_group = world.groups.sent(text.resource_group, GroupId, faults);
        let is_right = kms_key.is_some() == text.kms_key.is_some()
            && encrypt_algorithm.is_some() == text.encrypt_algorithm.is_some()
            && resource_group.is_some() == text.resource_group.is_some();
        let tags = self.tags(text.tags)?;
        let description = text.description.map(Into::into);
        let details = Details { description, kms_key, encrypt_algorithm, resource_group, tags };
        is_right.then(|| self.world.details(details))
    }

    /// The service has no codes for most of what can be wrong with tags, so that is a fault (R7.5).
    fn tags(&mut self, written: Option<&Spanned<Vec<Spanned<TagText>>>>) -> Option<Vec<Tag>> {
        let Some(written) = written else { return Some(Vec::new()) };
        let mut is_right = written.value.len() <= MAX_TAGS;
        if !is_right {
            let message = format!("a call has at most {MAX_TAGS} tags, and here are {}", written.value.len());
            self.faults.add(written.span, message, "leave some of them out");
        }
        let mut tags = Vec::new();
        for tag in &written.value {
            let key = &tag.value.key;
            let (value, value_span) = match &tag.value.value {
                Some(value) => (value.value.as_str(), value.span),
                None => ("", tag.span),
            };
            let parts =
                [("key", tag_key_fault(&key.value), key.span), ("value", tag_value_fault(value), value_span)];
            for (part, fault, span) in parts {
                let Some(fault) = fault else { continue };
                self.faults.add(span, format!("the {part} of this tag {}", fault.what()), fault.way_out());
                is_right = false;
            }
            tags.push(Tag { key: key.value.as_str().into(), value: value.into() });
        }
        is_right.then_some(tags)
    }

    /// Who makes a call.
    pub(super) fn caller(&mut self, account: AccountId, user: Option<&Spanned<String>>) -> Option<Caller> {
        let user = match user {
            Some(user) => Some(self.world.user(account, user, self.faults)?),
            None => None,
        };
        Some(Caller { account, user })
    }

    /// The token of a call, with its placeholders filled in; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "not written and wrong are different")]
    pub(super) fn token(
        &mut self,
        template: Option<&(Template<'_>, Span)>,
        filling: &Filling<'_>,
    ) -> Option<Option<Token>> {
        let Some((template, span)) = template else { return Some(None) };
        let text = template.fill(filling);
        if let Some((message, help)) = token_fault(&text) {
            self.faults.add(*span, message, help);
            return None;
        }
        Some(Some(token_of(&text)))
    }
}

/// What is wrong with a client token, if anything is: the service has no code for it (R7.3).
pub fn token_fault(text: &str) -> Option<(String, String)> {
    let help = || format!("write 1 to {MAX_TOKEN} ASCII characters");
    if text.is_empty() {
        return Some(("this client token is empty".to_owned(), format!("leave it out, or {}", help())));
    }
    if let Some(sign) = text.chars().find(|sign| !sign.is_ascii()) {
        return Some((format!("a client token can't hold `{sign}`"), help()));
    }
    if text.chars().any(|sign| sign.is_ascii_control()) {
        return Some(("a client token can't hold characters that aren't seen".to_owned(), help()));
    }
    let length = text.len();
    (length > MAX_TOKEN).then(|| {
        (format!("a client token can't be longer than {MAX_TOKEN} characters, and this has {length}"), help())
    })
}

/// A token as the service knows it: so many bits of its hash that no two texts have one.
pub fn token_of(text: &str) -> Token {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    let half = |from: usize| digest[from..from + 8].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    Token([half(0), half(8)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r7_3_tokens_are_64_ascii_characters_at_most() {
        assert_eq!(token_fault(&"t".repeat(64)), None);
        assert!(token_fault(&"t".repeat(65)).is_some());
        assert!(token_fault("é").is_some());
        assert!(token_fault("").is_some());
        assert!(["a\0", "a\u{1}", "\u{7f}"].into_iter().all(|text| token_fault(text).is_some()));
        assert_ne!(token_of("T"), token_of("t"), "they are case-sensitive");
    }
}

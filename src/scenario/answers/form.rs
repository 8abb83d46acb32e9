//! What a call says, without a look at anything else (R7.5).

use super::{About, listed};
use crate::scenario::visible;
use crate::service::form::{FormFault, description_fault, name_fault};

/// Characters shown of a text whose form is wrong.
const SHOWN: usize = 40;

impl About<'_> {
    pub(super) fn malformed_name(&self) -> String {
        let name = self.call.and_then(|call| call.parameters.name);
        let name = name.map_or("", |name| self.labels.name(name.id));
        malformed("name", name, name_fault(name))
    }

    pub(super) fn malformed_description(&self) -> String {
        let description = self.details().and_then(|details| details.description.as_deref()).unwrap_or("");
        malformed("description", description, description_fault(description))
    }

    pub(super) fn repeated_tag(&self, earlier: usize, later: usize) -> String {
        let tag = self.details().and_then(|details| details.tags.get(later));
        let key = tag.map_or_else(String::new, |tag| shown(&tag.key));
        format!(
            "the tags {} and {} have one key, `{key}`; give each tag a key of its own",
            earlier + 1,
            later + 1
        )
    }

    pub(super) fn key_without_encryption(&self) -> String {
        format!("the key `{}` is named, but {}, or name no key", self.key(), self.not_encrypted())
    }

    pub(super) fn algorithm_without_encryption(&self) -> String {
        format!("the algorithm `{}` is named, but {}, or name none", self.algorithm(), self.not_encrypted())
    }

    fn not_encrypted(&self) -> &'static str {
        match self.call.and_then(|call| call.parameters.encrypted) {
            Some(_) => "`encrypted` is false; set it to true",
            None => "`encrypted` isn't said; set it to true",
        }
    }

    pub(super) fn unknown_algorithm(&self) -> String {
        let known = &self.labels.algorithms;
        format!(
            "the service knows no algorithm `{}`; it knows {}",
            self.algorithm(),
            listed(known.iter().map(String::as_str))
        )
    }
}

/// What is wrong with a text, and how it would be right.
fn malformed(what: &str, text: &str, fault: Option<FormFault>) -> String {
    let text = shown(text);
    match fault {
        Some(fault) => format!("the {what} `{text}` {}; {}", visible(&fault.what()), fault.way_out()),
        None => format!("the {what} `{text}` is malformed; write another one"),
    }
}

/// The beginning of a text, as it can be shown.
fn shown(text: &str) -> String {
    let mut rest = text.chars();
    let start: String = rest.by_ref().take(SHOWN).collect();
    let cut = if rest.next().is_some() { "..." } else { "" };
    format!("{}{cut}", visible(&start))
}

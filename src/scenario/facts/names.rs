//! Names of keys, resource groups, algorithms and users, by number.

use super::super::decode::Spanned;
use super::super::faults::Faults;
use super::super::schema::NameRef;
use crate::ids::Named;
use crate::service::facts::Sent;

/// Names of one kind, by number.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What one of them is called, and all of them.
    kind: &'static str,
    kinds: &'static str,
    names: Vec<String>,
}

impl Known {
    pub fn new(kind: &'static str, kinds: &'static str, names: Vec<String>) -> Self {
        Self { kind, kinds, names }
    }

    pub fn number(&self, name: &str) -> Option<u32> {
        let place = self.names.iter().position(|known| known == name)?;
        u32::try_from(place).ok()
    }

    /// All of them, by number.
    pub fn into_names(self) -> Vec<String> {
        self.names
    }

    /// The number of a name, or a fault that names the nearest one.
    pub fn named(&self, name: &Spanned<String>, faults: &mut Faults) -> Option<u32> {
        let number = self.number(&name.value);
        if number.is_none() {
            let message = format!("there is no {} `{}`", self.kind, name.value);
            let known = self.names.iter().map(String::as_str);
            faults.unknown(name.span, message, &name.value, self.kinds, known);
        }
        number
    }

    /// What a call sends: a name must be known, a literal is sent as it stands (R7.9).
    pub fn sent<T>(
        &self,
        reference: Option<&Spanned<NameRef>>,
        id: fn(u32) -> T,
        faults: &mut Faults,
    ) -> Option<Sent<T>> {
        let reference = reference?;
        let (text, number) = match &reference.value {
            NameRef::Name(name) => {
                let name = Spanned { value: name.clone(), span: reference.span };
                let number = self.named(&name, faults)?;
                (name.value, Some(number))
            }
            NameRef::Literal(text) => (text.clone(), self.number(text)),
        };
        let thing = number.map_or(Named::Unknown, |number| Named::Known(id(number)));
        Some(Sent { thing, text: text.into() })
    }
}

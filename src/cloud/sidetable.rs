//! What is known of a copy outside the service, by the copy's place in memory.

use crate::ids::CopyId;

/// One thing for each accepted copy. Places are used again, so each entry carries its copy's number.
#[derive(Clone, Debug)]
pub struct SideTable<T> {
    entries: Vec<Option<(u64, T)>>,
}

impl<T> Default for SideTable<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> SideTable<T> {
    /// Sets the entry of a copy that was just accepted.
    #[inline]
    pub fn put(&mut self, id: CopyId, thing: T) {
        let place = id.index as usize;
        if place >= self.entries.len() {
            self.entries.resize_with(place + 1, || None);
        }
        self.entries[place] = Some((id.acceptance, thing));
    }

    /// The entry of a copy, unless its place belongs to another one by now.
    #[inline]
    pub fn get(&self, id: CopyId) -> Option<&T> {
        let (acceptance, thing) = self.entries.get(id.index as usize)?.as_ref()?;
        (*acceptance == id.acceptance).then_some(thing)
    }

    #[inline]
    pub fn get_mut(&mut self, id: CopyId) -> Option<&mut T> {
        let (acceptance, thing) = self.entries.get_mut(id.index as usize)?.as_mut()?;
        (*acceptance == id.acceptance).then_some(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_of_one_copy() {
        let (first, second) = (CopyId { acceptance: 1, index: 3 }, CopyId { acceptance: 2, index: 3 });
        let mut table = SideTable::default();
        table.put(first, "first");
        assert_eq!((table.get(first), table.get(second)), (Some(&"first"), None));
        table.put(second, "second");
        assert_eq!(table.get_mut(second), Some(&mut "second"));
        assert_eq!(table.get(first), None);
        assert_eq!(table.get_mut(first), None);
        assert_eq!(table.get(CopyId { acceptance: 1, index: 9 }), None);
    }
}

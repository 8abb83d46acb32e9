//! A vector whose places are used again: no allocation for a copy once the first ones are gone.

/// Things in numbered places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// The number of the place that will be filled next.
    #[inline]
    pub fn next_place(&self) -> u32 {
        let new = || u32::try_from(self.places.len()).expect("fewer than 2^32 unfinished copies and images");
        self.free.last().copied().unwrap_or_else(new)
    }

    /// Puts `thing` into a free place and gives the place's number.
    #[inline(always)]
    pub fn insert(&mut self, thing: T) -> u32 {
        let index = self.next_place();
        match self.free.pop() {
            Some(_) => self.places[index as usize] = Some(thing),
            None => self.places.push(Some(thing)),
        }
        index
    }

    #[inline]
    pub fn get(&self, index: u32) -> Option<&T> {
        self.places.get(index as usize)?.as_ref()
    }

    #[inline]
    pub fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.places.get_mut(index as usize)?.as_mut()
    }

    /// Empties a place.
    #[inline(always)]
    pub fn remove(&mut self, index: u32) {
        if self.places[index as usize].take().is_some() {
            self.free.push(index);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.places).filter_map(|(index, place)| place.as_ref().map(|thing| (index, thing)))
    }
}

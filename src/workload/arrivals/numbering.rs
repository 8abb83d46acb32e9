//! How the calls of a stream are numbered.

use crate::ids::RequestKey;

/// Numbers that tell the arrival, which of the images it takes, and which of their destinations a call goes to.
///
/// Where the image follows from the arrival's number, which is so if images are taken in turn, it needs no place
/// in the call's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbering {
    /// Images that an arrival can take.
    pub turns: u64,
    /// Numbers reserved for the destinations of an image: the most that any of them has.
    pub width: u64,
    /// Whether the image of an arrival is drawn.
    pub has_drawn_turns: bool,
}

impl Numbering {
    /// Numbers reserved for an arrival.
    pub fn stride(self) -> u64 {
        if self.has_drawn_turns { self.turns.saturating_mul(self.width) } else { self.width }
    }

    /// The arrival, from 0.
    pub fn arrival(self, number: u64) -> u64 {
        match self.stride() {
            0 | 1 => number,
            stride => number / stride,
        }
    }

    /// Which of the images.
    pub fn turn(self, number: u64) -> u64 {
        if self.turns <= 1 {
            0
        } else if self.has_drawn_turns {
            number / self.width.max(1) % self.turns
        } else {
            self.arrival(number) % self.turns
        }
    }

    /// Which of its destinations.
    pub fn call(self, number: u64) -> u64 {
        if self.width <= 1 { 0 } else { number % self.width }
    }

    /// Whether the calls of an arrival can have numbers.
    pub fn can_have(self, arrival: u64) -> bool {
        let after = arrival.saturating_add(1).saturating_mul(self.stride());
        after < RequestKey::MAX_NUMBERS
    }

    /// The number of a call.
    pub fn number(self, arrival: u64, turn: u64, call: u64) -> u64 {
        let turn = if self.has_drawn_turns { turn } else { 0 };
        arrival * self.stride() + turn * self.width + call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_tells_its_parts() {
        for has_drawn_turns in [false, true] {
            let numbering = Numbering { turns: 3, width: 4, has_drawn_turns };
            let mut last = None;
            for arrival in 0..7 {
                let turns = if has_drawn_turns { 0..3 } else { arrival % 3..arrival % 3 + 1 };
                for turn in turns {
                    for call in 0..4 {
                        let number = numbering.number(arrival, turn, call);
                        let parts =
                            (numbering.arrival(number), numbering.turn(number), numbering.call(number));
                        assert_eq!(parts, (arrival, turn, call));
                        assert!(last < Some(number), "calls are numbered in the order of arrivals");
                        last = Some(number);
                    }
                }
            }
        }
    }
}

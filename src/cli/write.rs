//! `--write`: which files of a result are written.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::output::{Part, Written};

/// What `--write` names: a kind of file, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice(Option<Part>);

const CHOICES: [Choice; Part::ALL.len() + 1] = {
    let mut choices = [Choice(None); Part::ALL.len() + 1];
    let mut place = 0;
    while place < Part::ALL.len() {
        choices[place] = Choice(Some(Part::ALL[place]));
        place += 1;
    }
    choices
};

impl ValueEnum for Choice {
    fn value_variants<'a>() -> &'a [Self] {
        &CHOICES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self.0 {
            Some(part) => part.to_possible_value(),
            None => Some(PossibleValue::new("none").help("No file and no folder")),
        }
    }
}

/// The files that are asked for, or those that are written without being asked for.
pub fn written(choices: Option<&[Choice]>) -> Written {
    let parts = |choices: &[Choice]| choices.iter().filter_map(|choice| choice.0).collect::<Vec<_>>();
    choices.map_or_else(Written::by_default, |choices| Written::only(&parts(choices)))
}

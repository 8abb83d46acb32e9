//! Why parameters make no distribution.

use std::fmt;

/// A parameter that doesn't fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unfit {
    /// The parameter, as a scenario calls it.
    pub parameter: &'static str,
    /// Which of a list, counted from 0.
    pub index: Option<usize>,
    pub reason: Reason,
}

/// What is wrong with a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// It must be above 0.
    NotPositive,
    Negative,
    /// Infinite or no number.
    NotFinite,
    /// It must be within these limits.
    Outside(f64, f64),
    /// It must be below another parameter.
    NotBelow(&'static str),
    /// It can't be above another parameter.
    Above(&'static str),
    /// A list that needs an element.
    Empty,
    /// Weights for other than that many values.
    WrongCount {
        weights: usize,
        values: usize,
    },
    /// Weights that are all 0.
    NoWeight,
    /// A truncation within whose bounds there is (almost) nothing.
    LeavesNothing,
}

impl Reason {
    /// This is wrong with a parameter.
    pub fn of(self, parameter: &'static str) -> Unfit {
        Unfit { parameter, index: None, reason: self }
    }
}

impl Unfit {
    /// The same of one element of a list.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    /// The way out, in words.
    pub fn help(&self) -> String {
        match self.reason {
            Reason::NotPositive => "write a value above 0, or a plain value for what doesn't vary".to_owned(),
            Reason::Negative => "write 0 or more".to_owned(),
            Reason::NotFinite => "write a smaller number".to_owned(),
            Reason::Outside(least, most) => format!("write a number from {least} to {most}"),
            Reason::NotBelow(_) => {
                "the smaller one comes first; for what doesn't vary write a plain value".to_owned()
            }
            Reason::Above(_) => "the smaller one comes first".to_owned(),
            Reason::Empty => "write one at least".to_owned(),
            Reason::WrongCount { .. } => {
                "write one weight for each value, in the same order, or leave the weights out".to_owned()
            }
            Reason::NoWeight => "give one at least a weight above 0".to_owned(),
            Reason::LeavesNothing => "move `min` and `max` to where the values are".to_owned(),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameter = self.parameter;
        match self.reason {
            Reason::NotPositive => write!(f, "`{parameter}` must be above 0"),
            Reason::Negative => write!(f, "`{parameter}` can't be negative"),
            Reason::NotFinite => write!(f, "`{parameter}` is too large"),
            Reason::Outside(least, most) => write!(f, "`{parameter}` must be from {least} to {most}"),
            Reason::NotBelow(other) => write!(f, "`{parameter}` must be below `{other}`"),
            Reason::Above(other) => write!(f, "`{parameter}` can't be above `{other}`"),
            Reason::Empty => write!(f, "`{parameter}` is empty"),
            Reason::WrongCount { weights, values } => {
                let is = if weights == 1 { "is 1 weight" } else { &format!("are {weights} weights") };
                write!(f, "there {is} for {values} values")
            }
            Reason::NoWeight => write!(f, "all weights are 0, so nothing could ever be drawn"),
            Reason::LeavesNothing => {
                write!(f, "less than one in a billion of the values lies between `min` and `max`")
            }
        }
    }
}

impl std::error::Error for Unfit {}

/// A parameter that must be above 0.
pub fn positive(parameter: &'static str, value: f64) -> Result<f64, Unfit> {
    match not_negative(parameter, value)? {
        0.0 => Err(Reason::NotPositive.of(parameter)),
        _ => Ok(value),
    }
}

/// A parameter that may be 0.
pub fn not_negative(parameter: &'static str, value: f64) -> Result<f64, Unfit> {
    if !value.is_finite() {
        return Err(Reason::NotFinite.of(parameter));
    }
    if value < 0.0 { Err(Reason::Negative.of(parameter)) } else { Ok(value) }
}

/// A parameter that must be within limits, which are included.
pub fn inside(parameter: &'static str, value: f64, (least, most): (f64, f64)) -> Result<f64, Unfit> {
    // No number is outside as well.
    if (least..=most).contains(&value) { Ok(value) } else { Err(Reason::Outside(least, most).of(parameter)) }
}

/// Shapes beyond these make what is all but 0, or all but fixed.
pub const SHAPES: (f64, f64) = (0.01, 100_000.0);

/// The largest squared coefficient of variation.
pub const MAX_SCV: f64 = 1e6;

//! From what is written of a quantity to what it is drawn from.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::decode::Spanned;
use super::document::{Node, Span, Value};
use super::faults::Faults;
use super::files::{FileText, Files};
use super::names::suggestion;
use super::schema::{
    Amount, DistributionText, DrawnText, EmpiricalText, LogNormalText, PartText, TruncatedText,
};
use super::trace::{NoValues, read_column, tell, unreadable};
use crate::distribution::{Distribution, Drawn, Quantity, Reason, Unfit};
use crate::hex::hex;

/// Resolves a quantity; `None` after faults, which are told.
pub fn resolve_drawn<T: Amount>(
    text: &Spanned<DrawnText<T>>,
    columns: &mut Columns,
    faults: &mut Faults,
) -> Option<Drawn<T>> {
    match &text.value {
        DrawnText::Plain(value) => Some(Drawn::Fixed(*value)),
        DrawnText::Random(written) => match &**written {
            DistributionText::Fixed(value) => Some(Drawn::Fixed(*value)),
            random => Resolver { columns, faults, whole: text.span }.distribution(random).map(Drawn::Random),
        },
    }
}

/// The columns of files that values are drawn from, each read once.
#[derive(Debug)]
pub struct Columns {
    files: Arc<dyn Files>,
    /// By file, column and what its cells are; none for what has a fault, which was told.
    read: BTreeMap<(String, String, &'static str), Option<Column>>,
}

/// A column that was read.
#[derive(Clone, Debug)]
struct Column {
    distribution: Distribution,
    hash: String,
}

/// No files are there.
#[derive(Debug)]
struct NoFiles;

impl Files for NoFiles {
    fn open(&self, _: &str) -> io::Result<Box<dyn FileText>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self { files: Arc::new(NoFiles), read: BTreeMap::new() }
    }
}

impl Columns {
    pub fn new(files: &Arc<dyn Files>) -> Self {
        Self { files: Arc::clone(files), read: BTreeMap::new() }
    }

    /// Whether no column was read.
    pub fn is_empty(&self) -> bool {
        self.read.is_empty()
    }

    /// Puts what columns say in place of what they are called, as it is that what decides a run. `root` is the
    /// document, or any part of it.
    pub fn stamp(&self, root: &mut Node) {
        match &mut root.value {
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.stamp(element)),
            Value::Object(members) => {
                for member in members {
                    if member.key == "empirical" {
                        self.stamp_one(&mut member.value);
                    }
                    self.stamp(&mut member.value);
                }
            }
            _ => {}
        }
    }

    fn stamp_one(&self, empirical: &mut Node) {
        let text = |key: &str| empirical.get(key).and_then(Node::as_str);
        let (Some(file), Some(column)) = (text("file"), text("column")) else { return };
        let is_it = |(of, name, _): &&(String, String, &str)| of == file && name == column;
        let found = self.read.keys().find(is_it).and_then(|key| self.read[key].as_ref());
        let Some(hash) = found.map(|column| format!("sha256:{}", column.hash)) else { return };
        for (key, value) in [("file", hash), ("column", String::new())] {
            if let Some(node) = empirical.at_mut(&[key]) {
                node.value = Value::String(value);
            }
        }
    }
}

/// A hash of values in whatever order they are.
fn hash_of(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut hasher = Sha256::new();
    sorted.iter().for_each(|value| hasher.update(value.to_bits().to_le_bytes()));
    hex(&hasher.finalize())
}

/// What is needed to resolve a distribution.
struct Resolver<'a> {
    columns: &'a mut Columns,
    faults: &'a mut Faults,
    /// The place of the whole object.
    whole: Span,
}

/// A parameter with its name and place.
type Placed<'a> = (&'a str, Span);

fn number<T: Quantity>(value: &Spanned<T>) -> f64 {
    value.value.to_f64()
}

impl Resolver<'_> {
    fn distribution<T: Amount>(&mut self, text: &DistributionText<T>) -> Option<Distribution> {
        match text {
            DistributionText::Fixed(value) => {
                let distribution = Distribution::fixed(value.to_f64());
                self.fit(distribution, &[])
            }
            DistributionText::Exponential(text) => {
                self.fit(Distribution::exponential(number(&text.mean)), &[("mean", text.mean.span)])
            }
            DistributionText::Erlang(text) => {
                let places = [("k", text.k.span), ("mean", text.mean.span)];
                self.fit(Distribution::erlang(text.k.value, number(&text.mean)), &places)
            }
            DistributionText::Gamma(text) => {
                let places = [("shape", text.shape.span), ("mean", text.mean.span)];
                self.fit(Distribution::gamma(text.shape.value, number(&text.mean)), &places)
            }
            DistributionText::HyperExponential(text) => {
                let places = [("mean", text.mean.span), ("scv", text.scv.span)];
                self.fit(Distribution::hyper_exponential(number(&text.mean), text.scv.value), &places)
            }
            DistributionText::LogNormal(text) => self.log_normal(text),
            DistributionText::Uniform(text) => {
                let places = [("min", text.min.span), ("max", text.max.span)];
                self.fit(Distribution::uniform(number(&text.min), number(&text.max)), &places)
            }
            DistributionText::Triangular(text) => {
                let places = [("min", text.min.span), ("mode", text.mode.span), ("max", text.max.span)];
                let [min, mode, max] = [&text.min, &text.mode, &text.max].map(number);
                self.fit(Distribution::triangular(min, mode, max), &places)
            }
            DistributionText::Weibull(text) => {
                let places = [("shape", text.shape.span), ("mean", text.mean.span)];
                self.fit(Distribution::weibull(text.shape.value, number(&text.mean)), &places)
            }
            DistributionText::BoundedPareto(text) => {
                let places = [("shape", text.shape.span), ("min", text.min.span), ("max", text.max.span)];
                let (min, max) = (number(&text.min), number(&text.max));
                self.fit(Distribution::bounded_pareto(text.shape.value, min, max), &places)
            }
            DistributionText::Empirical(text) => self.empirical(text),
            DistributionText::Mixture(parts) => self.mixture(parts),
            DistributionText::Truncated(text) => self.truncated(text),
        }
    }

    /// A distribution, or a fault at the place of the parameter that doesn't fit.
    fn fit(
        &mut self,
        distribution: Result<Distribution, Unfit>,
        places: &[Placed<'_>],
    ) -> Option<Distribution> {
        let place =
            |unfit: &Unfit| places.iter().find(|(name, _)| *name == unfit.parameter).map(|(_, span)| *span);
        distribution.map_err(|unfit| self.unfit(&unfit, place(&unfit))).ok()
    }

    fn unfit(&mut self, unfit: &Unfit, place: Option<Span>) {
        let (place, message, help) = (place.unwrap_or(self.whole), unfit.to_string(), unfit.help());
        if matches!(unfit.reason, Reason::Empty | Reason::WrongCount { .. }) {
            // Elements that couldn't be read aren't known to be missing.
            self.faults.lacking(place, &["[]"], message, help);
        } else {
            self.faults.add(place, message, help);
        }
    }

    /// A distribution within this one.
    fn inner<T: Amount>(&mut self, text: &Spanned<DrawnText<T>>) -> Option<Distribution> {
        let mut inner = Resolver { columns: self.columns, faults: self.faults, whole: text.span };
        match &text.value {
            DrawnText::Plain(value) => {
                let distribution = Distribution::fixed(value.to_f64());
                inner.fit(distribution, &[])
            }
            DrawnText::Random(random) => inner.distribution(random),
        }
    }

    fn log_normal<T: Amount>(&mut self, text: &LogNormalText<T>) -> Option<Distribution> {
        match (&text.median, &text.sigma, &text.mean, &text.scv) {
            (Some(median), Some(sigma), None, None) => {
                let places = [("median", median.span), ("sigma", sigma.span)];
                self.fit(Distribution::log_normal(number(median), sigma.value), &places)
            }
            (None, None, Some(mean), Some(scv)) => {
                let places = [("mean", mean.span), ("scv", scv.span)];
                self.fit(Distribution::log_normal_of_mean(number(mean), scv.value), &places)
            }
            _ => {
                let message = "`log_normal` needs either `median` and `sigma`, or `mean` and `scv`";
                let help = "write `{ \"median\": ..., \"sigma\": 0.4 }` or `{ \"mean\": ..., \"scv\": 0.5 }`";
                self.faults.lacking(self.whole, &["median", "sigma", "mean", "scv"], message, help);
                None
            }
        }
    }

    fn empirical<T: Amount>(&mut self, text: &EmpiricalText<T>) -> Option<Distribution> {
        match (&text.values, &text.file, &text.column) {
            (Some(values), None, None) => self.listed(values, text.weights.as_ref()),
            (None, Some(file), Some(column)) if text.weights.is_none() => self.column::<T>(file, column),
            _ => {
                let message =
                    "`empirical` needs either `values`, with or without `weights`, or `file` and `column`";
                let help =
                    "write `{ \"values\": [...] }` or `{ \"file\": \"sizes.csv\", \"column\": \"size\" }`";
                self.faults.lacking(self.whole, &["values", "file", "column"], message, help);
                None
            }
        }
    }

    /// Values that are written in the scenario.
    fn listed<T: Amount>(
        &mut self,
        values: &Spanned<Vec<Spanned<T>>>,
        weights: Option<&Spanned<Vec<Spanned<f64>>>>,
    ) -> Option<Distribution> {
        let numbers = values.value.iter().map(number).collect();
        let written = weights.map(|weights| weights.value.iter().map(|weight| weight.value).collect());
        let place = |unfit: &Unfit| match (unfit.parameter, weights, unfit.index) {
            ("weights", Some(weights), Some(index)) => weights.value[index].span,
            ("weights", Some(weights), None) => weights.span,
            (_, _, Some(index)) => values.value[index].span,
            (_, _, None) => values.span,
        };
        let distribution = Distribution::empirical(numbers, written);
        distribution.map_err(|unfit| self.unfit(&unfit, Some(place(&unfit)))).ok()
    }

    /// The values of a column of a file.
    fn column<T: Amount>(
        &mut self,
        file: &Spanned<String>,
        column: &Spanned<String>,
    ) -> Option<Distribution> {
        let key = (file.value.clone(), column.value.clone(), T::EXPECTED);
        if let Some(known) = self.columns.read.get(&key) {
            return known.as_ref().map(|column| column.distribution.clone());
        }
        let read = self.read_column::<T>(file, column);
        let distribution = read.as_ref().map(|column| column.distribution.clone());
        self.columns.read.insert(key, read);
        distribution
    }

    fn read_column<T: Amount>(&mut self, file: &Spanned<String>, column: &Spanned<String>) -> Option<Column> {
        let name = self.columns.files.name(&file.value);
        let read_cell = |text: &str| T::read(text).map(Quantity::to_f64);
        let values = match read_column(&*self.columns.files, &file.value, &column.value, &read_cell) {
            Ok(values) => values,
            Err(NoValues::Io(error)) => {
                self.faults.push(unreadable(file.span, &name, &error, "name a CSV file"));
                return None;
            }
            Err(NoValues::NoColumn(known)) => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let help = suggestion(&column.value, "columns", known);
                self.faults.add(column.span, format!("`{name}` has no column `{}`", column.value), help);
                return None;
            }
            Err(NoValues::Empty) => {
                let help = "write a line with the names of the columns, and a line for each value";
                self.faults.add(file.span, format!("`{name}` has no rows"), help);
                return None;
            }
            Err(NoValues::Text { faults, count }) => {
                tell(self.faults, file.span, &name, "this column", faults, count);
                return None;
            }
        };
        let hash = hash_of(&values);
        let distribution = self.fit(Distribution::empirical(values, None), &[("values", column.span)])?;
        Some(Column { distribution, hash })
    }

    fn mixture<T: Amount>(&mut self, parts: &[PartText<T>]) -> Option<Distribution> {
        // All of them, so that all faults are told.
        let resolved: Vec<_> =
            parts.iter().map(|part| Some((part.weight.value, self.inner(&part.of)?))).collect();
        let resolved = resolved.into_iter().collect::<Option<Vec<_>>>()?;
        Distribution::mixture(resolved)
            .map_err(|unfit| self.unfit(&unfit, unfit.index.map(|index| parts[index].weight.span)))
            .ok()
    }

    fn truncated<T: Amount>(&mut self, text: &TruncatedText<T>) -> Option<Distribution> {
        let of = self.inner(&text.of);
        if text.min.is_none() && text.max.is_none() {
            let help = "add one of them, or both";
            self.faults.lacking(self.whole, &["min", "max"], "`truncated` needs `min` or `max`", help);
            return None;
        }
        let of = of?;
        let bounds = [("min", &text.min), ("max", &text.max)];
        let places = bounds.iter().filter_map(|(name, bound)| Some((*name, bound.as_ref()?.span)));
        let places: Vec<Placed<'_>> = places.collect();
        let min = text.min.as_ref().map_or(0.0, number);
        let max = text.max.as_ref().map_or(f64::INFINITY, number);
        self.fit(of.truncated(min, max), &places)
    }
}

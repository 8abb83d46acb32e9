//! The columns of a trace, and its header.

use std::ops::Range;

use super::dialect::{self, Field};
use crate::scenario::diagnostic::quoted;
use crate::scenario::names::nearest;

/// What a column says of each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Id,
    At,
    AtS,
    Image,
    Size,
    SizeBytes,
    From,
    To,
    Name,
    Account,
    Duration,
    DurationS,
    CancelAt,
    CancelAtS,
    Encrypted,
    Cancellable,
    DryRun,
    ClientToken,
    Priority,
}

impl Column {
    pub const ALL: [Self; 19] = [
        Self::Id,
        Self::At,
        Self::AtS,
        Self::Image,
        Self::Size,
        Self::SizeBytes,
        Self::From,
        Self::To,
        Self::Name,
        Self::Account,
        Self::Duration,
        Self::DurationS,
        Self::CancelAt,
        Self::CancelAtS,
        Self::Encrypted,
        Self::Cancellable,
        Self::DryRun,
        Self::ClientToken,
        Self::Priority,
    ];

    /// The column as the header writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::At => "at",
            Self::AtS => "at_s",
            Self::Image => "image",
            Self::Size => "size",
            Self::SizeBytes => "size_bytes",
            Self::From => "from",
            Self::To => "to",
            Self::Name => "name",
            Self::Account => "account",
            Self::Duration => "duration",
            Self::DurationS => "duration_s",
            Self::CancelAt => "cancel_at",
            Self::CancelAtS => "cancel_at_s",
            Self::Encrypted => "encrypted",
            Self::Cancellable => "cancellable",
            Self::DryRun => "dry_run",
            Self::ClientToken => "client_token",
            Self::Priority => "priority",
        }
    }

    /// How its cells are written, and what they say; for the reference page.
    pub const fn about(self) -> (&'static str, &'static str) {
        match self {
            Self::Id => {
                ("name", "What the row is called; without it, it goes by its number in time. Each id once.")
            }
            Self::At => (
                "time, clock time",
                "When the copy is asked for, from the start of the run; or what a clock shows then, if `starts_at` is set.",
            ),
            Self::AtS => ("seconds", "The same as a plain number, such as `90.5`."),
            Self::Image => {
                ("image", "What is copied: an image of the scenario, or one of a group (`fleet-3`).")
            }
            Self::Size => ("size", "The size of an image that the row brings along, in `from`."),
            Self::SizeBytes => ("bytes", "The same as a plain whole number."),
            Self::From => ("region", "The source region; without it the region of the image."),
            Self::To => ("region", "The destination region: one."),
            Self::Name => {
                ("text", "The name of the new image. Each distinct name takes memory until the end.")
            }
            Self::Account => ("account", "Who asks; without it the owner of the image."),
            Self::Duration => ("duration", "How long the copy takes once it runs."),
            Self::DurationS => ("seconds", "The same as a plain number."),
            Self::CancelAt => ("time, clock time", "When the copy is cancelled; later than `at`."),
            Self::CancelAtS => ("seconds", "The same as a plain number."),
            Self::Encrypted => ("`true` or `false`", "Whether the copy is encrypted."),
            Self::Cancellable => ("`true` or `false`", "Whether it can be cancelled."),
            Self::DryRun => ("`true` or `false`", "Whether the call only asks what would be answered."),
            Self::ClientToken => ("text", "The client token, at most 64 ASCII characters."),
            Self::Priority => {
                ("whole number", "Counts if `queue` is `priority`: the smallest number starts first.")
            }
        }
    }

    /// The column that says the same in another unit.
    const fn twin(self) -> Option<Self> {
        match self {
            Self::At => Some(Self::AtS),
            Self::AtS => Some(Self::At),
            Self::Size => Some(Self::SizeBytes),
            Self::SizeBytes => Some(Self::Size),
            Self::Duration => Some(Self::DurationS),
            Self::DurationS => Some(Self::Duration),
            Self::CancelAt => Some(Self::CancelAtS),
            Self::CancelAtS => Some(Self::CancelAt),
            _ => None,
        }
    }

    /// The column of this name; spreadsheets like capitals.
    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name().eq_ignore_ascii_case(name))
    }
}

/// Which cell of a row is of which column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    columns: Vec<Column>,
    places: [Option<u8>; Column::ALL.len()],
}

/// A fault of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    pub place: Range<usize>,
    pub message: String,
    pub help: String,
    /// An earlier column that plays a part.
    pub related: Option<(Range<usize>, &'static str)>,
}

impl HeaderFault {
    fn new(place: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: help.into(), related: None }
    }
}

impl Header {
    /// Reads the first line of a trace.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(line: &str) -> Result<Self, Vec<HeaderFault>> {
        let mut fields = Vec::new();
        dialect::cut(line, &mut fields)
            .map_err(|bad| vec![HeaderFault::new(bad.place, bad.message, bad.help)])?;
        let names: Vec<String> = fields.iter().map(|field| field.text(line).into_owned()).collect();
        if names.iter().all(|name| Column::of(name).is_none()) {
            return Err(vec![no_header(line, &fields)]);
        }
        let mut header = Self { columns: Vec::new(), places: [None; Column::ALL.len()] };
        let mut faults = Vec::new();
        for (name, field) in names.iter().zip(&fields) {
            match Column::of(name) {
                Some(column) => faults.extend(header.add(column, field, &fields)),
                None => faults.push(unknown(name, field)),
            }
        }
        if !header.has(Column::At) && !header.has(Column::AtS) {
            faults.push(HeaderFault::new(
                0..line.len(),
                "no column says when each copy is asked for",
                "add the column `at` (such as 90s or 2h30m) or `at_s` (seconds)",
            ));
        }
        if faults.is_empty() { Ok(header) } else { Err(faults) }
    }

    /// How many cells a row has.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    pub fn has(&self, column: Column) -> bool {
        self.places[column as usize].is_some()
    }

    /// The place of a column's cell in a row.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize].map(usize::from)
    }

    fn add(&mut self, column: Column, field: &Field, fields: &[Field]) -> Option<HeaderFault> {
        let earlier = [Some(column), column.twin()].into_iter().flatten();
        let first = earlier.filter_map(|column| Some((column, self.place(column)?))).next();
        let fault = first.map(|(other, place)| {
            let (message, help) = if other == column {
                (format!("the column `{}` comes twice", column.name()), "leave one of the two out".to_owned())
            } else {
                let message = format!("`{}` and `{}` say the same", other.name(), column.name());
                (message, "keep one of the two columns".to_owned())
            };
            let related = Some((fields[place].place.clone(), "the first one"));
            HeaderFault { related, ..HeaderFault::new(field.place.clone(), message, help) }
        });
        if fault.is_none() {
            self.places[column as usize] = u8::try_from(self.columns.len()).ok();
        }
        self.columns.push(column);
        fault
    }
}

/// A column that is none, with what may have been meant.
fn unknown(name: &str, field: &Field) -> HeaderFault {
    let (message, help) = match name {
        "" => ("a column has no name".to_owned(), "name it, or leave it out of every row".to_owned()),
        "client" => (
            "there is no column `client`: this version has no clients yet".to_owned(),
            "leave the column out".to_owned(),
        ),
        _ => {
            let known = || Column::ALL.map(Column::name);
            let help = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                // Those with plain numbers stand beside the others on the page of keys.
                None => {
                    let known =
                        known().into_iter().filter(|name| !name.ends_with("_s") && !name.ends_with("_bytes"));
                    format!("known columns: {}", known.collect::<Vec<_>>().join(", "))
                }
            };
            (format!("there is no column {}", quoted(name)), help)
        }
    };
    HeaderFault::new(field.place.clone(), message, help)
}

/// A first line in which no column is known: one of another dialect, or data.
fn no_header(line: &str, fields: &[Field]) -> HeaderFault {
    for (separator, name) in [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")] {
        let is_known = |name: &str| Column::of(name.trim().trim_matches('"')).is_some();
        if let Some(place) = line.find(separator).filter(|_| line.split(separator).any(is_known)) {
            let message = format!("the columns are separated by {name}, not by commas");
            return HeaderFault::new(
                place..place + 1,
                message,
                "save the file with commas between the values",
            );
        }
    }
    match fields {
        [only] if !only.place.is_empty() => unknown(&only.text(line), only),
        _ => HeaderFault::new(
            0..line.len(),
            "the first line names no column",
            "begin with a line of column names, such as `id,at,image,to`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(line: &str) -> Vec<(String, String)> {
        let faults = Header::read(line).expect_err(line);
        faults.into_iter().map(|fault| (fault.message, fault.help)).collect()
    }

    fn assert_fault(line: &str, message: &str, help: &str) {
        let found = faults(line);
        let [(said, helped)] = found.as_slice() else { panic!("{line}: {found:?}") };
        assert!(said.contains(message) && helped.contains(help), "{line}: {found:?}");
    }

    #[test]
    fn columns_come_in_any_order() {
        let header = Header::read(" to , \"at\",image").unwrap();
        assert_eq!(
            (header.width(), header.place(Column::At), header.place(Column::To)),
            (3, Some(1), Some(0))
        );
        assert!(!header.has(Column::Id));
    }

    #[test]
    fn columns_are_known_in_capitals() {
        let header = Header::read("ID,At,\"SIZE_Bytes\"").unwrap();
        let places = [Column::Id, Column::At, Column::SizeBytes].map(|column| header.place(column));
        assert_eq!(places, [Some(0), Some(1), Some(2)]);
        assert_fault("at,To,TO", "`to` comes twice", "leave one");
        assert_fault("ID;At", "separated by `;`", "commas");
    }

    #[test]
    fn a_header_is_told_what_is_wrong_with_it() {
        assert_fault("at,imgae", "no column `imgae`", "did you mean `image`?");
        assert_fault("at,colour", "no column `colour`", "known columns: id, at, image");
        assert_fault("at,to,at", "`at` comes twice", "leave one");
        assert_fault("at,at_s", "`at` and `at_s` say the same", "keep one");
        assert_fault("size_bytes,at,size", "`size_bytes` and `size` say the same", "keep one");
        assert_fault("at,client", "no clients yet", "leave");
        assert_fault("at,,to", "has no name", "leave it out");
        assert_fault("id,to", "when each copy is asked for", "`at_s`");
        assert_fault("id;at;to", "separated by `;`", "commas");
        assert_fault("id\tat", "separated by tabs", "commas");
        assert_fault("5m,web,us-east-1", "names no column", "id,at,image,to");
        assert_fault("att", "no column `att`", "`at`");
        assert_fault("at,\"to", "isn't closed", "twice");
        assert_eq!(faults("at,imgae,colour").len(), 2, "all at once");
    }
}

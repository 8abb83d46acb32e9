//! Columns of the CSV files: their header and their schema.

use schemars::Schema;
use serde_json::{Map, Value, json};

/// A column, and what its cells hold.
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// What it means, in a sentence.
    pub about: &'static str,
}

/// What a cell holds, unless it is empty.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    /// A whole number from 0.
    Count,
    /// Seconds as an exact decimal.
    Time,
    /// `true` or `false`.
    Flag,
}

/// A column in one line of code.
pub const fn column(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, about }
}

/// The names, as the first line of the file has them.
pub fn header(columns: &[Column]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(|column| column.name)
}

/// The schema of a row: a key for each column, and none for an empty cell.
pub fn row_schema(columns: &[Column]) -> Schema {
    let property = |column: &Column| {
        let mut property = match column.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Count => json!({ "type": "integer", "minimum": 0 }),
            Kind::Time => json!({ "type": "number", "minimum": 0 }),
            Kind::Flag => json!({ "type": "boolean" }),
        };
        property["description"] = column.about.into();
        (column.name.to_owned(), property)
    };
    let properties: Map<String, Value> = columns.iter().map(property).collect();
    schemars::json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}

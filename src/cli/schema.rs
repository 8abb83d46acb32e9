//! `copysim schema`: what scenarios and results look like, for editors, validators and readers.

use clap::ValueEnum;

use super::Result;
use super::exit::{self, say};
use crate::output::manifest::Manifest;
use crate::output::{CopiesRow, DiagnosticsReport, Summary, TimeseriesRow, TraceLine, codes_table};
use crate::scenario::{json_schema, reference_page, schema_of};

/// Print the JSON Schema of scenarios or results, the page of all keys, or the table of codes
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = exit::examples_and_statuses(EXAMPLES, &STATUSES))]
pub struct Args {
    /// What the schema is of
    #[arg(value_enum, default_value_t = Of::Scenario)]
    pub of: Of,
}

const STATUSES: [u8; 3] = [exit::OK, exit::USAGE, exit::CANT_WRITE];

const EXAMPLES: &str = "\
Examples:
  copysim schema > scenario.schema.json
  copysim schema reference > scenario.md
  copysim schema codes";

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Of {
    /// A scenario file, for the `$schema` of an editor
    Scenario,
    /// The keys of a scenario as a page to read (Markdown)
    Reference,
    /// The error codes of the service as a table to read (Markdown)
    Codes,
    /// summary.json
    Summary,
    /// A row of copies.csv: a key for each column, and none for an empty cell
    Copies,
    /// A row of timeseries.csv
    Timeseries,
    /// A line of trace.jsonl
    Trace,
    /// manifest.json
    Manifest,
    /// What `copysim validate --format json` prints
    Diagnostics,
}

pub fn schema(args: &Args) -> Result<()> {
    say(&match args.of {
        Of::Scenario => json_schema(),
        Of::Reference => reference_page(),
        Of::Codes => codes_table(),
        Of::Summary => schema_of::<Summary>("copysim summary"),
        Of::Copies => schema_of::<CopiesRow>("a row of copies.csv"),
        Of::Timeseries => schema_of::<TimeseriesRow>("a row of timeseries.csv"),
        Of::Trace => schema_of::<TraceLine<'_>>("a line of trace.jsonl"),
        Of::Manifest => schema_of::<Manifest<'_>>("copysim manifest"),
        Of::Diagnostics => schema_of::<DiagnosticsReport>("copysim diagnostics"),
    })
}

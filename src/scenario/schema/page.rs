//! The reference page: every key with its value, default, meaning and rule, made from the JSON Schema.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::super::trace::Column;
use super::editor::is_of_kinds;
use super::json::{ABOUT, json_schema};

/// The reference of all keys of a scenario, in Markdown.
pub fn reference_page() -> String {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap_or_default();
    let mut page = Page { root: &schema, text: HEAD.to_owned(), next: Vec::new(), seen: Vec::new() };
    if let Some(root) = schema.as_object() {
        page.section(TOP, root);
    }
    page.text.push_str(TRACES);
    for column in Column::ALL {
        let (written, meaning) = column.about();
        let _ = writeln!(page.text, "| `{}` | {written} | {meaning} |", column.name());
    }
    page.text.push_str(OVERRIDES);
    page.text
}

/// What the outermost section is called.
const TOP: &str = "At the top";
/// What the section on distributions is called.
const DISTRIBUTION: &str = "distribution";

const HEAD: &str = "\
# The scenario file

A scenario is JSON with comments and trailing commas. Every key that it can have is listed here, with the
default that counts where it is left out. *Assumed* marks a default that no public page of the vendor settles;
reports list these. The last column is the [rule](rules.md) of the model that reports and tests cite.

An editor completes, explains and checks all of this by the JSON Schema: `copysim schema >
scenario.schema.json`, and `\"$schema\": \"./scenario.schema.json\"` at the top of the scenario. What a name refers
to, and whether the whole makes sense, only `copysim validate` can tell.

| value | how it is written |
|---|---|
| time, duration | a string with units: `\"90s\"`, `\"15m\"`, `\"2h30m\"`, `\"1.5h\"`, `\"30d\"`, `\"1w\"`; also `ms` and `us`. Times count from the start of the run |
| clock time | a date, a time and its offset from UTC: `\"2026-11-02T08:00:00+08:00\"`, or with `Z` |
| size | a string with its unit: `\"40GiB\"` (2^30 bytes each) or `\"40GB\"` (10^9 bytes each); `B`, `kB`, `KiB` up to `PB`, `PiB` |
| rate | a size per second: `\"15MiB/s\"` |
| fraction | a number from 0 to 1 with at most six decimals |
| name | letters of any script, digits, `-`, `_` and `.` |
| region, image | the name of one in the scenario; or `{ \"literal\": \"...\" }`, which is sent to the service as it stands, known to it or not; of an image also `{ \"product_of\": \"release@us-east-1\" }`, the new image of another copy |
| known name | the name of a key, resource group or algorithm of the scenario; or `{ \"literal\": \"...\" }` |
| answer | `\"accepted\"`, `\"replayed\"` or an error code as the service spells it (`copysim schema codes` lists them) |
| statistic | `\"min\"`, `\"mean\"`, `\"max\"`, a percentile such as `\"p95\"` or `\"p99.9\"` (nearest rank), `\"count\"`, `\"share\"`; or `{ \"share_within\": \"10m\" }`, the values up to a limit / all values |
| day | `\"2013-07-14\"` |
| pattern | a name in which `*` stands for any text |
| copies | `release` for all copies of a request, `release@us-east-1` for one, `release:web@us-east-1` where a request copies several images, `builds#3@us-east-1` for the third arrival of a stream |
";

const TRACES: &str = "
## Columns of a trace

A trace is a CSV file with a header in its first line: columns in any order, parted by commas, their names in
small letters or capitals. Encoding is UTF-8, with or without a byte-order mark; cells may be in double quotes, with
blanks around them, and lines may end with CRLF; empty lines are passed over. A row is one line: no cell holds the
end of a line, not even in quotes. An empty cell says nothing: then what the `copy` of the entry says counts. Only
`at` (or `at_s`) must be in every row. Rows should be in the order of their times: such a file may have any length,
any other is sorted in memory. Rows of one time stay in their order.

Logs tell when something happened by the clock, such as `2026-11-02T22:00:00+08:00`. If the scenario has
`starts_at`, such times may stand in `at` and `cancel_at`, each with an offset from UTC of its own; they are counted
from `starts_at`, and none is before it.

| column | written as | meaning |
|---|---|---|
";

const OVERRIDES: &str = "
## Overrides

`--set path=value` lays a value over the file, as often as needed and the last one last; the result is checked
like a file. In a shell, put the whole in single quotes where it holds blanks, `*`, `[` or quotes.

| path | leads to |
|---|---|
| `service.cap` | a key; one that isn't there yet is added |
| `regions.cn-*.cap` | every key that the pattern matches, at least one |
| `requests.hotfix.at` | the request with this id; `requests.*.account` is every request |
| `requests[2].at`, `requests[2].copy.at` | an element by its place, from 0; the kind may be left out |
| `images.web-3.0.size`, `images[\"web-3.0\"].size` | a key with dots, which must be quoted where it isn't there yet |

A value is JSON, and anything else is a string: `horizon=12h`, `service.cap=10`,
`'requests.release.to=[\"us-east-1\"]'`. `null` takes out what the path leads to: `horizon=null`,
`requests.hotfix=null`.
";

/// A page in the making.
struct Page<'a> {
    root: &'a Value,
    text: String,
    /// Places and definitions to be written after the present section.
    next: Vec<(String, String)>,
    /// Definitions with the place that they are explained at.
    seen: Vec<(String, String)>,
}

impl<'a> Page<'a> {
    fn definition(&self, name: &str) -> Option<&'a Map<String, Value>> {
        self.root.get("definitions")?.get(name)?.as_object()
    }

    /// A table of the keys of an object, or of its choices, and then of those below it.
    fn section(&mut self, place: &str, schema: &'a Map<String, Value>) {
        let _ = writeln!(self.text, "\n## {}\n", heading(place));
        if let Some(about) = schema.get(ABOUT).and_then(Value::as_str).filter(|_| place != TOP) {
            let _ = writeln!(self.text, "{about}\n");
        }
        let (words, kinds) = (words(schema), kinds(schema));
        match schema.get("properties").and_then(Value::as_object) {
            Some(properties) if kinds.is_none() => self.keys(place, properties, schema.get("required")),
            None if words.is_none() && kinds.is_none() => self.text.push_str("It has no keys: `{}`.\n"),
            _ => self.choices(place, words.unwrap_or_default(), kinds),
        }
        for (place, name) in std::mem::take(&mut self.next) {
            if let Some(definition) = self.definition(&name) {
                self.section(&place, definition);
            }
        }
    }

    fn keys(&mut self, place: &str, properties: &'a Map<String, Value>, required: Option<&Value>) {
        self.text
            .push_str("| key | value | default | meaning | example | rule |\n|---|---|---|---|---|---|\n");
        for (key, property) in properties {
            let is_required = required
                .and_then(Value::as_array)
                .is_some_and(|required| required.iter().any(|name| name == key));
            let inner = if place == TOP { key.clone() } else { format!("{place}.{key}") };
            let value = self.value(&inner, property);
            let default = match (property.get("default"), is_required) {
                (Some(default), _) => format!("`{}`", plain(default)),
                (None, true) => "required".to_owned(),
                (None, false) => String::new(),
            };
            let is_assumed = property.get("x-basis").is_some_and(|basis| basis == "assumed");
            let default = match (default.as_str(), is_assumed) {
                ("", true) => "none *assumed*".to_owned(),
                (_, true) => format!("{default} *assumed*"),
                (_, false) => default,
            };
            let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default();
            let meaning = format!("{}{}", text("description"), self.meanings(property));
            let example = property.get("examples").and_then(|examples| examples.get(0));
            let example = example.map_or_else(String::new, |example| format!("`{}`", spaced(example)));
            let _ = writeln!(
                self.text,
                "| `{key}` | {value} | {} | {} | {} | {} |",
                default,
                in_cell(&meaning),
                in_cell(&example),
                text("x-rule"),
            );
        }
    }

    /// The words and kinds that a value is one of, each kind with what follows it.
    fn choices(&mut self, place: &str, words: Vec<Word<'a>>, kinds: Option<&'a Map<String, Value>>) {
        let example = |value: &Value| value.get("examples").and_then(|examples| examples.get(0)).cloned();
        let have_examples = kinds.is_some_and(|kinds| kinds.values().any(|value| example(value).is_some()));
        let (head, rule) = if have_examples { (" example |", "---|") } else { ("", "") };
        let _ = writeln!(self.text, "| kind | meaning |{head}\n|---|---|{rule}");
        for (word, about) in words {
            let _ = writeln!(
                self.text,
                "| `\"{word}\"` | {} |{}",
                in_cell(about),
                if have_examples { " |" } else { "" }
            );
        }
        for (kind, value) in kinds.into_iter().flatten() {
            let about = value.get("description").and_then(Value::as_str).unwrap_or_default();
            let example = match example(value) {
                Some(example) => format!(" `{}` |", in_cell(&spaced(&json!({ kind: example })))),
                None if have_examples => " |".to_owned(),
                None => String::new(),
            };
            let value = self.value(&format!("{place}.{kind}"), value);
            let _ = writeln!(self.text, "| `{{ \"{kind}\": ... }}`: {value} | {} |{example}", in_cell(about));
        }
    }

    /// What can stand as a value, with a link to where it is explained.
    fn value(&mut self, place: &str, schema: &'a Value) -> String {
        if let Some(kind) = schema.get("x-kind").and_then(Value::as_str) {
            return kind.to_owned();
        }
        if let Some(name) = reference(schema) {
            return self.named(place, name);
        }
        if let Some(of_entries) = schema.get("additionalProperties").filter(|entry| entry.is_object()) {
            return format!("by name: {}", self.value(&format!("{place}.*"), of_entries));
        }
        if let Some(several) = schema.get("anyOf").and_then(Value::as_array) {
            let one = several.first().map_or_else(String::new, |one| self.value(place, one));
            return match several.get(1).filter(|other| reference(other).is_some()) {
                Some(other) => format!("{one}, or {}", self.value(place, other)),
                None => format!("{one}, or a list"),
            };
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("array") => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                format!("list of {}", self.value(&format!("{place}[]"), items))
            }
            Some("integer") => "whole number".to_owned(),
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("string") => "text".to_owned(),
            Some(other) => other.to_owned(),
            None => String::new(),
        }
    }

    fn named(&mut self, place: &str, name: &'a str) -> String {
        match name {
            "RegionReference" => return "region".to_owned(),
            "ImageReference" => return "image".to_owned(),
            "NameReference" => return "known name".to_owned(),
            _ => {}
        }
        let Some(definition) = self.definition(name) else { return String::new() };
        let (words, kinds) = (words(definition).unwrap_or_default(), kinds(definition));
        let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        if !words.is_empty() && kinds.is_none() {
            return words.join(", ");
        }
        let known = self.seen.iter().find(|(seen, _)| seen == name).map(|(_, place)| place.clone());
        // What stands in many places is looked for by its own name.
        let (what, place) =
            if name == "Distribution" { (DISTRIBUTION, DISTRIBUTION) } else { ("object", place) };
        let target = known.unwrap_or_else(|| {
            self.seen.push((name.to_owned(), place.to_owned()));
            self.next.push((place.to_owned(), name.to_owned()));
            place.to_owned()
        });
        let object = format!("[{what}](#{})", anchor(&target));
        words.into_iter().chain([object]).collect::<Vec<_>>().join(", ")
    }

    /// What each of the words means that a value is one of, and nothing else.
    fn meanings(&self, property: &'a Value) -> String {
        let definition = reference(property).and_then(|name| self.definition(name));
        let definition = definition.filter(|definition| kinds(definition).is_none());
        let words = definition.and_then(words).unwrap_or_default();
        words.iter().map(|(word, about)| format!("<br>`{word}`: {about}")).collect()
    }
}

/// A word that a value may be, with its meaning.
type Word<'a> = (&'a str, &'a str);

/// A schema, or one of those that a value keeps to one of.
fn alternatives(schema: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let several = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    std::iter::once(schema).chain(several.filter_map(Value::as_object))
}

/// The words that a value is one of.
fn words(schema: &Map<String, Value>) -> Option<Vec<Word<'_>>> {
    let schema = alternatives(schema).find(|schema| schema.contains_key("enum"))?;
    let texts = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let meanings = texts("markdownEnumDescriptions").map(|about| about.as_str().unwrap_or_default());
    Some(texts("enum").map(|word| word.as_str().unwrap_or_default()).zip(meanings).collect())
}

/// The kinds that an object is one of.
fn kinds(schema: &Map<String, Value>) -> Option<&Map<String, Value>> {
    alternatives(schema).find(|schema| is_of_kinds(schema))?.get("properties")?.as_object()
}

/// The definition that a schema refers to.
fn reference(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").or_else(|| schema.get("allOf")?.get(0)?.get("$ref"));
    direct?.as_str()?.rsplit('/').next()
}

/// A value in one line, with blanks where people put them.
fn spaced(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("\"{key}\": {}", spaced(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(spaced).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A default as a scenario would have it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn in_cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn heading(place: &str) -> String {
    match place {
        TOP => place.to_owned(),
        DISTRIBUTION => "A distribution".to_owned(),
        _ => format!("`{place}`"),
    }
}

/// The anchor that renderers of Markdown give to a heading.
fn anchor(place: &str) -> String {
    if place == DISTRIBUTION {
        return "a-distribution".to_owned();
    }
    let kept = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_');
    place.to_lowercase().chars().filter(|sign| kept(*sign)).collect()
}

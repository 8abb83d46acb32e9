//! CSV traces as entries of `requests`.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::parameters::{token_fault, token_of};
use super::{Call, Expanded, RequestResolver, SourceImage, WantedRows, Written};
use crate::hex::hex;
use crate::ids::{Named, RegionId, Token};
use crate::scenario::catalog::{CallInfo, Calls, GivenNames, RowsInfo};
use crate::scenario::decode::Spanned;
use crate::scenario::diagnostic::{Cause, Diagnostic, SourceText};
use crate::scenario::document::{SourceId, Span};
use crate::scenario::files::io_words;
use crate::scenario::schema::{CopyTimeText, ImageRef, NAMED, RegionRef, TraceCopyText, TraceText};
use crate::scenario::selector::Selector;
use crate::scenario::trace::{
    Checked, Defaults, Place, Rejection, ResolvedRow, RowRules, TemporaryFileError, TextFault, Trace,
};
use crate::scenario::world::{World, checked_copy_time};
use crate::transfer::Fate;
use crate::workload::{Entry, ImageSource, TraceEntry};

impl RequestResolver<'_> {
    pub(super) fn trace(
        &mut self,
        index: usize,
        written: &Written,
        trace: &TraceText,
    ) -> Option<(Entry, Calls)> {
        let (defaults, info) = self.defaults(trace.copy.as_ref())?;
        // Rows can't be judged by what couldn't be read.
        let mut sections = NAMED.into_iter().chain(["starts_at"]);
        if !written.is_whole || sections.any(|section| !self.faults.is_section_read(section)) {
            return None;
        }
        let rules = Arc::new(RowRules { world: self.row_world(), defaults });
        let wanted = self.wanted.get(&index).cloned().unwrap_or_default();
        let file = &trace.file;
        let check = Trace { files: self.files, path: &file.value, rules: &rules, wanted: &wanted };
        let names = &mut self.world.names;
        let checked = match check.check(&mut |name| names.intern_shared(name)) {
            Ok(checked) => checked,
            Err(rejection) => {
                self.reject(file, rejection);
                return None;
            }
        };
        if let Some(found) = checked.out_of_order {
            self.remarks.add(format!(
                "{}: row {} of `{}` at {} is earlier than the row before it at {}; the rows were sorted by time",
                written.name, found.row, file.value, found.at, found.before
            ));
        }
        self.has_priorities |= checked.has_priorities;
        self.rows.insert(index, hex(&checked.source.hash));
        Some(self.traced(index, written, checked, info))
    }

    fn traced(
        &mut self,
        index: usize,
        written: &Written,
        checked: Checked,
        info: RowsInfo,
    ) -> (Entry, Calls) {
        let mut rows = WantedRows::default();
        let given = GivenNames::of(&self.world.images);
        for (name, (number, resolved)) in checked.wanted {
            let call = self.row_call(&written.name, &name, resolved, &info, &given);
            rows.numbers.insert(name.clone(), number);
            rows.calls.insert(number, (name, [call]));
        }
        self.expanded[index] = Expanded::of_rows(rows);
        let info = RowsInfo { file: self.files.name(&checked.source.path), count: checked.count, ..info };
        let entry = TraceEntry {
            source: Arc::new(checked.source),
            count: checked.count,
            lanes: checked.lanes,
            named: Vec::new(),
        };
        (Entry::Trace(entry), Calls::Rows(info))
    }

    /// What rows refer to; the same for all traces.
    fn row_world(&mut self) -> Arc<World> {
        Arc::clone(self.row_world.get_or_insert_with(|| Arc::new(self.world.for_rows())))
    }

    /// What holds for rows that don't say otherwise, and what is shown of it.
    fn defaults(&mut self, copy: Option<&Spanned<TraceCopyText>>) -> Option<(Defaults, RowsInfo)> {
        let default = TraceCopyText::default();
        let text = copy.map_or(&default, |copy| &copy.value);
        let image = match &text.image {
            Some(image) => Some(self.row_image(image)?),
            None => None,
        };
        if let (Some(_), Some(size)) = (&image, &text.size) {
            let message = "`size` is of an image that each row brings along";
            self.faults.add(size.span, message, "leave `size` or `image` out");
            return None;
        }
        let from = self.row_region(text.from.as_ref())?;
        let to = self.row_region(text.to.as_ref())?;
        let account = match &text.account {
            Some(account) => Some(self.world.account(Some(account), account.span, self.faults)?),
            None => None,
        };
        if let (Some(duration), Some(_)) = (&text.duration, &text.copy_time) {
            let message = "a request has either a `duration` or a `copy_time`";
            self.faults.add(duration.span, message, "leave one of the two out");
            return None;
        }
        let duration = text.duration.as_ref().map(|duration| duration.value);
        let duration =
            duration.map(|duration| CopyTimeText { duration: Some(duration), ..Default::default() });
        let copy_time = text.copy_time.as_ref().map(|written| checked_copy_time(written, self.faults));
        let parameters = text.parameters();
        self.has_priorities |= parameters.priority.is_some();
        let details = self.details(&parameters)?;
        let token = self.token_of_all(parameters.client_token)?;
        let fate = match &text.fail {
            Some(fail) => self.fate(Some(fail))?,
            None => Fate::Completes,
        };
        let is_given = |image: &&SourceImage| matches!(image.source, ImageSource::Given(_));
        let info = RowsInfo {
            file: String::new(),
            count: 0,
            image: image.as_ref().filter(|image| !is_given(image)).map(|image| image.label.clone()),
            from: from.as_ref().map_or_else(String::new, |(_, text)| text.clone()),
            to: to.as_ref().map_or_else(String::new, |(_, text)| text.clone()),
        };
        let defaults = Defaults {
            image,
            size: text.size.as_ref().map(|size| size.value),
            from: from.map(|(region, _)| region),
            to: to.map(|(region, _)| region),
            account,
            own: duration.or(copy_time),
            encrypted: parameters.encrypted,
            details,
            user: text.user.as_ref().map(|user| user.value.clone()),
            token,
            dry_run: parameters.dry_run,
            cancellable: parameters.cancellable,
            priority: parameters.priority.map_or(0, |priority| priority.value),
            fate,
            retention: text.retention,
        };
        Some((defaults, info))
    }

    /// The token of all rows, in which nothing can be filled in; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "not written and wrong are different")]
    fn token_of_all(&mut self, written: Option<&Spanned<String>>) -> Option<Option<Token>> {
        let Some(written) = written else { return Some(None) };
        let placeholders = written.value.contains('{').then(|| {
            let help = "write it as it is, or give each row its own in a column `client_token`";
            ("nothing can be filled into the token of a trace".to_owned(), help.to_owned())
        });
        if let Some((message, help)) = placeholders.or_else(|| token_fault(&written.value)) {
            self.faults.add(written.span, message, help);
            return None;
        }
        Some(Some(token_of(&written.value)))
    }

    /// A region of the defaults; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "not written and wrong are different")]
    fn row_region(
        &mut self,
        region: Option<&Spanned<RegionRef>>,
    ) -> Option<Option<(Named<RegionId>, String)>> {
        match region {
            Some(region) => self.region_ref(&region.value, region.span).map(Some),
            None => Some(None),
        }
    }

    /// The one image of the defaults: rows may name a member of a group, so they may too.
    fn row_image(&mut self, image: &Spanned<ImageRef>) -> Option<SourceImage> {
        if let ImageRef::Name(name) = &image.value
            && let Some((group, member)) = self.world.image(name)
        {
            let region = self.world.regions[group.region.0 as usize].clone();
            return Some(SourceImage::given(group, member, name.clone(), region));
        }
        let mut images = self.image(&image.value, image.span)?;
        if images.len() > 1 {
            let message = format!("this names {} images, and a row copies one", images.len());
            let help = format!("name one of them, such as `{}`", images[0].label);
            self.faults.add(image.span, message, help);
            return None;
        }
        images.pop()
    }

    /// The call of a row that something refers to.
    fn row_call(
        &self,
        trace: &str,
        name: &str,
        resolved: ResolvedRow,
        info: &RowsInfo,
        given: &GivenNames,
    ) -> Call {
        let ResolvedRow { row, size, copy_time, is_known } = resolved;
        let region = |region: Named<RegionId>, text: &String| match region {
            Named::Known(region) => self.world.regions[region.0 as usize].clone(),
            Named::Unknown => text.clone(),
        };
        let member = row.member;
        let from = region(member.from, &info.from);
        let image = match (&info.image, member.image) {
            (_, ImageSource::Fresh) => format!("{trace}#{name}"),
            (_, ImageSource::Given(place)) => given.name(place),
            (image, _) => image.clone().unwrap_or_default(),
        };
        let to_text = if info.to.is_empty() { &from } else { &info.to };
        let to = region(member.to, to_text);
        let account = member.caller.map(|caller| caller.account);
        let info = CallInfo { account, image, from, to, parameters: member.parameters };
        Call { member, info, size, copy_time, is_known }
    }

    /// The number of the row that a reference names.
    pub(super) fn row(&mut self, index: usize, parts: Selector<'_>, span: Span) -> Option<u64> {
        // A trace with a fault has none: that has been reported already.
        let rows = self.expanded[index].rows.as_ref()?;
        let Some(name) = parts.part else {
            let message = format!("`{}` is a trace", parts.entry);
            self.faults.add(span, message, format!("name one row, such as `{}#1`", parts.entry));
            return None;
        };
        let number = rows.numbers.get(name).copied();
        if number.is_none() {
            let message = format!("`{}` has no row `{name}`", parts.entry);
            let help =
                "a row is called by its `id`, or without one by its number in the order of time, from 1";
            self.faults.add(span, message, help);
        }
        number
    }

    /// Tells why a trace can't be run.
    fn reject(&mut self, file: &Spanned<String>, rejection: Rejection) {
        match rejection {
            Rejection::Io(error) => {
                let (message, help) = unreadable(&self.files.name(&file.value), &error);
                self.faults.push(
                    Diagnostic::error(Some(file.span), message).with_help(help).with_cause(Cause::Input),
                );
            }
            Rejection::TemporaryFile(error) => {
                let (message, cause) = temporary_file(&error);
                let help = "set TMPDIR to a folder with room: the ids of a long trace are compared there";
                let fault = Diagnostic::error(Some(file.span), message).with_help(help);
                self.faults.push(fault.with_cause(cause));
            }
            Rejection::Empty => {
                self.faults.add(file.span, "this trace has no rows", "write a line for each copy");
            }
            Rejection::Text { faults, count } => {
                let told = faults.len() as u64;
                if count > told {
                    let message = format!("this trace has {count} faults, of which {told} are shown");
                    self.faults.add(file.span, message, "put these right, and see what is left");
                }
                let name = self.files.name(&file.value);
                let mut lines = BTreeMap::new();
                for fault in faults {
                    self.tell(&name, &mut lines, fault);
                }
            }
        }
    }

    /// Tells a fault of a trace's text; `lines` are those that were shown already.
    fn tell(&mut self, name: &str, lines: &mut BTreeMap<u64, SourceId>, fault: TextFault) {
        let mut span = |place: Place| {
            let source = *lines.entry(place.line).or_insert_with(|| {
                let first_line = usize::try_from(place.line).unwrap_or(usize::MAX);
                self.faults.text(SourceText { name: name.to_owned(), text: place.text, first_line })
            });
            Span { source, start: place.span.start, end: place.span.end }
        };
        let related = fault.related.map(|(place, label)| (span(place), label));
        let mut diagnostic = Diagnostic::error(Some(span(fault.place)), fault.message)
            .with_help(fault.help)
            .with_path(fault.path);
        if let Some((span, label)) = related {
            diagnostic = diagnostic.with_related(span, label);
        }
        self.faults.push(diagnostic);
    }
}

/// Why a file can't be read, and the way out.
fn unreadable(name: &str, error: &io::Error) -> (String, &'static str) {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => (
            format!("there is no file `{name}`"),
            "check the path, which is counted from the folder of the scenario",
        ),
        io::ErrorKind::IsADirectory => (format!("`{name}` is a folder"), "name a CSV file"),
        io::ErrorKind::NotSeekable => (
            format!("`{name}` can't be read twice"),
            "name a file: a trace is read once to check it, and once more while the run goes on",
        ),
        _ => (format!("can't read `{name}`: {}", io_words(error)), "check who may read it"),
    }
}

/// Why the ids of a trace can't be compared.
fn temporary_file(error: &TemporaryFileError) -> (String, Cause) {
    let (folder, reason) = (error.folder.display(), io_words(&error.error));
    if error.is_missing {
        (format!("can't create a temporary file in `{folder}`: {reason}"), Cause::Create)
    } else {
        (format!("can't write a temporary file in `{folder}`: {reason}"), Cause::Write)
    }
}

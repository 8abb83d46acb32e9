//! CSV traces as entries of `requests`.

use std::sync::Arc;

use super::calls::fixed_priority;
use super::parameters::{token_fault, token_of};
use super::{Call, Expanded, RequestResolver, SourceImage, WantedRows, Written};
use crate::hex::hex;
use crate::ids::{Named, RegionId, RequestKey, Token};
use crate::quantity::Factor;
use crate::scenario::catalog::{CallInfo, Calls, GivenNames, RowsInfo};
use crate::scenario::decode::Spanned;
use crate::scenario::diagnostic::{Cause, Diagnostic};
use crate::scenario::document::Span;
use crate::scenario::files::io_words;
use crate::scenario::schema::{ImageRef, NAMED, RegionRef, RepeatText, TraceCopyText, TraceText};
use crate::scenario::selector::Selector;
use crate::scenario::trace::{
    Checked, Defaults, Rejection, ResolvedRow, RowRules, TemporaryFileError, Trace, tell, unreadable,
};
use crate::scenario::world::World;
use crate::workload::{Entry, ImageSource, Repeat, RowSource, Shape, ShapedSource, TraceEntry};

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
        let shape = self.shape(trace, &checked)?;
        self.has_priorities |= checked.has_priorities;
        self.rows.insert(index, hex(&checked.source.hash));
        Some(self.traced(index, written, checked, info, shape))
    }

    /// How its rows are asked for.
    fn shape(&mut self, trace: &TraceText, checked: &Checked) -> Option<Shape> {
        let time = self.factor(trace.time_factor.as_ref())?;
        let rate = self.factor(trace.rate_factor.as_ref())?;
        let shape = Shape { time, rate, repeat: self.repeat(trace.repeat.as_ref())? };
        let written = trace.time_factor.as_ref().map(|factor| factor.span);
        let repeat = trace.repeat.as_ref();
        let Some(last) = shape.first_time(checked.last) else {
            let message = format!("the last row at {} would come after the end of time", checked.last);
            self.faults.add(written.unwrap_or(trace.file.span), message, "write a smaller factor");
            return None;
        };
        if let Some(repeat) = repeat.filter(|repeat| repeat.value.every.micros() < last.micros()) {
            let message =
                format!("the trace begins again after {}, before its last row at {last}", repeat.every.value);
            self.faults.add(repeat.value.every.span, message, format!("write at least \"{last}\""));
            return None;
        }
        if self.limits.horizon.is_none() && shape.last_time(checked.last).is_none() {
            let span = repeat.map_or(trace.file.span, |repeat| repeat.span);
            let message = "the last of these repetitions would come after the end of time (285 years)";
            self.faults.add(span, message, "write fewer `times`, or a `horizon` at the top");
            return None;
        }
        let count = shape.count(checked.count);
        if count == 0 || count >= RequestKey::MAX_ROWS {
            let message = format!("of {} rows this would make {count}", checked.count);
            let rate_span = trace.rate_factor.as_ref().map(|factor| factor.span);
            let times_span = repeat.filter(|repeat| repeat.value.times.value > 1);
            let times_span = times_span.map(|repeat| repeat.value.times.span);
            let span = if count == 0 { rate_span } else { times_span.or(rate_span) };
            let help = format!("a trace can have 1 to {} rows in all", RequestKey::MAX_ROWS - 1);
            self.faults.add(span.unwrap_or(trace.file.span), message, help);
            return None;
        }
        if let (Some(factor), Some(name)) = (&trace.rate_factor, checked.wanted.keys().next())
            && rate != Factor::ONE
        {
            let message =
                format!("with a `rate_factor` none of the rows can be named, and something names `{name}`");
            self.faults.add(factor.span, message, "leave one of the two out");
            return None;
        }
        Some(shape)
    }

    fn factor(&mut self, written: Option<&Spanned<f64>>) -> Option<Factor> {
        let Some(written) = written else { return Some(Factor::ONE) };
        let millionths = libm::round(written.value * 1e6);
        if millionths >= 1.0 && (written.value * 1e6 - millionths).abs() > 1e-9 * millionths {
            let message = format!("`{}` has more than six decimals", written.value);
            self.faults.add(written.span, message, format!("write {}", millionths / 1e6));
            return None;
        }
        // What isn't finite or is negative becomes 0 or the largest number, and neither is a factor.
        let factor = Factor::from_millionths(millionths as u64);
        if factor.is_none() {
            let message = format!("`{}` is no factor", written.value);
            self.faults.add(written.span, message, "write a number above 0 and up to a million, such as 0.5");
        }
        factor
    }

    fn repeat(&mut self, written: Option<&Spanned<RepeatText>>) -> Option<Repeat> {
        let Some(written) = written else { return Some(Repeat::ONCE) };
        let RepeatText { every, times } = &written.value;
        if times.value == 0 {
            self.faults.add(times.span, "a trace that comes 0 times asks for nothing", "write at least 1");
            return None;
        }
        Some(Repeat { every: every.value, times: times.value })
    }

    fn traced(
        &mut self,
        index: usize,
        written: &Written,
        checked: Checked,
        info: RowsInfo,
        shape: Shape,
    ) -> (Entry, Calls) {
        let mut rows = WantedRows::default();
        let given = GivenNames::of(&self.world.images);
        for (name, (number, resolved)) in checked.wanted {
            let call = self.row_call(&written.name, &name, resolved, &info, &given);
            rows.numbers.insert(name.clone(), number);
            rows.calls.insert(number, (name, [call]));
        }
        self.expanded[index] = Expanded::of_rows(rows);
        let count = shape.count(checked.count);
        let info = RowsInfo { file: self.files.name(&checked.source.path), count, ..info };
        let rows: Arc<dyn RowSource> = Arc::new(checked.source);
        let source = if shape == Shape::PLAIN { rows } else { Arc::new(ShapedSource { rows, shape }) };
        let entry = TraceEntry { source, count, lanes: checked.lanes, named: Vec::new() };
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
        let parameters = text.parameters();
        self.has_priorities |= parameters.priority.is_some();
        self.check_priority(parameters.priority);
        let own = self.own_course(&parameters)?;
        let details = self.details(&parameters)?;
        let token = self.token_of_all(parameters.client_token)?;
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
            own,
            encrypted: parameters.encrypted,
            details,
            user: text.user.as_ref().map(|user| user.value.clone()),
            token,
            dry_run: parameters.dry_run,
            cancellable: parameters.cancellable,
            priority: fixed_priority(parameters.priority),
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
                let help =
                    "name a file: a trace is read once to check it, and once more while the run goes on";
                self.faults.push(unreadable(file.span, &self.files.name(&file.value), &error, help));
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
                let name = self.files.name(&file.value);
                tell(self.faults, file.span, &name, "this trace", faults, count);
            }
        }
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

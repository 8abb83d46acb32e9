//! A drawing backend that writes SVG text: whole pixels, classes by colour role, groups with titles.

use std::convert::Infallible;
use std::fmt::{self, Write};

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use super::text::escape;
use super::theme::{self, Paint};

/// What drawing here answers; there is nothing that can go wrong.
type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Draws into a string.
///
/// A colour of the theme is written as a class beside the plain attribute, so that style sheets can change it
/// and programs without style sheets still show it. Other colours are written as they are.
#[derive(Debug)]
pub struct SvgBackend {
    size: (u32, u32),
    body: String,
    open_groups: usize,
}

impl SvgBackend {
    /// An empty drawing of this width and height.
    pub fn new(size: (u32, u32)) -> Self {
        Self { size, body: String::new(), open_groups: 0 }
    }

    /// Opens a group; `title` is what a reader sees when pointing at it.
    pub fn open_group(&mut self, class: &str, title: Option<&str>) {
        self.put(format_args!("<g class=\"{}\">", escape(class)));
        if let Some(title) = title {
            self.put(format_args!("<title>{}</title>", escape(title)));
        }
        self.body.push('\n');
        self.open_groups += 1;
    }

    /// Closes the group opened last, if one is open.
    pub fn close_group(&mut self) {
        if let Some(open) = self.open_groups.checked_sub(1) {
            self.open_groups = open;
            self.put(format_args!("</g>\n"));
        }
    }

    /// The whole file with what has been drawn so far. Groups still open are closed.
    pub fn document(&self, title: &str, description: &str) -> String {
        let (width, height) = self.size;
        let (title, description, style) = (escape(title), escape(description), theme::stylesheet());
        let closing = "</g>\n".repeat(self.open_groups);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"copysim\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\">\n\
             <title>{title}</title>\n<desc>{description}</desc>\n<style>{style}</style>\n{}{closing}</svg>\n",
            self.body
        )
    }

    /// Appends formatted text, which for a string always succeeds.
    fn put(&mut self, text: fmt::Arguments<'_>) {
        let written = self.body.write_fmt(text);
        debug_assert!(written.is_ok(), "a string takes any text");
    }

    fn shape(&mut self, element: fmt::Arguments<'_>, look: &str) {
        self.put(format_args!("<{element}{look}/>\n"));
    }
}

/// Attributes of a filled shape.
fn fill(colour: BackendColor) -> String {
    format!(" {}{}", paint("f", "fill", colour), opacity("fill", colour.alpha))
}

/// Attributes of a line.
fn stroke<S: BackendStyle>(style: &S) -> String {
    let colour = style.color();
    let dashes = Paint::of(colour.rgb).and_then(Paint::dashes);
    let dashes = dashes.map(|dashes| format!(" stroke-dasharray=\"{dashes}\"")).unwrap_or_default();
    let width = style.stroke_width();
    let (paint, opacity) = (paint("s", "stroke", colour), opacity("stroke", colour.alpha));
    format!(" fill=\"none\" {paint} stroke-width=\"{width}\"{opacity}{dashes}")
}

/// The class and the attribute that give a colour.
fn paint(prefix: &str, attribute: &str, colour: BackendColor) -> String {
    let hex = theme::hex(colour.rgb);
    match Paint::of(colour.rgb) {
        Some(paint) => format!("class=\"{prefix}-{}\" {attribute}=\"{hex}\"", paint.class()),
        None => format!("{attribute}=\"{hex}\""),
    }
}

/// The opacity attribute in hundredths, nothing when opaque.
fn opacity(kind: &str, alpha: f64) -> String {
    let hundredths = whole(alpha * 100.0);
    if hundredths >= 100 { String::new() } else { format!(" {kind}-opacity=\"0.{hundredths:02}\"") }
}

/// The nearest whole number that is not negative.
fn whole(value: f64) -> u32 {
    // The cast cuts off and stays within the range of the type.
    (value + 0.5) as u32
}

/// Path data through `points` with points on straight level or upright runs left out.
fn path_data(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut kept: Vec<BackendCoord> = Vec::new();
    for point in points {
        if let [.., before, last] = kept.as_slice() {
            let level = before.1 == last.1
                && last.1 == point.1
                && (last.0 - before.0).signum() == (point.0 - last.0).signum();
            let upright = before.0 == last.0
                && last.0 == point.0
                && (last.1 - before.1).signum() == (point.1 - last.1).signum();
            if level || upright {
                kept.pop();
            }
        }
        if kept.last() != Some(&point) {
            kept.push(point);
        }
    }
    let mut data = String::new();
    let mut at: Option<BackendCoord> = None;
    for (x, y) in kept {
        data.push_str(&match at {
            None => format!("M{x} {y}"),
            Some((_, before)) if before == y => format!("H{x}"),
            Some((before, _)) if before == x => format!("V{y}"),
            Some(_) => format!("L{x} {y}"),
        });
        at = Some((x, y));
    }
    data
}

impl DrawingBackend for SvgBackend {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.shape(format_args!("rect x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\""), &fill(color));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let (width, height) = (from.0.abs_diff(to.0), from.1.abs_diff(to.1));
        let look = if filled { fill(style.color()) } else { stroke(style) };
        self.shape(format_args!("rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""), &look);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.shape(format_args!("path d=\"{}\"", path_data(path)), &stroke(style));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let look = if filled { fill(style.color()) } else { stroke(style) };
        self.shape(format_args!("circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\""), &look);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        self.shape(format_args!("path d=\"{}Z\"", path_data(corners)), &fill(style.color()));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let size = whole(style.size());
        let height = i32::try_from(size).unwrap_or(i32::MAX);
        let down = match style.anchor().v_pos {
            VPos::Top => height.saturating_mul(78) / 100,
            VPos::Center => height.saturating_mul(36) / 100,
            VPos::Bottom => height.saturating_mul(-22) / 100,
        };
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let weight = if matches!(style.style(), FontStyle::Bold) { " font-weight=\"bold\"" } else { "" };
        let turn = match style.transform() {
            FontTransform::None => String::new(),
            FontTransform::Rotate90 => format!(" transform=\"rotate(90 {x} {y})\""),
            FontTransform::Rotate180 => format!(" transform=\"rotate(180 {x} {y})\""),
            FontTransform::Rotate270 => format!(" transform=\"rotate(-90 {x} {y})\""),
        };
        let (look, text, baseline) = (fill(style.color()), escape(text), y.saturating_add(down));
        self.put(format_args!(
            "<text x=\"{x}\" y=\"{baseline}\" font-size=\"{size}\"{anchor}{weight}{look}{turn}>{text}</text>\n"
        ));
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = whole(style.size());
        let width = super::text::width(text, size, matches!(style.style(), FontStyle::Bold));
        Ok((width.unsigned_abs(), size))
    }
}

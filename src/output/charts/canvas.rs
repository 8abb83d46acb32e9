//! Drawing with plotters onto the SVG backend, in terms of the theme.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, ShapeStyle, TextStyle};
use plotters_backend::BackendCoord;

use super::backend::SvgBackend;
use super::text;
use super::theme::{LINE, Paint};

/// How a line of text looks, and which of its points its position names; at first the upper left one.
#[derive(Clone, Copy)]
pub(super) struct Look {
    size: u32,
    bold: bool,
    paint: Paint,
    across: HPos,
    down: VPos,
    upward: bool,
}

impl Look {
    pub const fn new(size: u32, paint: Paint) -> Self {
        Self { size, bold: false, paint, across: HPos::Left, down: VPos::Top, upward: false }
    }

    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// The position names the centre across.
    pub const fn centred(self) -> Self {
        Self { across: HPos::Center, ..self }
    }

    /// The position names the right end.
    pub const fn right(self) -> Self {
        Self { across: HPos::Right, ..self }
    }

    /// The position names the middle of the height.
    pub const fn middle(self) -> Self {
        Self { down: VPos::Center, ..self }
    }

    /// Read from below to above.
    pub const fn upward(self) -> Self {
        Self { upward: true, ..self }
    }

    /// The estimated width of `text` in this look.
    pub fn width(self, text: &str) -> i32 {
        text::width(text, self.size, self.bold)
    }

    fn style(self) -> TextStyle<'static> {
        let weight = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let turn = if self.upward { FontTransform::Rotate270 } else { FontTransform::None };
        TextStyle {
            font: FontDesc::new(FontFamily::SansSerif, f64::from(self.size), weight).transform(turn),
            color: self.paint.to_backend_color(),
            pos: Pos::new(self.across, self.down),
        }
    }
}

/// A drawing in progress.
pub(super) struct Canvas {
    backend: Rc<RefCell<SvgBackend>>,
    area: DrawingArea<SvgBackend, Shift>,
}

impl Canvas {
    pub fn new(width: i32, height: i32) -> Self {
        let size = (width.unsigned_abs(), height.unsigned_abs());
        let backend = Rc::new(RefCell::new(SvgBackend::new(size)));
        let area = DrawingArea::from(&backend);
        Self { backend, area }
    }

    /// The finished file.
    pub fn finish(&self, title: &str, description: &str) -> String {
        self.backend.borrow().document(title, description)
    }

    /// Draws one element. The backend cannot fail, lays out no font, and is borrowed only for the call.
    fn draw<'a, E>(&self, element: &'a E)
    where
        &'a E: PointCollection<'a, BackendCoord>,
        E: Drawable<SvgBackend>,
    {
        let drawn = self.area.draw(element);
        debug_assert!(drawn.is_ok(), "drawing into a string cannot fail");
    }

    /// Draws what `inside` draws as one group, with a title shown to who points at it.
    pub fn group(&self, class: &str, title: Option<&str>, inside: impl FnOnce()) {
        self.backend.borrow_mut().open_group(class, title);
        inside();
        self.backend.borrow_mut().close_group();
    }

    /// A filled rectangle; nothing when it has no extent.
    pub fn fill(&self, from: BackendCoord, to: BackendCoord, paint: Paint, share: f64) {
        if from.0 < to.0 && from.1 < to.1 {
            self.draw(&Rectangle::new(
                [from, to],
                ShapeStyle { color: paint.mix(share), filled: true, stroke_width: 0 },
            ));
        }
    }

    /// A level line one pixel thick.
    pub fn level(&self, from_x: i32, to_x: i32, y: i32, paint: Paint) {
        self.fill((from_x, y), (to_x, y + 1), paint, 1.0);
    }

    /// An upright line one pixel thick.
    pub fn upright(&self, x: i32, from_y: i32, to_y: i32, paint: Paint) {
        self.fill((x, from_y), (x + 1, to_y), paint, 1.0);
    }

    /// A line of data through points.
    pub fn line(&self, points: Vec<BackendCoord>, paint: Paint) {
        if points.len() > 1 {
            self.draw(&PathElement::new(
                points,
                ShapeStyle { color: paint.to_rgba(), filled: false, stroke_width: LINE },
            ));
        }
    }

    /// A filled polygon.
    pub fn polygon(&self, corners: Vec<BackendCoord>, paint: Paint, share: f64) {
        if corners.len() > 2 {
            self.draw(&Polygon::new(corners, paint.mix(share)));
        }
    }

    /// A dot with a rim in the background colour.
    pub fn dot(&self, at: BackendCoord, radius: i32, paint: Paint) {
        self.draw(&Circle::new(at, radius + 1, Paint::Background.filled()));
        self.draw(&Circle::new(at, radius, paint.filled()));
    }

    /// A line of text.
    pub fn text(&self, words: &str, at: BackendCoord, look: Look) {
        if !words.is_empty() {
            self.draw(&Text::new(words, at, look.style()));
        }
    }

    /// A line of text shortened to `limit` pixels; then the full text is its title.
    pub fn text_within(&self, words: &str, at: BackendCoord, limit: i32, look: Look) {
        let words = text::clean(words);
        match text::shorten(&words, look.size, look.bold, limit) {
            Some(short) => self.group("shortened", Some(&words), || self.text(&short, at, look)),
            None => self.text(&words, at, look),
        }
    }
}

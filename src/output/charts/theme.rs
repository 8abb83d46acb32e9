//! The one theme of all charts: colours by role in a light and a dark tone, sizes and stroke widths.
//!
//! The data colours keep apart for the common kinds of colour blindness (after Okabe and Ito) and in grey.

use plotters::style::Color;
use plotters_backend::BackendColor;

/// Width of every chart in pixels; on a slide of 1280 pixels it is shown a third larger.
pub const WIDTH: i32 = 960;
/// Free border around everything.
pub const MARGIN: i32 = 24;
/// Stroke width of data lines.
pub const LINE: u32 = 2;

/// Font size of the chart title.
pub const TITLE: u32 = 20;
/// Font size of panel names.
pub const HEADING: u32 = 15;
/// Font size of axis labels and of labels beside data.
pub const LABEL: u32 = 13;
/// Font size of notes, definitions and legends.
pub const NOTE: u32 = 13;

/// What a colour stands for; the same in all charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Behind everything.
    Background,
    /// Titles, names and values.
    Ink,
    /// Notes and axis labels.
    Muted,
    /// Grid lines.
    Grid,
    /// Axis lines and helper lines.
    Axis,
    /// Copies that wait, as an area.
    Waiting,
    /// Copies that wait, as a line or as words.
    WaitingInk,
    /// Copies that run, slots held.
    Running,
    /// The cap on slots.
    Cap,
    /// Failed copies.
    Failed,
    /// Cancelled copies, as an area.
    Cancelled,
    /// Cancelled copies, as a mark.
    CancelledInk,
    /// Waiting and copying together.
    Total,
    /// Lateness against a plan.
    Lead,
}

impl Paint {
    /// Every role, in the order of the style sheet.
    pub const ALL: [Self; 14] = [
        Self::Background,
        Self::Ink,
        Self::Muted,
        Self::Grid,
        Self::Axis,
        Self::Waiting,
        Self::WaitingInk,
        Self::Running,
        Self::Cap,
        Self::Failed,
        Self::Cancelled,
        Self::CancelledInk,
        Self::Total,
        Self::Lead,
    ];

    /// The role's name in class attributes, and its light and dark colour.
    const fn tones(self) -> (&'static str, u32, u32) {
        match self {
            Self::Background => ("background", 0xffffff, 0x15191e),
            Self::Ink => ("ink", 0x1b1f24, 0xe8eaed),
            Self::Muted => ("muted", 0x57606a, 0xa3adb8),
            Self::Grid => ("grid", 0xe4e7eb, 0x2b323a),
            Self::Axis => ("axis", 0x8c959f, 0x6b7580),
            Self::Waiting => ("waiting", 0xe69f00, 0xd8942a),
            Self::WaitingInk => ("waiting-ink", 0x9a6000, 0xf0bb5c),
            Self::Running => ("running", 0x0072b2, 0x4fa3dd),
            Self::Cap => ("cap", 0x2f353c, 0xd0d5da),
            Self::Failed => ("failed", 0xd55e00, 0xf27f30),
            Self::Cancelled => ("cancelled", 0xcc79a7, 0xc97ba8),
            Self::CancelledInk => ("cancelled-ink", 0x8a3564, 0xf0b6d4),
            Self::Total => ("total", 0x007a5e, 0x2fc29b),
            Self::Lead => ("lead", 0x6f4a9e, 0xb792e6),
        }
    }

    /// The role's name in class attributes.
    pub const fn class(self) -> &'static str {
        self.tones().0
    }

    /// The light colour as three bytes.
    pub const fn light(self) -> (u8, u8, u8) {
        let [_, red, green, blue] = self.tones().1.to_be_bytes();
        (red, green, blue)
    }

    /// The dark colour as three bytes.
    pub const fn dark(self) -> (u8, u8, u8) {
        let [_, red, green, blue] = self.tones().2.to_be_bytes();
        (red, green, blue)
    }

    /// Lengths of dashes and gaps, for roles drawn as broken lines.
    pub const fn dashes(self) -> Option<&'static str> {
        match self {
            Self::Cap => Some("6 4"),
            _ => None,
        }
    }

    /// The role with this light colour.
    pub fn of(rgb: (u8, u8, u8)) -> Option<Self> {
        Self::ALL.into_iter().find(|paint| paint.light() == rgb)
    }
}

impl Color for Paint {
    fn to_backend_color(&self) -> BackendColor {
        BackendColor { rgb: self.light(), alpha: 1.0 }
    }
}

/// A colour as `#rrggbb`.
pub fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The rules that turn a chart dark where the reader prefers that; on paper it stays light.
///
/// Light colours are written on the elements themselves, so a chart is right without any style sheet.
pub fn stylesheet() -> String {
    let mut rules = String::from("@media screen and (prefers-color-scheme:dark){");
    for paint in Paint::ALL {
        let (class, colour) = (paint.class(), hex(paint.dark()));
        rules
            .push_str(&format!(".copysim .f-{class}{{fill:{colour}}}.copysim .s-{class}{{stroke:{colour}}}"));
    }
    rules.push('}');
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_colour() {
        for paint in Paint::ALL {
            assert_eq!(Paint::of(paint.light()), Some(paint));
        }
        assert_eq!(Paint::of((1, 2, 3)), None);
        assert_eq!(hex(Paint::Running.light()), "#0072b2");
    }

    /// Relative luminance by squares, near enough to rank contrasts.
    fn luminance((red, green, blue): (u8, u8, u8)) -> u32 {
        let part = |value: u8, weight: u32| u32::from(value) * u32::from(value) * weight / 10_000;
        part(red, 2126) + part(green, 7152) + part(blue, 722)
    }

    #[test]
    fn words_stand_out_from_the_background_in_both_modes() {
        for paint in [Paint::Ink, Paint::Muted, Paint::WaitingInk, Paint::Running, Paint::Total, Paint::Lead]
        {
            let light =
                (luminance(Paint::Background.light()) + 3251) * 10 / (luminance(paint.light()) + 3251);
            let dark = (luminance(paint.dark()) + 3251) * 10 / (luminance(Paint::Background.dark()) + 3251);
            assert!(light >= 45, "{paint:?} light {light}");
            assert!(dark >= 45, "{paint:?} dark {dark}");
        }
    }
}

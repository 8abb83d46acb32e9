//! The colours of words that are looked for first; those of rendered diagnostics are the same.

use anstyle::{AnsiColor, Style};

/// Nothing was done, or a check failed.
pub const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
/// It may not be what was meant.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Something worth knowing.
pub const NOTE: Style = AnsiColor::BrightGreen.on_default().bold();
/// The way out.
pub const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
/// A check passed.
pub const PASSED: Style = AnsiColor::Green.on_default().bold();

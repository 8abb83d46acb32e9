//! All integration tests in one binary: building and linking them apart would take most of the time.

mod bad_input;
mod command_line;
mod determinism;
mod kiefer_wolfowitz;
mod program;
mod random_edits;
mod result_figures;
mod result_folder;
mod support;
mod twin;
mod twin_agrees;
mod worlds;

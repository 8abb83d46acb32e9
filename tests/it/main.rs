//! All integration tests in one binary: building and linking them apart would take most of the time.

mod bad_input;
mod command_line;
mod determinism;
mod error_codes;
mod exhaustive;
mod field_cases_calls;
mod field_cases_runs;
mod field_cases_slots;
mod kiefer_wolfowitz;
mod kiefer_wolfowitz_agrees;
mod program;
mod random_edits;
mod readme;
mod result_figures;
mod result_folder;
mod rules_calls;
mod rules_figures;
mod rules_slots;
mod rules_time;
mod scenes;
mod services;
mod shipped;
mod support;
mod twin;
mod twin_agrees;
mod worlds;

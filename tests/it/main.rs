//! All integration tests in one binary: building and linking them apart would take most of the time.

mod kiefer_wolfowitz;
mod readme;
mod shipped;
mod support;
mod twin;
mod twin_agrees;
mod worlds;

//! The table of the error codes: what each is answered for, and a scenario that shows it.

use std::fmt::Write;

use crate::service::checks::{CANCEL_COPY_IMAGE, COPY_IMAGE, Check, DELETE_IMAGE};

/// The operations with the names that their scenarios begin with, and their checks.
const OPERATIONS: [(&str, &str, &[Check]); 3] = [
    ("CopyImage", "copy", COPY_IMAGE),
    ("CancelCopyImage", "cancel", CANCEL_COPY_IMAGE),
    ("DeleteImage", "delete", DELETE_IMAGE),
];

/// A Markdown table of all checks in the order in which they are decided.
pub fn codes_table() -> String {
    let mut text = "| code | HTTP | stage | answered when | scenario |\n|---|---|---|---|---|\n".to_owned();
    for (operation, short, checks) in OPERATIONS {
        let _ = writeln!(text, "| **{operation}** | | | | |");
        for Check { stage, code, cause } in checks {
            let (code, status, stage) = (code.literal(), code.http_status(), stage.name());
            let file = format!("{short}-{code}");
            let _ = writeln!(
                text,
                "| {code} | {status} | {stage} | {cause} | [{short}](scenarios/contract/{file}.json) |"
            );
        }
    }
    text
}

//! The program on a terminal: one of its streams is read by a real one, the others by pipes.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use nix::pty::{OpenptyResult, Winsize, openpty};

/// A stream of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// What one stream put on a terminal of 100 columns, and what the other one wrote into a pipe. Unless the
/// command says which terminal it is, it knows colours.
pub fn run_on_terminal(mut command: Command, on_terminal: Stream) -> (String, String) {
    let size = Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(Some(&size), None).expect("a pseudo terminal");
    if command.get_envs().all(|(name, _)| name != "TERM") {
        command.env("TERM", "xterm-256color");
    }
    match on_terminal {
        Stream::Stdout => command.stdout(slave).stderr(Stdio::piped()),
        Stream::Stderr => command.stderr(slave).stdout(Stdio::piped()),
    };
    let mut child = command.spawn().expect("the program starts");
    // Ours is the last hold on the terminal's other side; without it the reader sees the end.
    drop(command);
    let shown = read_terminal(master);
    let mut piped = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut piped).expect("text");
    }
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut piped).expect("text");
    }
    child.wait().expect("the program ends");
    (shown, piped)
}

fn read_terminal(master: OwnedFd) -> String {
    let mut master = File::from(master);
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match master.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => shown.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Linux reports the end of the other side as an error.
            Err(_) => break,
        }
    }
    String::from_utf8(shown).expect("text")
}

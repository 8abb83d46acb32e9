//! manifest.json: what a result is of, and every file with its size and SHA-256.

use std::fmt::Write;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub const MANIFEST: &str = "manifest.json";

/// What a result is of.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    pub schema: &'static str,
    pub copysim_version: &'static str,
    pub scenario: String,
    /// SHA-256 of what decides the run: the scenario without comments, description and seed.
    pub scenario_sha256: String,
    pub seed: u64,
}

#[derive(Serialize)]
struct Manifest<'a> {
    #[serde(flatten)]
    about: &'a About,
    files: Vec<FileInfo>,
}

#[derive(Serialize, Deserialize)]
struct FileInfo {
    path: String,
    bytes: u64,
    sha256: String,
}

/// SHA-256 as lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The text of the manifest for files below `folder`.
///
/// # Errors
/// When a file can't be read back.
pub fn text(about: &About, folder: &Path, files: &[String]) -> io::Result<String> {
    let info = |name: &String| {
        let (bytes, sha256) = digest_of(&folder.join(name))?;
        Ok(FileInfo { path: name.clone(), bytes, sha256 })
    };
    let files = files.iter().map(info).collect::<io::Result<Vec<_>>>()?;
    let mut text = serde_json::to_string_pretty(&Manifest { about, files })?;
    text.push('\n');
    Ok(text)
}

/// Size and SHA-256 of a file, read piece by piece.
fn digest_of(path: &Path) -> io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = io::Read::read(&mut file, &mut buffer)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
    let hex = hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((bytes, hex))
}

/// The files that an earlier manifest lists, as far as it can be read. Paths that would lead out of the
/// folder are left out, since what is listed may be removed.
pub fn files_of(path: &Path) -> Vec<String> {
    #[derive(Deserialize)]
    struct Listed {
        files: Vec<FileInfo>,
    }
    let is_inside = |name: &String| {
        Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
    };
    std::fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Listed>(&bytes).ok())
        .map(|listed| listed.files.into_iter().map(|file| file.path).filter(is_inside).collect())
        .unwrap_or_default()
}

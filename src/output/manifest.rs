//! manifest.json: what a result is of, and every file with its size and SHA-256.

use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Part;
use crate::hex::hex;

pub const MANIFEST: &str = "manifest.json";

/// Tells our manifests from those of others: `manifest.json` is a common name.
pub const SCHEMA: &str = "copysim/manifest/1";

/// What a result is of.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct About {
    /// The version of this form.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The version of the program that wrote the result.
    pub copysim_version: &'static str,
    /// The scenario's name: its file without folder and ending.
    pub scenario: String,
    /// SHA-256 of what decides the run: the scenario without comments, description and seed.
    pub scenario_sha256: String,
    /// The seed of everything that is made up.
    pub seed: u64,
    /// What was laid over the scenario, as it was given: `service.cap=10`.
    pub overrides: Vec<String>,
}

/// What a result is of, and its files. It is written last: a folder without it is incomplete.
#[derive(JsonSchema, Serialize)]
pub struct Manifest<'a> {
    #[serde(flatten)]
    about: &'a About,
    /// Every other file of the result.
    files: Vec<FileInfo>,
}

/// A file of a result.
#[derive(JsonSchema, Serialize, Deserialize)]
struct FileInfo {
    /// Its path in the folder of the result.
    path: String,
    /// Its size.
    bytes: u64,
    /// SHA-256 of its content.
    sha256: String,
}

/// SHA-256 as lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
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
    Ok((bytes, hex(&hasher.finalize())))
}

/// The files that the manifest of an earlier result lists; none if it isn't one of ours. What is listed may
/// be removed, so names that no result has are left out: they could be anything.
pub fn files_of(path: &Path) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Listed {
        schema: String,
        files: Vec<FileInfo>,
    }
    let listed: Listed = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let names = listed.files.into_iter().map(|file| file.path);
    (listed.schema == SCHEMA).then(|| names.filter(|name| Part::of_file(name).is_some()).collect())
}

/// Whether a folder holds a whole result.
pub fn is_result(folder: &Path) -> bool {
    files_of(&folder.join(MANIFEST)).is_some()
}

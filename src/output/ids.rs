//! The ids that the service would answer with (R3.4): hashes of what names a call, so that adding a
//! request changes no other id. Made only when something prints them.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The number of a request's first call.
pub const FIRST_CALL: u32 = 1;

/// 128 bits from the seed, the request's name, its number and the number of the call.
fn hash(kind: &str, seed: u64, request: &str, number: u64, call: u32) -> u128 {
    let mut hasher = Sha256::new();
    for part in [kind.as_bytes(), &seed.to_le_bytes(), request.as_bytes(), &number.to_le_bytes()] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(call.to_le_bytes());
    let digest = hasher.finalize();
    digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

/// `m-` and 20 of a-z0-9: about 103 bits.
pub fn image_id(seed: u64, request: &str, number: u64, call: u32) -> String {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut bits = hash("image", seed, request, number, call);
    let mut id = String::with_capacity(22);
    id.push_str("m-");
    for _ in 0..20 {
        id.push(char::from(DIGITS[(bits % 36) as usize]));
        bits /= 36;
    }
    id
}

/// The id of the answer to a call of a request.
pub fn request_id(seed: u64, request: &str, number: u64, call: u32) -> String {
    uuid(hash("request", seed, request, number, call))
}

/// The id of the answer to a later call on a request's own image: the delete at the end of its `retention`, the
/// cancel after a `timeout`, or the delete of what is left of the copy of a failed call of this number.
pub fn later_request_id(seed: u64, because: &str, request: &str, number: u64, call: u32) -> String {
    uuid(hash(because, seed, request, number, call))
}

/// An upper-case UUID of version 4: 122 bits.
fn uuid(bits: u128) -> String {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    let bits = bits & !VERSION & !VARIANT | 4 << 76 | 0b10 << 62;
    let hex = format!("{bits:032X}");
    let mut id = String::with_capacity(36);
    for (group, (from, to)) in [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].into_iter().enumerate() {
        let separator = if group == 0 { "" } else { "-" };
        let _ = write!(id, "{separator}{}", &hex[from..to]);
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r3_4_ids_look_like_the_vendors_and_depend_on_all_that_names_a_call() {
        let id = image_id(1, "release", 3, 1);
        let is_digit = |digit: char| digit.is_ascii_lowercase() || digit.is_ascii_digit();
        assert!(id.len() == 22 && id.starts_with("m-") && id[2..].chars().all(is_digit), "{id}");
        let request = request_id(1, "release", 3, 1);
        let groups: Vec<usize> = request.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(&request[14..15], "4");
        assert!(
            request.chars().all(|sign| sign == '-' || sign.is_ascii_digit() || ('A'..='F').contains(&sign))
        );
        for other in [
            image_id(2, "release", 3, 1),
            image_id(1, "releas", 3, 1),
            image_id(1, "release", 4, 1),
            image_id(1, "release", 3, 2),
        ] {
            assert_ne!(id, other);
        }
        assert_eq!(id, image_id(1, "release", 3, 1));
        assert_ne!(request, later_request_id(1, "retention", "release", 3, 1), "two calls of one request");
    }
}

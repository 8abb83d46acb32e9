//! Command lines that are shown, so that they can be pasted into a shell.

/// A text as one word of a shell's command line.
pub fn word(text: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "_-./=:,@%+".contains(sign);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        for (text, shown) in [
            ("plans/spring-1.2.json", "plans/spring-1.2.json"),
            ("release:web@us-east-1", "release:web@us-east-1"),
            ("log#job-7@us-east-1", "'log#job-7@us-east-1'"),
            ("my plans/x.json", "'my plans/x.json'"),
            ("regions.cn-*.cap=2", "'regions.cn-*.cap=2'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(word(text), shown);
        }
    }
}

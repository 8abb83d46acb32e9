//! References to copies: `release`, `release@us-east-1`, `nightly:web@us-east-1`, `stream#17`.

/// The parts of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selector<'a> {
    pub entry: &'a str,
    /// Which arrival, from 1, or which row of a trace, by what it is called.
    pub part: Option<&'a str>,
    pub image: Option<&'a str>,
    pub region: Option<&'a str>,
}

impl<'a> Selector<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (rest, region) = split_last(text, '@');
        let (rest, image) = split_last(rest, ':');
        let (entry, part) = split_last(rest, '#');
        Self { entry, part, image, region }
    }

    /// Which arrival, from 1; `None` when it is no number from 1.
    pub fn arrival(&self) -> Option<u64> {
        self.part?.parse().ok().filter(|number| *number > 0)
    }
}

fn split_last(text: &str, sign: char) -> (&str, Option<&str>) {
    text.rsplit_once(sign).map_or((text, None), |(left, right)| (left, Some(right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_part() {
        let all = Selector::parse("a#3:web@us");
        assert_eq!(all, Selector { entry: "a", part: Some("3"), image: Some("web"), region: Some("us") });
        assert_eq!(all.arrival(), Some(3));
        let plain = Selector::parse("a");
        assert_eq!(plain, Selector { entry: "a", part: None, image: None, region: None });
        assert_eq!(Selector::parse("a#0").arrival(), None);
        let row = Selector::parse("a#job-7@us");
        assert_eq!((row.part, row.arrival()), (Some("job-7"), None));
    }
}

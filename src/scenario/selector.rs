//! References to copies: `release`, `release@us-east-1`, `nightly:web@us-east-1`, `stream#17`.

/// The parts of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selector<'a> {
    pub entry: &'a str,
    /// Which arrival, from 1.
    pub arrival: Option<u64>,
    pub image: Option<&'a str>,
    pub region: Option<&'a str>,
}

impl<'a> Selector<'a> {
    /// Reads a reference; `None` when the arrival number is no number from 1.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (rest, region) = split_last(text, '@');
        let (rest, image) = split_last(rest, ':');
        let (entry, arrival) = split_last(rest, '#');
        let arrival = match arrival {
            Some(number) => Some(number.parse().ok().filter(|number| *number > 0)?),
            None => None,
        };
        Some(Self { entry, arrival, image, region })
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
        let all = Selector::parse("a#3:web@us").unwrap();
        assert_eq!(all, Selector { entry: "a", arrival: Some(3), image: Some("web"), region: Some("us") });
        let plain = Selector::parse("a").unwrap();
        assert_eq!(plain, Selector { entry: "a", arrival: None, image: None, region: None });
        assert_eq!(Selector::parse("a#0"), None);
        assert_eq!(Selector::parse("a#x"), None);
    }
}

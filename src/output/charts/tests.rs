//! Checks of whole charts: well-formed XML, nothing outside the picture, no text on other text.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::gantt::GanttChart;
use super::slots::SlotsChart;
use super::{gantt, latency, outcomes, samples, slots, text};
use crate::clock::Clock;

/// Left, upper, right and lower edge.
type Box4 = (i32, i32, i32, i32);

/// What a drawing consists of.
#[derive(Debug, Default)]
struct Picture {
    size: (i32, i32),
    texts: Vec<(String, Box4)>,
    shapes: Vec<Box4>,
    titles: Vec<String>,
}

fn all() -> Vec<(String, String)> {
    let latencies = samples::latencies()
        .into_iter()
        .map(|(name, chart)| (format!("latency {name}"), latency::draw(&chart)));
    let slots = samples::slot_charts()
        .into_iter()
        .flat_map(|(name, chart)| clocks().map(|clock| (name, SlotsChart { clock, ..chart.clone() })))
        .map(|(name, chart)| (format!("slots {name}"), slots::draw(&chart)));
    let gantts = samples::gantts()
        .into_iter()
        .flat_map(|(name, chart)| clocks().map(|clock| (name, GanttChart { clock, ..chart.clone() })))
        .map(|(name, chart)| (format!("gantt {name}"), gantt::draw(&chart)));
    let outcomes = samples::outcome_charts()
        .into_iter()
        .map(|(name, chart)| (format!("outcomes {name}"), outcomes::draw(&chart)));
    latencies.chain(slots).chain(gantts).chain(outcomes).collect()
}

/// No clock, and some that make labels of all kinds.
fn clocks() -> [Option<Clock>; 4] {
    let clock = |start| Some(Clock::parse(start).expect("a start"));
    [
        None,
        clock("2026-12-31T23:59:59.999999-03:30"),
        clock("2026-11-02T20:00:00+08:00"),
        clock("2200-12-29T13:37:11.000001Z"),
    ]
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).expect("attributes are well formed")?;
    Some(attribute.unescape_value().expect("values are well formed").into_owned())
}

fn number(element: &BytesStart<'_>, name: &str) -> i32 {
    attribute(element, name).and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no whole {name}"))
}

/// The extent of path data made of M, L, H, V and Z in whole pixels.
fn extent(data: &str) -> Box4 {
    let spaced: String = data
        .chars()
        .flat_map(|c| if c.is_ascii_alphabetic() { vec![' ', c, ' '] } else { vec![c] })
        .collect();
    let mut words = spaced.split_whitespace();
    let (mut x, mut y, mut extent) = (0, 0, (i32::MAX, i32::MAX, i32::MIN, i32::MIN));
    while let Some(command) = words.next() {
        let mut next = || words.next().and_then(|word| word.parse().ok()).expect("a whole number");
        match command {
            "M" | "L" => (x, y) = (next(), next()),
            "H" => x = next(),
            "V" => y = next(),
            "Z" => {}
            other => panic!("path command {other}"),
        }
        extent = (extent.0.min(x), extent.1.min(y), extent.2.max(x), extent.3.max(y));
    }
    extent
}

fn shape(element: &BytesStart<'_>) -> Option<Box4> {
    match element.name().as_ref() {
        b"rect" => {
            let (x, y) = (number(element, "x"), number(element, "y"));
            Some((x, y, x + number(element, "width"), y + number(element, "height")))
        }
        b"circle" => {
            let (x, y, r) = (number(element, "cx"), number(element, "cy"), number(element, "r"));
            Some((x - r, y - r, x + r, y + r))
        }
        b"path" => Some(extent(&attribute(element, "d").expect("path data"))),
        _ => None,
    }
}

fn text_box(element: &BytesStart<'_>, words: &str) -> Box4 {
    let (x, y, size) = (number(element, "x"), number(element, "y"), number(element, "font-size"));
    let wide = text::width(words, size.unsigned_abs(), attribute(element, "font-weight").is_some());
    let left = match attribute(element, "text-anchor").as_deref() {
        Some("middle") => -wide / 2,
        Some("end") => -wide,
        _ => 0,
    };
    let (up, down) = (size * 76 / 100, size * 22 / 100);
    match attribute(element, "transform") {
        None => (x + left, y - up, x + left + wide, y + down),
        Some(turn) => {
            let numbers: Vec<i32> = turn
                .trim_matches(|c: char| !c.is_ascii_digit() && c != '-')
                .split(' ')
                .filter_map(|n| n.parse().ok())
                .collect();
            let [-90, about_x, about_y] = *numbers.as_slice() else { panic!("turned by {turn}") };
            let baseline = about_x + (y - about_y);
            (baseline - up, about_y - left - wide, baseline + down, about_y - left)
        }
    }
}

/// Reads a drawing; fails on anything that is not strictly well-formed.
fn picture(svg: &str) -> Picture {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let (mut picture, mut open, mut words) =
        (Picture::default(), Vec::<BytesStart<'static>>::new(), String::new());
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(element) => {
                words.clear();
                if element.name().as_ref() == b"svg" {
                    picture.size = (number(&element, "width"), number(&element, "height"));
                }
                open.push(element.into_owned());
            }
            Event::Empty(element) => picture.shapes.extend(shape(&element)),
            Event::Text(text) => words.push_str(&text.decode().expect("text")),
            Event::GeneralRef(name) => words.push(match name.as_ref() {
                b"amp" => '&',
                b"lt" => '<',
                b"gt" => '>',
                b"quot" => '"',
                b"#39" => '\'',
                other => panic!("entity {other:?}"),
            }),
            Event::End(_) => {
                let element = open.pop().expect("an open element");
                match element.name().as_ref() {
                    b"text" => picture.texts.push((words.clone(), text_box(&element, &words))),
                    b"title" => picture.titles.push(words.clone()),
                    _ => {}
                }
            }
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        }
    }
    assert!(open.is_empty());
    picture
}

fn apart(a: Box4, b: Box4) -> bool {
    a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1
}

#[test]
fn charts_are_well_formed_and_nothing_leaves_the_picture() {
    for (name, svg) in all() {
        let picture = picture(&svg);
        let (width, height) = picture.size;
        assert!(width == 960 && height > 100, "{name}: {width} x {height}");
        assert!(!svg.contains(|c: char| c.is_control() && c != '\n'), "{name}: control characters");
        let texts = picture.texts.iter().map(|(words, extent)| (words.as_str(), *extent));
        for (what, (left, upper, right, lower)) in
            texts.chain(picture.shapes.iter().map(|extent| ("shape", *extent)))
        {
            let inside = left >= 0 && upper >= 0 && right <= width && lower <= height;
            assert!(inside, "{name}: {what} at {:?}", (left, upper, right, lower));
        }
    }
}

#[test]
fn no_text_lies_on_other_text() {
    for (name, svg) in all() {
        let mut texts = picture(&svg).texts;
        texts.sort_by_key(|(_, extent)| extent.1);
        for (at, (words, extent)) in texts.iter().enumerate() {
            let below = texts.iter().skip(at + 1).take_while(|(_, other)| other.1 < extent.3);
            for (other, other_extent) in below {
                assert!(
                    apart(*extent, *other_extent),
                    "{name}: {words:?} {extent:?} on {other:?} {other_extent:?}"
                );
            }
        }
    }
}

#[test]
fn the_same_chart_gives_the_same_bytes_and_stays_small() {
    assert_eq!(all(), all());
    for (name, svg) in all() {
        assert!(svg.len() < 200_000, "{name}: {} bytes", svg.len());
    }
}

#[test]
fn shortened_names_are_in_the_titles_in_full() {
    let (_, chart) = samples::gantts().into_iter().find(|(name, _)| *name == "hard").expect("the sample");
    let titles = picture(&gantt::draw(&chart)).titles;
    for bar in &chart.bars {
        assert!(titles.iter().any(|title| title.contains(&text::clean(&bar.label))), "{}", bar.label);
    }
}

#[test]
fn empty_charts_say_so() {
    for (name, svg) in
        all().into_iter().filter(|(name, _)| name.ends_with("none") || name.ends_with("nothing"))
    {
        assert!(picture(&svg).texts.iter().any(|(words, _)| words.contains("no data")), "{name}");
    }
}

#[test]
fn bars_are_as_long_as_their_counts_and_none_is_lost() {
    let (_, chart) =
        samples::outcome_charts().into_iter().find(|(name, _)| *name == "mistakes").expect("the sample");
    let picture = picture(&outcomes::draw(&chart));
    // Bars are 14 pixels high, those of outcomes first.
    let bars: Vec<Box4> = picture.shapes.iter().copied().filter(|shape| shape.3 - shape.1 == 14).collect();
    let lengths: Vec<i32> = bars.iter().map(|shape| shape.2 - shape.0).collect();
    assert_eq!(lengths.len(), 2 + 20 + 1);
    // 7 and 1; 20 down to 1, and 1.
    let near = |length: i32, of: i32, part: i32, whole: i32| (length * whole - of * part).abs() <= whole;
    assert!(near(lengths[1], lengths[0], 1, 7), "{lengths:?}");
    for (place, length) in (0..20).zip(&lengths[2..]) {
        assert!(near(*length, lengths[2], 20 - place, 20), "{place}: {lengths:?}");
    }
    assert!(picture.texts.iter().any(|(words, _)| words == "1 more code, summed"));
    // No code has to be shortened, and each is told with its status.
    for bar in &chart.codes {
        assert!(picture.texts.iter().any(|(words, _)| words == bar.code), "{}", bar.code);
        let title = format!("{}: {} ({}): {}", bar.operation, bar.code, bar.http_status, bar.count);
        assert!(picture.titles.contains(&title), "{title}");
    }
}

use super::*;

fn series(steps: Vec<(u64, u64)>) -> LatencySeries {
    let n = steps.last().map_or(0, |(_, copies)| *copies);
    LatencySeries { name: "copy", steps, n, p50: 0, p95: 0, p99: 0 }
}

const MINUTE: u64 = 60_000_000;

#[test]
fn r1_1_no_value_is_cut() {
    let days = |days: u64| duration(days * 24 * 60 * MINUTE + (23 * 60 + 58) * MINUTE + 58_000_000);
    assert!(fits(AXIS_LOOK, &days(999)) && days(999) == "999d 23h 58m 58s");
    // Nearly all of the time there is.
    let longest = days(104_248);
    assert!(!fits(AXIS_LOOK, &longest) && fits(Look::new(SMALL, Paint::Ink), &longest));
}

#[test]
fn bars_are_shares_of_the_copies() {
    // Half of the copies take an hour, a quarter two, and a quarter three of the four hours shown.
    let thirds = series(vec![(60 * MINUTE, 2), (120 * MINUTE, 3), (180 * MINUTE, 4)]);
    let end = 240 * MINUTE;
    assert_eq!(bin(&thirds, end), 5 * MINUTE, "240 minutes in at least 40 parts: 48 of 5");
    let found: Vec<(u64, u64)> =
        bars(&thirds, end, 5 * MINUTE).into_iter().filter(|(_, copies)| *copies > 0).collect();
    assert_eq!(found, [(55 * MINUTE, 2), (115 * MINUTE, 1), (175 * MINUTE, 1)]);
    assert!(drawn(&thirds).contains("Bars: share of copies per interval."));
}

#[test]
fn spread_copies_get_wider_bars() {
    // One copy a minute over two hours: no bar of 2 or 5 minutes shows a quarter, so each shows 10 of 120.
    let spread = series((1..=120).map(|minute| (minute * MINUTE, minute)).collect());
    let end = 120 * MINUTE;
    assert_eq!(bin(&spread, end), 10 * MINUTE);
    assert!(bars(&spread, end, 10 * MINUTE).iter().all(|(_, copies)| *copies == 10));
    // One every 20 minutes: a bar shows one of six however wide it is.
    let apart = series((1..=6).map(|place| (place * 20 * MINUTE, place)).collect());
    assert_eq!(bin(&apart, end), 2 * MINUTE);
}

#[test]
fn a_bar_is_as_high_as_its_share() {
    // All copies in one interval reach 100 %, the line's own height; half of them half of it.
    let top = |series: &LatencySeries| {
        let canvas = Canvas::new(RIGHT, 400);
        draw_histogram(&canvas, series, Scale::new(0, 400, 40), 300, 10);
        canvas.finish("", "")
    };
    let (all, half) = (top(&series(vec![(15, 4)])), top(&series(vec![(15, 2), (35, 4)])));
    assert!(all.contains(&(300 - HEIGHT).to_string()), "{all}");
    assert!(half.contains(&(300 - HEIGHT / 2).to_string()), "{half}");
    assert!(!half.contains(&(300 - HEIGHT).to_string()), "{half}");
}

fn drawn(series: &LatencySeries) -> String {
    let chart =
        LatencyChart { title: String::new(), series: vec![series.clone()], definition: String::new() };
    draw(&chart).replace("</text>", " ")
}

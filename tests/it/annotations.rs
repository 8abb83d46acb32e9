//! What GitHub shows at the lines of a change: annotations on stderr, where its workflows ask for them.

use crate::program::{Ended, Place};

fn run(place: &Place, arguments: &str, github: &str) -> Ended {
    let mut command = place.command(arguments);
    Ended::of(command.env("GITHUB_ACTIONS", github).output().expect("the program starts"), arguments)
}

fn annotations(ended: &Ended) -> Vec<&str> {
    ended.stderr.lines().filter(|line| line.starts_with("::")).collect()
}

/// `kap` stands at column 24 to 28 of line 3.
const BAD: &str = "{\n  \"schema_version\": 1,\n  \"regions\": { \"cn\": { \"kap\": 1 } }\n}";

#[test]
fn a_fault_is_annotated_at_its_place_by_every_command() {
    let place = Place::new();
    place.write("my,plans/bad.json", BAD);
    let expected = "::error file=my%2Cplans/bad.json,line=3,endLine=3,col=24,endColumn=29,title=copysim::\
                    unknown key `kap`%0Ahelp: did you mean `cap`?";
    for arguments in [
        "run my,plans/bad.json",
        "run my,plans/bad.json --format json",
        "explain a@cn my,plans/bad.json",
        "check my,plans",
        "validate my,plans",
        "validate my,plans --format json --quiet",
    ] {
        let ended = run(&place, arguments, "true");
        assert_eq!(ended.status, Some(65), "{ended:?}");
        assert_eq!(annotations(&ended), [expected], "{ended:?}");
        assert!(!ended.stdout.contains("::error"), "stdout is data: {ended:?}");
        for elsewhere in ["false", ""] {
            assert!(!run(&place, arguments, elsewhere).stderr.contains("::error"), "{arguments}");
        }
    }
    let ended = run(&place, "validate my,plans --format json", "true");
    serde_json::from_str::<serde_json::Value>(&ended.stdout).expect("one document");
}

#[test]
fn a_fault_of_an_override_has_no_file() {
    let ended = run(&Place::with_quickstart(), "run scenarios/quickstart.json --set service.cap=-1", "true");
    let expected = "::error title=copysim::the number `-1` is out of range%0Ahelp: write a whole number from 0 \
                    to 4294967295";
    assert_eq!(annotations(&ended), [expected]);
}

#[test]
fn what_is_not_annotated_is_counted_last() {
    for (faults, rest) in [(10, None), (11, Some("1 more error is")), (23, Some("13 more errors are"))] {
        let place = Place::new();
        let regions: Vec<String> =
            (0..faults).map(|number| format!("\"r{number}\": {{ \"kap\": 1 }}")).collect();
        let regions = regions.join(", ");
        place.write("bad.json", format!("{{ \"schema_version\": 1, \"regions\": {{ {regions} }} }}"));
        let ended = run(&place, "run bad.json", "true");
        let last = rest.map(|rest| format!("::notice title=copysim::{rest} in the log of this step"));
        assert_eq!(annotations(&ended)[10..], last.into_iter().collect::<Vec<_>>(), "{ended:?}");
    }
}

#[test]
fn golden_results_that_differ_are_annotated_at_the_scenario() {
    let place = Place::with_quickstart();
    let at = "::error file=scenarios/quickstart.json,line=1,endLine=1,col=1,endColumn=1,title=copysim::";
    let accept = "`copysim check scenarios/quickstart.json --accept` makes it the golden result";
    let ended = run(&place, "check scenarios", "true");
    let see = "`copysim run scenarios/quickstart.json` shows the result";
    assert_eq!(
        annotations(&ended),
        [format!("{at}no golden result%0Ahelp: {see}; {accept}; with `checks` it needs none")]
    );
    place.stdout("check scenarios --accept");
    assert_eq!(run(&place, "check scenarios", "true").stderr, "");
    place.write("results/golden/quickstart/copies.csv", "");
    let ended = run(&place, "check scenarios", "true");
    let see = "`copysim run scenarios/quickstart.json --out DIR` writes the new result";
    let expected = format!("{at}differs from golden: copies.csv%0Ahelp: {see}; {accept}");
    assert_eq!((ended.status, annotations(&ended)), (Some(1), vec![expected.as_str()]));
}

#[test]
fn ten_annotations_are_all_that_is_shown() {
    let place = Place::new();
    let regions = |count: usize| {
        let regions: Vec<String> =
            (0..count).map(|number| format!("\"r{number}\": {{ \"kap\": 1 }}")).collect();
        format!("{{ \"schema_version\": 1, \"regions\": {{ {} }} }}", regions.join(", "))
    };
    for (name, count) in [("a", 4), ("b", 5), ("c", 6)] {
        place.write(&format!("plans/{name}.json"), regions(count));
    }
    for command in ["check", "validate"] {
        let ended = run(&place, &format!("{command} plans"), "true");
        let of = |file: &str| annotations(&ended).iter().filter(|line| line.contains(file)).count();
        assert_eq!(["a.json", "b.json", "c.json"].map(of), [4, 5, 1], "{ended:?}");
        let last = "::notice title=copysim::5 more errors are in the log of this step";
        assert_eq!(annotations(&ended)[10..], [last], "15 faults, of which 10 are annotated");
    }
}

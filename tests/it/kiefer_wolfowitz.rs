//! The Kiefer-Wolfowitz recursion: start times of a first-come-first-served
//! line with `c` servers, without events, clock or queue.

/// Start of each job, or `None` if it was cancelled while it still waited (or can never start).
///
/// `jobs` are `(arrival, service, cancel_at)` in queue order, arrivals not falling.
/// A cancel at the very instant of the start wins (R1.6). A cancel not after the
/// arrival finds no job yet and does nothing (R1.3: cancels come before submits).
/// A cancel of a running job frees its server at once.
pub fn starts(c: usize, jobs: &[(u64, u64, Option<u64>)]) -> Vec<Option<u64>> {
    let mut free_from = vec![0_u64; c];
    let mut starts = Vec::new();
    for &(arrival, service, cancel_at) in jobs {
        let cancel = cancel_at.filter(|&at| at > arrival).unwrap_or(u64::MAX);
        free_from.sort_unstable();
        let start = free_from.first().map(|&free| free.max(arrival));
        let start = start.filter(|&start| start < cancel);
        if let Some(start) = start {
            free_from[0] = (start + service).min(cancel);
        }
        starts.push(start);
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::starts;

    #[test]
    fn one_server_in_order_of_arrival() {
        let jobs = [(0, 10, None), (3, 5, None), (20, 1, None)];
        assert_eq!(starts(1, &jobs), [Some(0), Some(10), Some(20)]);
    }

    #[test]
    fn the_server_free_first_takes_the_next() {
        // Servers: 0-10 and 0-4; the third runs 4-9, the fourth 9-10, the fifth 10-11.
        let jobs = [(0, 10, None), (0, 4, None), (1, 5, None), (1, 1, None)];
        assert_eq!(starts(2, &jobs), [Some(0), Some(0), Some(4), Some(9)]);
        let jobs = [&jobs[..], &[(2, 1, None)]].concat();
        assert_eq!(starts(2, &jobs)[4], Some(10));
    }

    #[test]
    fn a_cancelled_waiter_takes_no_server() {
        let jobs = [(0, 600, None), (0, 600, Some(100)), (0, 600, None)];
        assert_eq!(starts(1, &jobs), [Some(0), None, Some(600)]);
    }

    #[test]
    fn a_cancel_in_the_instant_of_the_start_wins() {
        let jobs = [(0, 600, None), (0, 600, Some(600)), (0, 600, None)];
        assert_eq!(starts(1, &jobs), [Some(0), None, Some(600)]);
        let jobs = [(0, 600, None), (0, 600, Some(601)), (0, 600, None)];
        assert_eq!(starts(1, &jobs), [Some(0), Some(600), Some(601)]);
    }

    #[test]
    fn a_cancelled_runner_frees_its_server_at_once() {
        let jobs = [(0, 600, Some(100)), (0, 600, Some(100)), (0, 600, None), (0, 600, None)];
        assert_eq!(starts(2, &jobs), [Some(0), Some(0), Some(100), Some(100)]);
    }

    #[test]
    fn a_cancel_not_after_the_arrival_or_after_the_end_does_nothing() {
        let jobs = [(5, 10, Some(5)), (5, 10, Some(99)), (5, 1, None)];
        assert_eq!(starts(1, &jobs), [Some(5), Some(15), Some(25)]);
    }

    #[test]
    fn zero_service_and_zero_servers() {
        let jobs = [(7, 0, None), (7, 0, None), (7, 3, None)];
        assert_eq!(starts(1, &jobs), [Some(7), Some(7), Some(7)]);
        assert_eq!(starts(0, &jobs), [None, None, None]);
    }
}

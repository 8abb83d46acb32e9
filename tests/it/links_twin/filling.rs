//! Max-min fair shares by their plain definition (R4.2).

/// A flow: what it can reach by itself, and the places of its links.
#[derive(Clone, Debug)]
pub struct Flow {
    pub ceiling: u64,
    pub links: Vec<usize>,
}

/// All flows rise together. Whichever comes first stops some of them: the lowest ceiling its flows, the tightest
/// link all that go over it. What is left of a link is shared in whole bytes per second, and links with the same
/// share are full at once.
pub fn shares(capacities: &[u64], flows: &[Flow]) -> Vec<u64> {
    let mut stopped: Vec<Option<u64>> = vec![None; flows.len()];
    loop {
        let rising = |flow: &usize| stopped[*flow].is_none();
        let Some(ceiling) = (0..flows.len()).filter(rising).map(|flow| flows[flow].ceiling).min() else {
            return stopped.into_iter().flatten().collect();
        };
        // By link, what each flow that still rises would have of what is left; none if none does.
        let share_of = |link: usize| {
            let over: Vec<usize> =
                (0..flows.len()).filter(|flow| flows[*flow].links.contains(&link)).collect();
            let taken: u64 = over.iter().filter_map(|flow| stopped[*flow]).sum();
            (capacities[link] - taken).checked_div(over.iter().filter(|flow| rising(flow)).count() as u64)
        };
        let shares: Vec<Option<u64>> = (0..capacities.len()).map(share_of).collect();
        let tightest = shares.iter().flatten().min().copied().unwrap_or(u64::MAX);
        let stops: Vec<usize> = if ceiling <= tightest {
            (0..flows.len()).filter(|flow| flows[*flow].ceiling == ceiling).filter(rising).collect()
        } else {
            let is_full = |link: &usize| shares[*link] == Some(tightest);
            (0..flows.len()).filter(|flow| flows[*flow].links.iter().any(is_full)).filter(rising).collect()
        };
        for flow in stops {
            stopped[flow] = Some(ceiling.min(tightest));
        }
    }
}

//! How likely an online unit waits for longer than was promised, if so many slots are kept free.
//!
//! Offline work is taken to fill all other slots at all times. Online units that find no kept slot
//! free wait for the next slot that any unit leaves.

/// What the model knows of a limit. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Load {
    /// The number of slots.
    pub(super) slots: f64,
    /// Online units in flight if all of them had slots (in erlangs): arrivals a second times their run time.
    pub(super) offered: f64,
    /// Online units that end a second, for each that runs.
    pub(super) online_ends: f64,
    /// The same for offline units.
    pub(super) offline_ends: f64,
    /// How much more the number of online units in flight varies than it does for arrivals at random, whose
    /// variance is their mean: the ratio of the two. 1 for arrivals at random.
    pub(super) peakedness: f64,
    /// The wait that is promised.
    pub(super) promise: f64,
}

/// Terms below this part of the sum are left out.
const NEGLIGIBLE: f64 = 1e-9;
const MAX_TERMS: usize = 4096;

impl Load {
    /// The part of all online units that wait for longer than the promise, with this many slots kept.
    ///
    /// Arrivals in bursts are treated as by Hayward: servers and load are divided by the peakedness (Fredericks,
    /// "Congestion in blocking systems", Bell System Technical Journal 59, 1980). Between whole numbers of servers
    /// the logarithm is interpolated.
    pub(super) fn late(&self, kept: u64) -> f64 {
        let z = self.peakedness.max(1.0);
        let servers = kept as f64 / z;
        let scaled = Self { slots: self.slots / z, offered: self.offered / z, ..*self };
        let below = servers.floor();
        let part = servers - below;
        let at_least = scaled.late_of_whole(below);
        if part == 0.0 {
            return at_least;
        }
        let at_most = scaled.late_of_whole(below + 1.0);
        (at_least.max(1e-12).ln() * (1.0 - part) + at_most.max(1e-12).ln() * part).exp()
    }

    /// A birth-death process over the number of online units that run or wait, as behind Erlang's formulas.
    fn late_of_whole(&self, kept: f64) -> f64 {
        let Self { slots, offered, online_ends, offline_ends, promise, .. } = *self;
        if offered <= 0.0 {
            return 0.0;
        }
        // Ends of offline units a second. A unit that waits gets the slot of an offline unit with this
        // probability, before an online one ends.
        let others = (slots - kept).max(0.0) * offline_ends;
        let lent = others / (others + online_ends);
        let releases = (kept * online_ends + others) * promise;
        let (mut term, mut sum, mut late) = (1.0_f64, 1.0_f64, 0.0_f64);
        let mut late_at = |units: f64, term: f64| {
            let ahead = units - kept;
            if ahead >= 0.0 {
                let needed = (ahead * (1.0 - lent)).round() as usize + 1;
                late += term * fewer_events(releases, needed);
            }
        };
        late_at(0.0, term);
        for n in 1..MAX_TERMS {
            let units = n as f64;
            let ending = units.min(kept) + (units - kept).max(0.0) * lent;
            if ending <= 0.0 {
                return 1.0; // nothing is kept, and nothing else ever ends
            }
            term *= offered / ending;
            sum += term;
            late_at(units, term);
            if !sum.is_finite() {
                return 1.0; // they come faster than they end
            }
            if units > offered && term < NEGLIGIBLE * sum {
                return late / sum;
            }
        }
        1.0
    }

    /// The fewest slots, from 1 to `most`, of which at most this part is late.
    pub(super) fn fewest(&self, most: u64, allowed: f64) -> u64 {
        let (mut low, mut high) = (1, most.max(1));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.late(middle) <= allowed {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// The probability of fewer than `events` events where `mean` are expected (Poisson).
fn fewer_events(mean: f64, events: usize) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = 0.0;
    for n in 0..events {
        sum += term;
        term *= mean / (n + 1) as f64;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 16 slots, online units of 18 ms, offline units of 300 ms, a promise of 5 ms.
    fn load(arrivals: f64) -> Load {
        Load {
            slots: 16.0,
            offered: arrivals * 0.018,
            online_ends: 1.0 / 0.018,
            offline_ends: 1.0 / 0.3,
            peakedness: 1.0,
            promise: 0.005,
        }
    }

    #[test]
    fn more_load_needs_more() {
        let kept = [5.0, 20.0, 60.0, 150.0].map(|arrivals| load(arrivals).fewest(15, 0.01));
        assert!(kept.is_sorted(), "{kept:?}");
        assert!((1..=2).contains(&kept[0]) && (5..=8).contains(&kept[3]), "{kept:?}");
    }

    #[test]
    fn bursts_need_more() {
        let bursts = Load { peakedness: 4.0, ..load(60.0) };
        assert!(bursts.fewest(15, 0.01 / 4.0) > load(60.0).fewest(15, 0.01));
    }

    #[test]
    fn without_load_nobody_is_late() {
        assert_eq!(load(0.0).late(1), 0.0);
        assert_eq!(load(0.0).fewest(15, 0.01), 1);
    }

    #[test]
    fn where_nothing_ends_in_time_one_is_kept_for_each() {
        let slow = Load { offline_ends: 0.0, ..load(150.0) };
        assert!(slow.late(2) == 1.0, "2.7 units in flight never fit into 2");
        assert!(slow.fewest(15, 0.01) < 15);
    }

    #[test]
    fn events_are_poisson() {
        assert!((fewer_events(2.0, 1) - (-2.0_f64).exp()).abs() < 1e-12);
        assert!((fewer_events(0.0, 1) - 1.0).abs() < 1e-12);
        assert!(fewer_events(50.0, 10) < 1e-9);
    }

    proptest! {
        #[test]
        fn it_is_a_probability_that_falls_with_what_is_kept(
            slots in 2.0..200.0_f64,
            offered in 0.0..50.0_f64,
            run in 0.001..5.0_f64,
            offline_run in 0.001..50.0_f64,
            promise in 0.001..1.0_f64,
        ) {
            let load = Load {
                slots,
                offered,
                online_ends: 1.0 / run,
                offline_ends: 1.0 / offline_run,
                peakedness: 1.0,
                promise,
            };
            let late: Vec<_> = (1..slots as u64).map(|kept| load.late(kept)).collect();
            prop_assert!(late.iter().all(|late| (0.0..=1.000_001).contains(late)));
        }
    }
}

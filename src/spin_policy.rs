//! When it pays to spin for a moment before a thread parks.

/// After this many misses in a row, spins do not get rarer.
const RAREST: u32 = 7;

/// Decides whether a thread that is about to sleep spins first. It spins before every sleep while
/// that pays off. Otherwise it spins now and then, to find out whether it would.
///
/// Spinning for as long as a sleep costs, and then sleeping, costs at most twice the best choice in
/// hindsight (Karlin, Li, Manasse and Owicki, *Empirical studies of competitive spinning for a
/// shared-memory multiprocessor*, 1991). Every spin that found nothing doubles the distance to the
/// next spin, up to one in 128 sleeps. One that finds something resets it to every sleep.
#[derive(Debug, Default)]
pub(crate) struct SpinPolicy {
    /// Spins that found nothing, in a row.
    misses: u32,
    /// Sleeps until the next spin.
    skips: u32,
}

impl SpinPolicy {
    /// Whether to spin before this sleep. If so, call [`ended`](Self::ended) after the spin.
    pub(crate) fn should_spin(&mut self) -> bool {
        if self.skips == 0 {
            return true;
        }
        self.skips -= 1;
        false
    }

    /// Records whether the spin found what the thread waited for.
    pub(crate) fn ended(&mut self, found: bool) {
        self.misses = if found { 0 } else { RAREST.min(self.misses + 1) };
        self.skips = (1 << self.misses) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::SpinPolicy;

    /// The number of sleeps from one spin to the next, when no spin finds anything, or every spin
    /// does.
    fn gaps(policy: &mut SpinPolicy, found: bool, spins: usize) -> Vec<u32> {
        let mut gap_to_next = || {
            policy.ended(found);
            let mut gap = 1;
            while !policy.should_spin() {
                gap += 1;
            }
            gap
        };
        (0..spins).map(|_| gap_to_next()).collect()
    }

    #[test]
    fn it_is_rarer_with_every_time_in_vain_down_to_one_of_128_sleeps() {
        let mut policy = SpinPolicy::default();
        assert!(policy.should_spin());
        assert_eq!(gaps(&mut policy, false, 9), [2, 4, 8, 16, 32, 64, 128, 128, 128]);
    }

    #[test]
    fn it_is_for_every_sleep_as_soon_as_it_has_paid_off() {
        let mut policy = SpinPolicy::default();
        gaps(&mut policy, false, 20);
        assert_eq!(gaps(&mut policy, true, 3), [1, 1, 1]);
        assert_eq!(gaps(&mut policy, false, 2), [2, 4]);
    }
}

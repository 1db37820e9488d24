//! When it pays to look a moment longer before falling asleep.

/// After so many looks in vain they do not get rarer any more.
const RAREST: u32 = 7;

/// Whether a thread that is about to sleep is to spin for what would wake it: while that pays off, and else now and then,
/// to find out whether it would.
///
/// To spin for as long as a sleep costs, and sleep then, costs at most twice what is best in hindsight (Karlin, Li, Manasse
/// and Owicki, *Empirical studies of competitive spinning for a shared-memory multiprocessor*, 1991). With every time
/// in vain the next one is put off, up to one of 128 sleeps; one that pays off makes it every sleep again.
#[derive(Debug, Default)]
pub(crate) struct Spinning {
    /// Times in vain, one after another.
    misses: u32,
    /// Sleeps until the next time.
    skips: u32,
}

impl Spinning {
    /// Whether to spin before this sleep; [`ended`](Self::ended) is to be told then.
    pub(crate) fn is_due(&mut self) -> bool {
        if self.skips == 0 {
            return true;
        }
        self.skips -= 1;
        false
    }

    /// What one waited for came meanwhile, or did not.
    pub(crate) fn ended(&mut self, came: bool) {
        self.misses = if came { 0 } else { RAREST.min(self.misses + 1) };
        self.skips = (1 << self.misses) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Spinning;

    /// Sleeps from one spin to the next, when all are in vain or all pay off.
    fn gaps(spinning: &mut Spinning, came: bool, spins: usize) -> Vec<u32> {
        let mut gap_to_next = || {
            spinning.ended(came);
            let mut gap = 1;
            while !spinning.is_due() {
                gap += 1;
            }
            gap
        };
        (0..spins).map(|_| gap_to_next()).collect()
    }

    #[test]
    fn it_is_rarer_with_every_time_in_vain_down_to_one_of_128_sleeps() {
        let mut spinning = Spinning::default();
        assert!(spinning.is_due());
        assert_eq!(gaps(&mut spinning, false, 9), [2, 4, 8, 16, 32, 64, 128, 128, 128]);
    }

    #[test]
    fn it_is_for_every_sleep_as_soon_as_it_has_paid_off() {
        let mut spinning = Spinning::default();
        gaps(&mut spinning, false, 20);
        assert_eq!(gaps(&mut spinning, true, 3), [1, 1, 1]);
        assert_eq!(gaps(&mut spinning, false, 2), [2, 4]);
    }
}

//! Overloads: whether there are too many of them, and how many no lower limit would avoid.

/// What a reduction takes of the limit. It is also the ratio of overloads that a reduction avoids:
/// if a tenth of the attempts is too much, a tenth less is not.
pub(super) const CUT: f64 = 0.1;
/// The limit is reduced if the ratio of overloads has risen above the stray ratio by this.
const RISE: f64 = CUT / 2.0;
/// It has risen if that is ten thousand times likelier than that it has not. As a logarithm.
const SURE: f64 = 9.2;
/// The stray ratio before anything is known. BBRv2 tolerates as much loss (Cardwell and others,
/// 2019).
const FIRST: f64 = 0.02;
/// The least stray ratio. One error among two hundred attempts says nothing.
const LEAST: f64 = 0.005;
/// The stray ratio falls to the ratio of this many attempts.
const ENOUGH: f64 = 1_000.0;
/// Fewer attempts than this after a reduction say nothing of the stray ratio.
const FEWEST: f64 = 30.0;
/// After several reductions the limit grows by this factor for every window, up to a tenth below
/// where it was before them.
const RESUME: f64 = 1.5;

/// What to do about an attempt that has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Nothing,
    /// Reduce the limit.
    TooMany,
    /// Reductions did not help, and are undone.
    Strays,
}

/// A reduction for overloads, until the limit may be raised again.
#[derive(Clone, Copy, Debug)]
struct Reduction {
    at: u64,
    /// The limit before it, and before those that it followed closely.
    from: f64,
    /// The ratio of overloads that led to it, if it followed another one closely.
    ratio: Option<f64>,
}

/// Watches how attempts end.
///
/// The test is that of E. S. Page, "Continuous Inspection Schemes" (1954): the logarithm of the
/// likelihood ratio, added up over attempts and never below 0. It needs no window. A few errors in
/// a row are evidence enough, and the same number among hundreds of successes is none.
///
/// The stray ratio falls with the ratio that is counted, but rises only by experiment, as the
/// baseline does: to what a reduction has left of the overloads. So it does not drift up with a
/// limit that is too high.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overloads {
    /// The ratio of overloads that does not depend on the limit.
    stray: f64,
    evidence: f64,
    /// Since the last reduction, or since [`ENOUGH`] were counted.
    attempts: f64,
    overloads: f64,
    last: Option<Reduction>,
    /// The limit that it is on its way back to: a tenth below the one at which overloads began.
    resume: Option<f64>,
}

impl Default for Overloads {
    fn default() -> Self {
        Self {
            stray: FIRST,
            evidence: 0.0,
            attempts: 0.0,
            overloads: 0.0,
            last: None,
            resume: None,
        }
    }
}

impl Overloads {
    /// The ratio of overloads that is taken to be independent of the limit.
    pub(super) fn stray(&self) -> f64 {
        self.stray
    }

    /// When the limit was last reduced, if that was not long ago.
    pub(super) fn reduced(&self) -> Option<u64> {
        self.last.map(|last| last.at)
    }

    /// The limit may be raised again.
    pub(super) fn recovered(&mut self) {
        if self.last.take().is_some() {
            self.adopt(CUT);
        }
    }

    /// Whether the limit is on its way back to about where overloads began.
    pub(super) fn resumes(&self) -> bool {
        self.resume.is_some()
    }

    /// The next limit, if it would be `next` otherwise. The way back ends at its goal, or where the
    /// limit would be reduced.
    pub(super) fn resumed(&mut self, limit: f64, next: f64) -> f64 {
        self.resume = self.resume.filter(|&resume| limit <= next && limit < resume);
        match self.resume {
            Some(resume) if limit < next => (limit * RESUME).min(resume).max(next),
            _ => next,
        }
    }

    /// An attempt has ended.
    pub(super) fn ended(&mut self, overloaded: bool) -> Verdict {
        self.attempts += 1.0;
        self.overloads += f64::from(u8::from(overloaded));
        let (few, many) = (self.stray, self.stray + RISE);
        let likelier = if overloaded { many / few } else { (1.0 - many) / (1.0 - few) };
        self.evidence = (self.evidence + likelier.ln()).max(0.0);
        if self.evidence < SURE {
            if self.last.is_none() && self.attempts >= ENOUGH {
                self.adopt(self.stray);
            }
            return Verdict::Nothing;
        }
        match self.last {
            // Either reduction would have avoided these.
            Some(Reduction { from, ratio: Some(before), .. })
                if before <= CUT && self.ratio() <= CUT =>
            {
                self.recovered();
                self.resume = Some(from);
                Verdict::Strays
            }
            _ => Verdict::TooMany,
        }
    }

    /// The limit is reduced now.
    pub(super) fn reduce(&mut self, now: u64, limit: f64) {
        let from = self.last.map_or(limit, |last| last.from);
        let ratio = self.last.map(|_| self.ratio());
        self.last = Some(Reduction { at: now, from, ratio });
        self.resume = Some(from * (1.0 - CUT));
        self.count_anew();
    }

    fn ratio(&self) -> f64 {
        self.overloads / self.attempts
    }

    /// Takes the ratio that was counted, and one standard error above it, for the stray one, up to
    /// `most`.
    fn adopt(&mut self, most: f64) {
        if self.attempts >= FEWEST {
            let ratio = (self.overloads + self.overloads.sqrt()) / self.attempts;
            self.stray = ratio.min(most).max(LEAST);
        }
        self.count_anew();
    }

    fn count_anew(&mut self) {
        (self.evidence, self.attempts, self.overloads) = (0.0, 0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attempts of which every so many is overloaded, until there is something to do.
    fn one_in(overloads: &mut Overloads, every: u32, attempts: u32) -> Option<(u32, Verdict)> {
        (1..=attempts).find_map(|attempt| match overloads.ended(attempt % every == 0) {
            Verdict::Nothing => None,
            verdict => Some((attempt, verdict)),
        })
    }

    fn healthy() -> Overloads {
        let mut overloads = Overloads::default();
        assert_eq!(one_in(&mut overloads, u32::MAX, 1_000), None);
        assert_eq!(overloads.stray(), LEAST);
        overloads
    }

    #[test]
    fn a_few_in_a_row_are_too_many() {
        assert_eq!(one_in(&mut Overloads::default(), 1, 100), Some((8, Verdict::TooMany)));
        assert_eq!(one_in(&mut healthy(), 1, 100), Some((4, Verdict::TooMany)));
    }

    #[test]
    fn the_same_number_among_many_successes_is_not() {
        for every in [50, 100, 200] {
            let mut overloads = Overloads::default();
            assert_eq!(one_in(&mut overloads, every, 100_000), None);
            let ratio = 1.0 / f64::from(every);
            assert!((ratio..1.5 * ratio).contains(&overloads.stray()), "{}", overloads.stray());
        }
    }

    #[test]
    fn what_a_reduction_leaves_is_stray() {
        let mut overloads = healthy();
        let (_, verdict) = one_in(&mut overloads, 25, 1_000).expect("4 % are too many");
        assert_eq!(verdict, Verdict::TooMany);
        overloads.reduce(1, 20.0);
        assert_eq!((overloads.reduced(), overloads.resumes()), (Some(1), true));
        assert_eq!(one_in(&mut overloads, 50, 100), None);
        overloads.recovered();
        assert_eq!(overloads.reduced(), None);
        assert!((0.02..0.04).contains(&overloads.stray()), "{}", overloads.stray());
        assert_eq!(one_in(&mut overloads, 25, 1_000), None, "4 % are no more than that by much");
    }

    #[test]
    fn what_two_reductions_leave_is_stray_at_once() {
        let mut overloads = healthy();
        let mut limit = 20.0;
        for now in 1..=2 {
            assert_eq!(one_in(&mut overloads, 12, 1_000).expect("8 %").1, Verdict::TooMany);
            overloads.reduce(now, limit);
            limit *= 1.0 - CUT;
        }
        assert_eq!(one_in(&mut overloads, 12, 1_000).expect("8 %").1, Verdict::Strays);
        assert_eq!((overloads.reduced(), overloads.resumed(limit, 17.0)), (None, 20.0));
        assert_eq!(overloads.stray(), CUT, "with its error it may be that");
        assert_eq!(one_in(&mut overloads, 12, 900), None);
    }

    #[test]
    fn a_few_attempts_after_a_reduction_say_nothing() {
        let mut overloads = healthy();
        overloads.reduce(1, 20.0);
        assert_eq!(one_in(&mut overloads, 15, 29), None);
        overloads.recovered();
        assert_eq!(overloads.stray(), LEAST);
    }

    #[test]
    fn more_than_a_tenth_is_never_stray() {
        for every in [1, 2, 5, 8] {
            let mut overloads = healthy();
            for now in 1..=20 {
                let (_, verdict) = one_in(&mut overloads, every, 1_000).expect("too many");
                assert_eq!(verdict, Verdict::TooMany);
                overloads.reduce(now, 20.0);
            }
        }
    }

    #[test]
    fn the_stray_ratio_does_not_rise_without_a_reduction() {
        let mut overloads = healthy();
        assert_eq!(one_in(&mut overloads, 100, 100_000), None);
        assert_eq!(overloads.stray(), LEAST);
    }

    #[test]
    fn the_way_back_ends_at_its_goal_or_where_the_limit_would_fall() {
        let after = |cuts: u64| {
            let mut overloads = healthy();
            (1..=cuts).for_each(|now| overloads.reduce(now, 20.0));
            overloads
        };
        let mut overloads = after(5);
        assert_eq!(overloads.resumed(10.0, 11.0), 15.0);
        assert_eq!(overloads.resumed(15.0, 15.0), 15.0);
        assert!(overloads.resumes());
        assert_eq!(overloads.resumed(15.0, 16.0), 18.0);
        assert_eq!(overloads.resumed(18.0, 19.0), 19.0);
        assert!(!overloads.resumes());
        let mut overloads = after(5);
        assert_eq!(overloads.resumed(10.0, 9.0), 9.0);
        assert_eq!(overloads.resumed(9.0, 10.0), 10.0);
    }
}

/// Why a unit is given up: while it waits, or while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Its lane was cleared, or nobody needs its result any more.
    Cleared,
    /// Its caller has aborted it.
    Aborted,
    /// It has waited, or has run, for longer than its caller allows.
    TimedOut,
    /// Its lane was full, and another call was let in instead. Only a unit that waits.
    Dropped,
}

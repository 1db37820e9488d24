//! A slot, by its number.

/// The right to run one unit of work. Slots are small, dense numbers that are reused. A slot that
/// is handed from one unit to the next keeps its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(u32);

impl Slot {
    /// The slot's number, below 2^31.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The slot with a number that [`Slot::number`] returned.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }
}

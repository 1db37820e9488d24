//! The two lanes.

use std::fmt;
use std::str::FromStr;

/// Who is waiting for a piece of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Someone waits for the answer. Always granted before [`Lane::Offline`].
    #[default]
    Online,
    /// Batch work with a forgiving deadline: done sooner rather than later.
    Offline,
}

impl Lane {
    /// Both lanes, the one that is granted first in front.
    pub const ALL: [Lane; 2] = [Lane::Online, Lane::Offline];

    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Lane::Online => Lane::Offline,
            Lane::Offline => Lane::Online,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lane::Online => "online",
            Lane::Offline => "offline",
        })
    }
}

impl FromStr for Lane {
    type Err = super::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "online" => Ok(Lane::Online),
            "offline" => Ok(Lane::Offline),
            _ => Err(super::Error::UnknownLane { given: name.to_owned() }),
        }
    }
}

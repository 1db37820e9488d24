//! The two lanes.
//!
//! This file and `error.rs` import each other on purpose: an error names a lane, and parsing the
//! name of a lane may give an error.

use std::fmt;
use std::str::FromStr;

use super::error::Error;

/// The queue that a call waits in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Somebody waits for the answer. Granted before [`Lane::Offline`], except for the offline
    /// share.
    #[default]
    Online,
    /// Batch work without a strict deadline, done sooner rather than later.
    Offline,
}

impl Lane {
    /// Both lanes; the one that is granted first comes first.
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
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "online" => Ok(Lane::Online),
            "offline" => Ok(Lane::Offline),
            _ => Err(Error::UnknownLane { given: name.to_owned() }),
        }
    }
}

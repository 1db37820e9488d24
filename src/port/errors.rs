//! The errors of a limit as JavaScript gets them, and the message of a panic.

use std::any::Any;

use crate::limiter::{Error, NotOpened, Refused};

/// What a call throws: the `code` and the message of the error.
pub(crate) type Thrown = (&'static str, String);

const INVALID: &str = "ERR_INVALID_ARG";

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        (INVALID, error.to_string())
    }
}

impl From<NotOpened> for Thrown {
    fn from(error: NotOpened) -> Self {
        (INVALID, error.to_string())
    }
}

impl From<Refused> for Thrown {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::Closed => "ERR_LIMIT_CLOSED",
            Refused::Full { .. } => "ERR_QUEUE_FULL",
            Refused::Dropped(_) => "ERR_DROPPED",
            Refused::Deadlock => "ERR_DEADLOCK",
            Refused::Weight { .. } => INVALID,
        };
        (code, refused.to_string())
    }
}

/// The code of the error that a panic becomes.
pub(crate) const PANICKED: &str = "ERR_INTERNAL";

/// The message of a panic.
pub(crate) fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a bug in p-lanes")
}

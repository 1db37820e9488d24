//! The codes that errors of a limit have in JavaScript.

use crate::limiter::{Error, NotOpened, Refused};
use crate::node::node_api::callback::Thrown;

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        ("ERR_INVALID_ARG", error.to_string())
    }
}

pub(super) fn thrown(refused: Refused) -> Thrown {
    let code = match refused {
        Refused::Closed => "ERR_LIMIT_CLOSED",
        Refused::Full { .. } => "ERR_QUEUE_FULL",
        Refused::Deadlock => "ERR_DEADLOCK",
        Refused::Weight { .. } => "ERR_INVALID_ARG",
    };
    (code, refused.to_string())
}

pub(super) fn refused((code, text): (&str, String)) -> napi::Error<String> {
    napi::Error::new(code.to_owned(), text)
}

pub(super) fn not_opened(error: NotOpened) -> napi::Error<String> {
    refused(("ERR_INVALID_ARG", error.to_string()))
}

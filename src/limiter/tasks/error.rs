//! How a limited task can end without a result.

use tokio::task::JoinError;

use crate::limiter::types::NotAcquired;

/// Why a limited task has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// It got no slot, and its work has not run.
    #[error(transparent)]
    NotAcquired(#[from] NotAcquired),
    /// It panicked, or was aborted.
    #[error(transparent)]
    Join(#[from] JoinError),
}

impl TaskError {
    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self, Self::Join(error) if error.is_panic())
    }

    /// Whether the task was aborted, by its handle or by the end of its runtime.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Join(error) if error.is_cancelled())
    }
}

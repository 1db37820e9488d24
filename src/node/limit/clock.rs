//! The clock that tests set by hand.

use napi_derive::napi;

use super::port::Port;

const NANOS_PER_MILLI: f64 = 1e6;

/// Milliseconds that the other side converts back to no less than so many nanoseconds.
fn millis(nanos: u64) -> f64 {
    let mut millis = nanos as f64 / NANOS_PER_MILLI;
    while ((millis * NANOS_PER_MILLI) as u64) < nanos {
        millis = millis.next_up();
    }
    millis
}

#[napi]
impl Port {
    /// For tests: time stands still for the gates of this environment from now on. That of gates
    /// with a name is the time of the thread that has made them.
    #[napi(catch_unwind)]
    pub fn begin_time(&self) {
        self.gates.times.begin();
        self.gates.look_at_time();
    }

    /// For tests: sets the time to so many milliseconds after its beginning. For gates that are not
    /// shared, JavaScript has to watch the time: ask `wakesIn`, and call `next`.
    #[napi(catch_unwind)]
    pub fn pass_time(&self, passed: f64) {
        self.gates.times.pass((passed * NANOS_PER_MILLI) as u64);
    }

    /// For tests: has shared gates do what is due by now. They get messages.
    #[napi(catch_unwind)]
    pub fn ring_alarms(&self) {
        self.gates.times.ring();
    }

    /// For tests: in how many milliseconds after the beginning the first alarm of a shared gate is
    /// due.
    #[napi(catch_unwind)]
    pub fn first_alarm(&self) -> Option<f64> {
        self.gates.times.first_alarm().map(millis)
    }

    /// For tests: time goes on with the system's clock, from where it stands.
    #[napi(catch_unwind)]
    pub fn end_time(&self) {
        self.gates.times.end();
        self.gates.look_at_time();
    }
}

//! Options and changes that are refused, and that a refusal changes nothing.

use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{Arbiter, Error, Gate, Lane, Options, Reserve, UNLIMITED};

fn refusal(options: Options) -> Error {
    let by_gate = Gate::new(options.clone()).unwrap_err();
    let by_arbiter = Arbiter::new(options).map(|_| ()).unwrap_err();
    assert_eq!(by_gate.to_string(), by_arbiter.to_string());
    by_gate
}

#[test]
fn concurrency_is_1_or_more() {
    let error = refusal(Options::new(0));
    assert_eq!(error, Error::Concurrency { given: 0 });
    assert_eq!(error.to_string(), "`concurrency` must be 1 or more, got 0");
    for concurrency in [1, 2, u64::from(u32::MAX), UNLIMITED] {
        assert_eq!(Gate::new(Options::new(concurrency)).unwrap().concurrency(), concurrency);
    }
}

#[test]
fn reserve_is_below_concurrency() {
    for (concurrency, given) in [(1, 1), (4, 4), (4, 5), (UNLIMITED, UNLIMITED)] {
        let error = refusal(Options::new(concurrency).reserve(given));
        assert_eq!(error, Error::Reserve { given, concurrency });
    }
    let error = refusal(Options::new(4).reserve(4));
    assert_eq!(error.to_string(), "`reserve` must be below `concurrency` (4), got 4");
}

#[test]
fn reserve_is_found_by_default_and_begins_with_none() {
    let by_default = |concurrency| Gate::new(Options::new(concurrency)).unwrap().reserve();
    assert_eq!([1, 2, 100, UNLIMITED].map(by_default), [0; 4]);
    let error = refusal(Options::new(2).reserve(Reserve::Wait(Duration::ZERO)));
    assert_eq!(error.to_string(), "`reserve.wait` must be above 0, got 0");
}

#[test]
fn offline_share_is_a_fraction() {
    for given in [-0.1, 1.000_001, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        let error = refusal(Options::new(1).offline_share(given));
        let expected = format!("`offlineShare` must be a number from 0 to 1, got {given}");
        assert_eq!(error.to_string(), expected);
    }
    for given in [0.0, -0.0, f64::MIN_POSITIVE, 0.5, 1.0] {
        assert!(Gate::new(Options::new(1).offline_share(given)).is_ok());
    }
}

#[test]
fn lanes_have_names() {
    for lane in Lane::ALL {
        assert_eq!(lane.to_string().parse(), Ok(lane));
    }
    let error = "Online".parse::<Lane>().unwrap_err();
    assert_eq!(error.to_string(), r#"`lane` must be "online" or "offline", got "Online""#);
}

#[test]
fn a_refused_change_changes_nothing() {
    let options = Options::new(4).reserve(2);
    let gate = Gate::with_clock(options, FakeClock::default()).unwrap();
    let running: Vec<_> = std::iter::from_fn(|| gate.try_acquire(Lane::Offline)).collect();
    assert_eq!(running.len(), 2);
    let before = gate.stats();

    for given in [0, 1, 2] {
        let error = gate.set_concurrency(given).unwrap_err();
        let expected = match given {
            0 => Error::Concurrency { given },
            _ => Error::ConcurrencyWithinReserve { given, reserve: 2 },
        };
        assert_eq!(error, expected);
        assert_eq!((gate.concurrency(), gate.reserve()), (4, 2));
        assert_eq!(gate.stats(), before);
    }

    gate.set_concurrency(3).unwrap();
    assert_eq!((gate.concurrency(), gate.reserve()), (3, 2));
}

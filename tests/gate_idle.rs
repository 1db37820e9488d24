//! The wait until a gate has nothing to do.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use p_lanes::limiter::{Acquire, Gate, Guard, Idle, Lane, Options};

use wakes::Wakes;

mod wakes;

fn poll(idle: &mut Idle, wakes: &Arc<Wakes>) -> Poll<()> {
    let waker = Waker::from(wakes.clone());
    Pin::new(idle).poll(&mut Context::from_waker(&waker))
}

#[test]
fn all_are_told_when_the_last_work_ends_however_it_ends() {
    type Leave = fn(&Gate, Guard, Acquire);
    let ways: [Leave; 3] = [
        |_, guard, waits| {
            drop(guard);
            drop(waits); // It was granted.
        },
        |_, guard, waits| {
            drop(waits);
            drop(guard);
        },
        |gate, guard, waits| {
            gate.clear(Lane::Online);
            drop((guard, waits));
        },
    ];
    for leave in ways {
        let gate = Gate::new(Options::new(1)).unwrap();
        let wakes = [(); 2].map(|()| Arc::new(Wakes::default()));
        let mut idle = [(); 2].map(|()| gate.idle());
        assert!(poll(&mut idle[0], &wakes[0]).is_ready());
        let guard = gate.try_acquire(Lane::Online).unwrap();
        let waits = gate.acquire(Lane::Online).enqueue();
        for (idle, wakes) in idle.iter_mut().zip(&wakes) {
            assert!(poll(idle, wakes).is_pending());
            assert!(poll(idle, wakes).is_pending());
        }
        leave(&gate, guard, waits);
        assert_eq!([wakes[0].count(), wakes[1].count()], [1, 1], "once each");
        for (idle, wakes) in idle.iter_mut().zip(&wakes) {
            assert!(poll(idle, wakes).is_ready());
        }
    }
}

#[test]
fn a_wait_that_leaves_a_paused_gate_makes_it_idle() {
    let gate = Gate::new(Options::new(1)).unwrap();
    gate.pause();
    let wakes = Arc::new(Wakes::default());
    let mut idle = gate.idle();
    let clear = |waits| {
        assert_eq!(gate.clear(Lane::Offline), 1);
        drop(waits);
    };
    let leaves: [&dyn Fn(Acquire); 2] = [&clear, &drop];
    for (index, leave) in leaves.into_iter().enumerate() {
        let waits = gate.acquire(Lane::Offline).enqueue();
        assert!(poll(&mut idle, &wakes).is_pending());
        leave(waits);
        assert_eq!(wakes.count(), index + 1);
    }
}

#[test]
fn a_closed_gate_ends_what_waits_and_is_idle_then() {
    let gate = Gate::new(Options::new(1)).unwrap();
    let wakes = Arc::new(Wakes::default());
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let waits = gate.acquire(Lane::Offline).enqueue();
    gate.close();
    let mut idle = gate.idle();
    assert!(poll(&mut idle, &wakes).is_pending());
    drop(guard);
    assert!(poll(&mut idle, &wakes).is_pending(), "what waited has its slot");
    drop(pollster::block_on(waits).unwrap());
    assert!(poll(&mut idle, &wakes).is_ready());
    assert!(pollster::block_on(gate.acquire(Lane::Online)).is_err());
}

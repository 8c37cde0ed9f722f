//! Everything that needs a Solidity compiler: finding it, freezing, verifying.
//!
//! Each template is compiled from its own standard-JSON input, which holds the files that it imports and no others, so
//! that its code cannot depend on which other templates there are, and so that an auditor needs one file to make it.

mod alone;
mod contract;
mod forge;
mod freeze;
mod input;
mod settings;
mod solc;
mod verify;

pub use alone::{Alone, compile_alone};
pub use contract::compile_template;
pub use forge::{FORGE_VERSION, Forge};
pub use freeze::{Change, Freeze, freeze};
pub use input::Input;
pub use settings::read_settings;
pub use solc::{SOLC_VERSION, Search, Solc};
pub use verify::{Checked, Difference, Part, Report, verify};

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the work for each item on every core; results come in the order of the items.
fn for_each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let workers =
        std::thread::available_parallelism().map_or(1, |cores| cores.get()).min(items.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, item)) = take(items, &next) {
                    let result = work(item);
                    results
                        .lock()
                        .unwrap_or_else(|poisoned| poisoned.into_inner())
                        .push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    items.get(at).map(|item| (at, item))
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(
            super::for_each(&items, |item| item * 2),
            items.iter().map(|i| i * 2).collect::<Vec<_>>()
        );
        assert!(super::for_each(&[] as &[u32], |item| *item).is_empty());
    }
}

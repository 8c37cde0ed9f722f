//! How far a plan has come, on stderr: a bar on a terminal, a line for each step elsewhere, nothing when quiet.

use halo_deploy::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::{Printer, say};

/// Follows the steps of a plan. The bar disappears when this is dropped.
pub(crate) struct Steps {
    bar: ProgressBar,
    lines: bool,
    place: (usize, usize),
}

impl Steps {
    /// Ready for the first of `total` steps.
    pub(crate) fn new(total: usize, printer: Printer) -> Self {
        let target =
            if printer.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        // No colours, so that NO_COLOR has nothing to take away.
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        let lines = !printer.quiet && bar.is_hidden();
        Self { bar, lines, place: (0, total) }
    }

    /// Takes note of what [`halo_deploy::apply`] says.
    pub(crate) fn note(&mut self, progress: &Progress<'_>) {
        match progress {
            Progress::Started(step, at, of) => {
                self.place = (*at, *of);
                self.bar.set_message(step.title.clone());
            }
            Progress::Unchanged(_) => self.bar.inc(1),
            Progress::Done(step, transaction) => {
                let (at, of) = self.place;
                if self.lines {
                    say(format!("[{at}/{of}] {} ({} gas)", step.title, transaction.gas));
                }
                self.bar.inc(1);
            }
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

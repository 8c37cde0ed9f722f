//! How far a plan has come, on stderr: a bar on a terminal, a line for each step elsewhere, nothing when quiet.

use halo_deploy::{Progress, journal::Record, send::Note};
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

    /// Takes note of what [`halo_deploy::send::send`] says.
    pub(crate) fn note_sent(&mut self, note: &Note<'_>) {
        match note {
            Note::Started(step, at, of) => self.note(&Progress::Started(step, *at, *of)),
            Note::Unchanged(step) => self.note(&Progress::Unchanged(step)),
            Note::Done(step, transaction) => self.note(&Progress::Done(step, transaction)),
            Note::Confirming(waiting) => {
                self.say(format!("{waiting} transactions wait for blocks upon theirs"));
            }
            Note::Recorded(Record::Replaced(it)) => {
                self.say(format!("{}: sent again as {}, for more", it.step, it.hash));
            }
            Note::Recorded(Record::Reorganised { step, hash, block }) => {
                self.say(format!(
                    "{step}: block {block} with {hash} is not part of the chain any more"
                ));
            }
            Note::Recorded(_) => {}
        }
    }

    fn say(&self, text: String) {
        if self.lines { say(text) } else { self.bar.println(text) }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

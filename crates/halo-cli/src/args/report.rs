//! Arguments of `halo report`.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `halo report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What `halo simulate --json` printed; `-` for stdin
    pub run: PathBuf,
    /// What `halo simulate --seeds … --out` wrote: the page has histograms over its runs, too
    #[arg(long, value_name = "FILE")]
    pub sweep: Option<PathBuf>,
    /// Write the page: one HTML file that needs no network
    #[arg(long, value_name = "FILE", required_unless_present = "markdown")]
    pub out: Option<PathBuf>,
    /// Write the summary for a pull request, in Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}

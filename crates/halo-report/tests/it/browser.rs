//! Headless Chromium, one process for each question.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a browser may take for a page; on a busy machine it starts slowly.
const PATIENCE: Duration = Duration::from_secs(90);

/// What to look at a page with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_dark: bool,
}

/// A phone.
pub(crate) const PHONE: Screen = Screen { width: 360, height: 9_000, is_dark: false };
/// A desk.
pub(crate) const DESK: Screen = Screen { width: 1_280, height: 5_000, is_dark: false };

impl Screen {
    pub(crate) fn dark(self) -> Self {
        Self { is_dark: true, ..self }
    }
}

/// The pixels of a screen.
#[derive(PartialEq, Eq)]
pub(crate) struct Picture {
    width: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// How many pixels have this colour, such as `#0072B2`.
    pub(crate) fn count(&self, colour: &str) -> usize {
        let part = |at| u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let wanted = [part(1), part(3), part(5)];
        self.pixels.iter().filter(|pixel| **pixel == wanted).count()
    }
}

/// A browser, and a folder for what it keeps.
pub(crate) struct Browser {
    program: PathBuf,
    folder: TempDir,
}

/// What the browser left of a page.
pub(crate) struct Loaded {
    /// The document after its scripts ran.
    pub(crate) dom: String,
    /// What the console said.
    pub(crate) console: Vec<String>,
}

impl Browser {
    /// The one in HALO_CHROMIUM or on the PATH. `None`, with words, only where somebody set HALO_CHROMIUM=none.
    pub(crate) fn find() -> Option<Self> {
        let named = env::var("HALO_CHROMIUM").unwrap_or_default();
        if named == "none" {
            eprintln!(
                "NOT RUN: HALO_CHROMIUM is `none`, so no browser has seen the page: loading, requests, overflow, colours"
            );
            return None;
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let on_path = || {
            let mut folders = env::split_paths(&path);
            folders.find_map(|folder| {
                names.map(|name| folder.join(name)).into_iter().find(|p| p.is_file())
            })
        };
        let program = if named.is_empty() { on_path() } else { Some(PathBuf::from(named)) };
        let program = program.expect(
            "no browser is here, so nothing of the page was tested in one: install Chromium (Debian: apt-get install \
             chromium) or name it in HALO_CHROMIUM; HALO_CHROMIUM=none leaves these tests out",
        );
        Some(Self { program, folder: TempDir::new().unwrap() })
    }

    /// Writes a page where the browser can open it.
    pub(crate) fn write(&self, name: &str, page: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, page).unwrap();
        path
    }

    fn command(&self, screen: Screen) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-dev-shm-usage",
            ])
            .args([
                "--force-device-scale-factor=1",
                "--force-color-profile=srgb",
                "--virtual-time-budget=3000",
            ])
            .args(["--enable-logging=stderr", "--log-level=0"])
            .arg(format!("--window-size={},{}", screen.width, screen.height))
            .arg(format!("--blink-settings=preferredColorScheme={}", u8::from(!screen.is_dark)))
            .arg(format!("--user-data-dir={}", self.folder.path().join("profile").display()))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, mut command: Command, page: &Path) -> (Vec<u8>, String) {
        let [out, err] = ["stdout", "stderr"].map(|name| self.folder.path().join(name));
        command.arg(format!("file://{}", page.display()));
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        let mut child = command.spawn().unwrap();
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                // A script of the page that waits for somebody would wait for ever.
                None if begun.elapsed() > PATIENCE => {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    panic!(
                        "{} has not come to an end with {}",
                        self.program.display(),
                        page.display()
                    );
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        let said = String::from_utf8_lossy(&fs::read(err).unwrap()).into_owned();
        assert!(status.success(), "{} ended with {status}:\n{said}", self.program.display());
        (fs::read(out).unwrap(), said)
    }

    /// Loads a page.
    pub(crate) fn load(&self, page: &Path, screen: Screen) -> Loaded {
        let mut command = self.command(screen);
        command.arg("--dump-dom");
        let (dom, said) = self.run(command, page);
        let console = said.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned);
        Loaded { dom: String::from_utf8(dom).unwrap(), console: console.collect() }
    }

    /// A page that shows another one as wide as the screen is. No window of Chromium is as narrow as a phone, a frame is;
    /// what the framed page says to it, it writes down.
    pub(crate) fn framed(&self, page: &Path, screen: Screen) -> PathBuf {
        let Screen { width, height, .. } = screen;
        let page = page.file_name().unwrap().to_str().unwrap();
        let text = format!(
            "<!doctype html><meta name=color-scheme content='light dark'>\
             <style>body {{ margin: 0 }} iframe {{ display: block; border: 0 }}</style>\
             <iframe src={page} width={width} height={height}></iframe><pre id=heard></pre>\
             <script>addEventListener('message', event => heard.textContent = event.data)</script>"
        );
        self.write("frame.html", &text)
    }

    /// What a screen shows of a page.
    pub(crate) fn picture(&self, page: &Path, screen: Screen) -> Picture {
        let file = self.folder.path().join("screen.png");
        let page = &self.framed(page, screen);
        let mut command = self.command(screen);
        command.arg(format!("--screenshot={}", file.display()));
        self.run(command, page);
        let png = png::Decoder::new(std::io::BufReader::new(fs::File::open(file).unwrap()));
        let mut reader = png.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let pixels = bytes.chunks_exact(info.color_type.samples()).map(|p| [p[0], p[1], p[2]]);
        let rows: Vec<_> = pixels.collect();
        let pixels =
            rows.chunks(info.width as usize).flat_map(|row| row[..screen.width as usize].to_vec());
        Picture { width: screen.width, pixels: pixels.collect() }
    }

    /// The page on paper.
    pub(crate) fn paper(&self, page: &Path) -> Vec<u8> {
        let file = self.folder.path().join("page.pdf");
        let mut command = self.command(DESK);
        command.arg("--no-pdf-header-footer").arg(format!("--print-to-pdf={}", file.display()));
        self.run(command, page);
        fs::read(file).unwrap()
    }
}

//! A gate before a node: bytes go through as they come, unless who watches it says otherwise.

use std::{
    fmt,
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What becomes of a piece of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    On,
    /// It goes nowhere, and the connection ends.
    Lost,
    /// It goes on; when the answer comes, [`Watch::unheard`] is called, and the connection ends.
    Unheard,
}

/// Who watches a gate.
pub(crate) trait Watch: Send + 'static {
    fn asked(&mut self, bytes: &[u8]) -> Pass;
    fn unheard(&mut self);
}

/// A gate, which is written as its URL.
pub(crate) struct Gate(SocketAddr);

impl Gate {
    /// Before the node at `url`. It stays open as long as the test runs.
    pub(crate) fn before(url: &str, watch: impl Watch) -> Self {
        let node = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let watch = Arc::new(Mutex::new(watch));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&node).unwrap());
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let unheard = Arc::<AtomicBool>::default();
                let (watch, flag) = (Arc::clone(&watch), Arc::clone(&unheard));
                let ends = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let asked = Arc::clone(&watch);
                thread::spawn(move || {
                    pipe(ends.0, ends.1, |bytes| {
                        let pass = asked.lock().unwrap().asked(bytes);
                        flag.fetch_or(pass == Pass::Unheard, Ordering::SeqCst);
                        pass != Pass::Lost
                    })
                });
                thread::spawn(move || {
                    pipe(server, client, |_| {
                        let lost = unheard.load(Ordering::SeqCst);
                        if lost {
                            watch.lock().unwrap().unheard();
                        }
                        !lost
                    })
                });
            }
        });
        Self(at)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

/// Copies from one to the other until one ends or `goes_on` says no; then both end.
fn pipe(mut from: TcpStream, mut to: TcpStream, mut goes_on: impl FnMut(&[u8]) -> bool) {
    let mut piece = vec![0; 1 << 16];
    while let Ok(many @ 1..) = from.read(&mut piece) {
        let bytes = &piece[..many];
        if !goes_on(bytes) || to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

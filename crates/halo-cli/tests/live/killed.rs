//! SIGKILL after every record of the journal.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    gate::{Gate, Pass, Watch},
    place::{Place, run},
    stage::{Live, MANIFEST, bare, signers},
};

/// Of so many transactions, one is killed amid being handed in: the node has it, and its answer is never heard.
const UNHEARD: usize = 5;
/// Of so many steps, one is killed at, as a start takes a second; `HALO_KILL_SHARE=1` kills at all.
const SHARE: usize = 30;
const HAND_IN: &[u8] = b"eth_sendRawTransaction";

/// Kind and step of a record.
type Mark = (String, String);

/// Stands between the program and the node: between any two records the program asks the node something, and there it
/// waits to be killed. So each record is the last of a process once, whatever the machine's pace.
struct Reaper {
    journal: PathBuf,
    /// How far the journal was read, and what it then ended with.
    read: u64,
    last: Option<Mark>,
    signed: Option<String>,
    /// The steps at which it kills, and those of them at which a node's answer to a hand-in is lost.
    steps: BTreeSet<String>,
    unheard: BTreeSet<String>,
    ended: Arc<Mutex<BTreeSet<Mark>>>,
    waits: Sender<()>,
    dead: Receiver<()>,
}

impl Watch for Reaper {
    fn asked(&mut self, bytes: &[u8]) -> Pass {
        self.read_on();
        if self.last.clone().is_some_and(|last| self.is_new(last)) {
            self.kill();
            return Pass::Lost;
        }
        let hand_in = bytes.windows(HAND_IN.len()).any(|part| part == HAND_IN);
        let step = self.signed.clone().filter(|step| hand_in && self.unheard.contains(step));
        match step.is_some_and(|step| self.is_new(("unheard".to_owned(), step))) {
            true => Pass::Unheard,
            false => Pass::On,
        }
    }

    fn unheard(&mut self) {
        self.kill();
    }
}

impl Reaper {
    fn is_new(&self, mark: Mark) -> bool {
        let counts = self.steps.contains(&mark.1) || mark.1.is_empty();
        counts && self.ended.lock().unwrap().insert(mark)
    }

    fn kill(&self) {
        self.waits.send(()).unwrap();
        self.dead.recv().unwrap();
    }

    fn read_on(&mut self) {
        let Ok(mut file) = File::open(&self.journal) else { return };
        let mut text = String::new();
        file.seek(SeekFrom::Start(self.read)).unwrap();
        file.read_to_string(&mut text).unwrap();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            self.read += line.len() as u64;
            let mark = mark(line);
            if mark.0 == "signed" {
                self.signed = Some(mark.1.clone());
            }
            self.last = Some(mark);
        }
    }
}

fn mark(line: &str) -> Mark {
    let record: Value = serde_json::from_str(line).unwrap();
    let record = &record["record"];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (word(&record["kind"]), word(&record["step"]))
}

/// A whole deployment, killed after each record of every so many'th of its steps.
fn killed_at_each(so_many: usize) {
    let live = Live::with_keys();
    let plan = live.plan();
    let before = live.nonces(&signers(&plan));
    let all: Vec<String> = plan["steps"].as_array().unwrap().iter().map(id).collect();
    let part = all.iter().rev().step_by(so_many);
    let lost: BTreeSet<String> = part.clone().step_by(UNHEARD).cloned().collect();
    let part: BTreeSet<String> = part.cloned().collect();
    let (waits, held) = channel();
    let (died, dead) = channel();
    let ended = Arc::<Mutex<BTreeSet<Mark>>>::default();
    let reaper = Reaper {
        journal: live.journal(),
        read: 0,
        last: None,
        signed: None,
        steps: part.clone(),
        unheard: lost.clone(),
        ended: ended.clone(),
        waits,
        dead,
    };
    let gate = Gate::before(&live.anvil.url(), reaper);
    let options = format!("--broadcast --quiet --rpc-url {gate}");

    let (start, mut kills) = (Instant::now(), 0);
    loop {
        let mut command = live.deploy(&options);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let killed = loop {
            match held.recv_timeout(Duration::from_millis(20)) {
                Ok(()) => break true,
                Err(RecvTimeoutError::Timeout) if child.try_wait().unwrap().is_some() => {
                    break false;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the gate ended"),
            }
        };
        if !killed {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "after {kills} kills: {said}");
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        died.send(()).unwrap();
    }
    println!("{kills} kills in {} s", start.elapsed().as_secs());

    // Every record of these steps was the last of a process.
    let text = fs::read_to_string(live.journal()).unwrap();
    let mine = |mark: &Mark| part.contains(&mark.1);
    let records: BTreeSet<Mark> = text.lines().map(mark).filter(mine).collect();
    let ended = ended.lock().unwrap();
    let (unheard, ends): (BTreeSet<_>, BTreeSet<_>) =
        ended.iter().filter(|mark| mine(mark)).cloned().partition(|mark| mark.0 == "unheard");
    assert_eq!(records, ends);
    for kind in ["intent", "signed", "sent", "mined", "confirmed"] {
        let many = ends.iter().filter(|mark| mark.0 == kind).count();
        let lost = if kind == "sent" { lost.len() } else { 0 };
        assert_eq!(many + lost, part.len(), "{kind}");
    }
    assert_eq!(unheard.into_iter().map(|mark| mark.1).collect::<BTreeSet<_>>(), lost);

    // Each transaction once, and the manifest of a deployment that nothing befell.
    let sent = live.nonces(&signers(&plan)) - before;
    assert_eq!(sent, all.len() as u64, "every transaction was sent once");
    let calm = Place::new();
    let mut command = calm.command(["deploy", "--quiet"]);
    run(command.arg(&live.spec).arg("--network").arg(&live.network)).expect(0);
    assert_eq!(bare(&live.place.read(MANIFEST)), bare(&calm.read(MANIFEST)), "byte for byte");
}

fn id(step: &Value) -> String {
    step["id"].as_str().unwrap().to_owned()
}

#[test]
fn killed_after_every_record_it_goes_on() {
    let share = env::var("HALO_KILL_SHARE").map_or(SHARE, |share| share.parse().unwrap());
    killed_at_each(share);
}

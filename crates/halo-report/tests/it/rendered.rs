//! The page as a browser shows it.

use std::path::Path;

use halo_report::{Outcome, page};
use halo_sim::{Options, Run, simulate};
use halo_spec::{Network, Simulation};
use serde_json::Value;

use crate::{
    browser::{Browser, DESK, PHONE, Screen},
    sample::{self, usd},
};

/// A page of this run in a sweep, so that it has every chart.
fn full(run: &Run) -> String {
    let one = Outcome::from(run);
    let sweep: Vec<_> = (0..60)
        .map(|seed| Outcome {
            seed,
            day1_inflow: usd(120_000_000 + seed * (60 - seed) * 41_000),
            ..one
        })
        .collect();
    page(run, &sweep).unwrap()
}

/// What the probe finds in a page. The page's own policy refuses scripts; in the probed copy it lets that one in.
fn probe(browser: &Browser, page: &str, screen: Screen) -> Value {
    let policy = "default-src 'none';";
    assert!(page.contains(policy), "the page has no policy");
    let script = concat!("</title><script>", include_str!("probe.js"), "</script>");
    let page = page
        .replacen(policy, "default-src 'none'; script-src 'unsafe-inline';", 1)
        .replacen("</title>", script, 1);
    let page = browser.write("probed.html", &page);
    let loaded = browser.load(&browser.framed(&page, screen), screen);
    let (_, found) = loaded.dom.split_once("<pre id=\"heard\">").unwrap();
    let (found, _) = found.split_once("</pre>").unwrap();
    assert!(!found.is_empty(), "the probe has not run");
    serde_json::from_str(&decoded(found)).unwrap()
}

/// Text out of its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut parts = text.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn it_loads_without_an_error_or_a_request() {
    let Some(browser) = Browser::find() else { return };
    for run in [sample::run(), sample::hostile(), sample::empty(), sample::absurd()] {
        let page = full(&run);
        let loaded = browser.load(&browser.write("page.html", &page), PHONE);
        assert_eq!(loaded.console, Vec::<String>::new());
        assert!(loaded.dom.contains("<h2>Where the money is</h2>"));
        let found = probe(&browser, &page, PHONE);
        assert_eq!(found["wrong"], Value::Array(vec![]), "{}", run.scenario);
        assert_eq!(found["requests"], Value::Array(vec![]), "{}", run.scenario);
    }
}

/// The test above can fail: its means see a request, an error and a script that they are shown.
#[test]
fn the_probe_sees_what_it_looks_for() {
    let Some(browser) = Browser::find() else { return };
    let page = full(&sample::run());
    let with = |what: &str| page.replacen("<main>", &format!("<main>{what}"), 1);
    let asks = probe(&browser, &with("<img src='http://127.0.0.1:9/x.png'>"), PHONE);
    assert!(asks["wrong"].to_string().contains("img-src: http://127.0.0.1:9/x.png"), "{asks}");
    let loaded = browser.load(&browser.write("page.html", &with("<script>1</script>")), PHONE);
    assert_eq!(loaded.console.len(), 1, "{:?}", loaded.console);
    let wide = probe(&browser, &with("<p style='width: 500px'>wide</p>"), PHONE);
    assert!(wide["tooWide"].to_string().contains("wide"), "{}", wide["tooWide"]);
    assert!(wide["pageWidth"].as_u64().unwrap() > 360);
}

#[test]
fn every_chart_can_be_read_on_a_phone_and_at_a_desk() {
    let Some(browser) = Browser::find() else { return };
    for run in [sample::run(), sample::day1()] {
        let page = full(&run);
        for screen in [PHONE, DESK] {
            let found = probe(&browser, &page, screen);
            assert_eq!(found["width"], screen.width, "the screen has its width");
            assert_eq!(found["pageWidth"], screen.width, "nothing to scroll sideways to");
            assert_eq!(found["tooWide"], Value::Array(vec![]), "{screen:?}");
            let figures = found["figures"].as_array().unwrap();
            assert_eq!(figures.len(), if run.losses.is_empty() { 8 } else { 9 });
            for figure in figures {
                let id = figure["id"].as_str().unwrap();
                assert!(figure["marks"].as_u64().unwrap() > 2, "{id} is empty");
                assert!(figure["rows"].as_u64().unwrap() > 0, "{id} has no data");
                assert!(figure["alt"].as_str().unwrap().len() > 40, "{id} has no words");
                assert!(
                    figure["smallest"].as_f64().unwrap() >= 9.0,
                    "{id}: letters too small, {figure}"
                );
                assert_eq!(
                    figure["cut"],
                    Value::Array(vec![]),
                    "{id}: texts beyond its edge, {screen:?}"
                );
                assert_eq!(
                    figure["touching"],
                    Value::Array(vec![]),
                    "{id}: texts in each other's way"
                );
            }
        }
    }
}

/// What the engine really comes to with a preset.
fn simulated(preset: &str) -> Run {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/scenarios");
    let network = Network::embedded().unwrap();
    let path = folder.join(format!("{preset}.toml"));
    let simulation = Simulation::load(&path, &network, &[]).unwrap().value;
    simulate(&simulation, &Options::default(), |_| {}).unwrap()
}

#[test]
fn real_runs_are_pages_without_a_fault() {
    let Some(browser) = Browser::find() else { return };
    for (preset, charts) in [("day1-tbill", 5), ("clo-loss", 7), ("bank-run", 5)] {
        let run = simulated(preset);
        let found = probe(&browser, &page(&run, &[]).unwrap(), PHONE);
        for faults in ["wrong", "requests", "tooWide"] {
            assert_eq!(found[faults], Value::Array(vec![]), "{preset}");
        }
        let figures = found["figures"].as_array().unwrap();
        assert_eq!(figures.len(), charts, "{preset}");
        for figure in figures {
            assert_eq!(figure["cut"], Value::Array(vec![]), "{preset}, {}", figure["id"]);
            assert_eq!(figure["touching"], Value::Array(vec![]), "{preset}, {}", figure["id"]);
            assert!(figure["rows"].as_u64().unwrap() > 0, "{preset}, {}", figure["id"]);
        }
    }
}

#[test]
fn long_names_do_not_break_it() {
    let Some(browser) = Browser::find() else { return };
    let found = probe(&browser, &full(&sample::hostile()), PHONE);
    assert_eq!(found["pageWidth"], 360);
    assert_eq!(found["tooWide"], Value::Array(vec![]));
}

/// No picture is kept, since fonts differ from machine to machine. What must be on any machine's screen: twice the same,
/// each colour of the drawings in its light or its dark shade, and never the other.
#[test]
fn screens_show_the_charts_in_light_and_in_dark() {
    let Some(browser) = Browser::find() else { return };
    let page = full(&sample::run());
    let path = browser.write("page.html", &page);
    let shades = |from: &str| -> Vec<String> {
        let (_, rest) = page.split_once(from).unwrap();
        let rest = rest.split('}').next().unwrap();
        let names = ["--blue: ", "--orange: ", "--green: ", "--red: ", "--purple: "];
        names.map(|name| rest.split_once(name).unwrap().1[..7].to_owned()).to_vec()
    };
    let light = shades(":root {");
    let dark = shades("(prefers-color-scheme: dark)");
    for screen in [PHONE, DESK] {
        let day = browser.picture(&path, screen);
        assert!(
            day == browser.picture(&path, screen),
            "two pictures of one page differ, {screen:?}"
        );
        let night = browser.picture(&path, screen.dark());
        for (light, dark) in light.iter().zip(&dark) {
            assert!(day.count(light) > 200, "{light} is not on the screen, {screen:?}");
            assert_eq!(day.count(dark), 0, "{dark} is on a light screen");
            assert!(night.count(dark) > 200, "{dark} is not on the screen, {screen:?}");
            assert_eq!(night.count(light), 0, "{light} is on a dark screen");
        }
    }
}

#[test]
fn it_can_be_printed() {
    let Some(browser) = Browser::find() else { return };
    let paper = browser.paper(&browser.write("page.html", &full(&sample::run())));
    assert!(paper.starts_with(b"%PDF"));
    let text = String::from_utf8_lossy(&paper);
    let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page ").count();
    assert!((2..=6).contains(&pages), "{pages} pages");
}

//! The files of this repository: they load, and they mean what they should.

use std::path::{Path, PathBuf};

use halo_spec::{ClassSpec, Network, Scenario, Starter, amount};

fn deployments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments")
}

fn say<T>(loaded: halo_spec::Result<T>) -> T {
    loaded.unwrap_or_else(|e| panic!("{:?}", miette::Report::new(e)))
}

#[test]
fn networks_load() {
    let embedded = say(Network::embedded());
    assert_eq!((embedded.chain_id, embedded.production, embedded.primes.len()), (1337, false, 5));
    let mainnet = say(Network::mainnet());
    assert_eq!((mainnet.chain_id, mainnet.production, mainnet.primes.len()), (1, true, 5));
    // What is on both is at the same place.
    assert_eq!(embedded.sky, mainnet.sky);
}

#[test]
fn specs_load() {
    let network = say(Network::embedded());
    for starter in Starter::ALL {
        let path = deployments().join(format!("specs/{}.toml", starter.word()));
        let file = say(ClassSpec::load(&path, &network));
        let scenario = say(Scenario::day1(&network, &file.value.asset));
        assert_eq!(scenario.value.primes.len(), 5);
        // What `halo init` writes is the same file.
        let started = say(ClassSpec::parse("new.toml", starter.spec(), &network, &starter));
        assert_eq!(started.value.hash(), file.value.hash());
    }
}

/// Day 1 brings hundreds of millions, and not the same limit binds for every Prime.
#[test]
fn day_one_is_large_and_varied() {
    let network = say(Network::embedded());
    let usds = network.token("USDS").unwrap();
    let day = say(Scenario::day1(&network, usds)).value;
    let mut total = alloy_primitives::U256::ZERO;
    let mut binding = Vec::new();
    for entry in &day.primes {
        let limits = [
            ("appetite", entry.appetite),
            ("deposit", entry.deposit.max),
            ("ceiling", entry.ceiling.gap.min(entry.ceiling.line)),
            ("mint", entry.mint.max),
        ];
        let (name, least) = limits.into_iter().min_by_key(|(_, value)| *value).unwrap();
        total += least;
        binding.push((entry.prime.slug.as_str(), name));
    }
    assert_eq!(
        binding,
        [
            ("spark", "deposit"),
            ("grove", "appetite"),
            ("obex", "ceiling"),
            ("pattern", "appetite"),
            ("keel", "ceiling"),
        ]
    );
    assert_eq!(amount::format(total, usds), "440_000_000 USDS");
}

/// Against the chainlog, when the shared data are there.
#[test]
fn mainnet_agrees_with_the_chainlog() {
    let path = deployments().join("../../shared/data/chainlog_mainnet.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("did not run: no {}", path.display());
        return;
    };
    let log: std::collections::BTreeMap<String, alloy_primitives::Address> =
        serde_json::from_str(&text).unwrap();
    let net = say(Network::mainnet());
    let sky = &net.sky;
    let mut expected = vec![
        ("CHANGELOG", sky.chainlog),
        ("USDS", sky.usds),
        ("SUSDS", sky.susds),
        ("MCD_DAI", sky.dai),
        ("USDC", sky.usdc),
        ("DAI_USDS", sky.dai_usds),
        ("MCD_LITE_PSM_USDC_A", sky.lite_psm),
        ("MCD_LITE_PSM_USDC_A_POCKET", sky.lite_psm_pocket),
        ("WRAPPER_USDS_LITE_PSM_USDC_A", sky.psm_wrapper),
        ("MCD_PAUSE_PROXY", net.governance.pause_proxy),
    ]
    .into_iter()
    .map(|(name, address)| (name.to_owned(), address))
    .collect::<Vec<_>>();
    for prime in &net.primes {
        let upper = prime.slug.to_uppercase();
        let ilk = prime.ilk.replace('-', "_");
        expected.push((format!("{ilk}_VAULT"), prime.vault));
        expected.push((format!("{ilk}_BUFFER"), prime.buffer));
        expected.push((format!("{upper}_SUBPROXY"), prime.sub_proxy));
        expected.push((format!("{upper}_STARGUARD"), prime.star_guard.unwrap()));
    }
    for (name, address) in expected {
        assert_eq!(log.get(&name), Some(&address), "{name}");
    }
}

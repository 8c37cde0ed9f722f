//! The files of this repository: they load, and they mean what they should.

use std::path::{Path, PathBuf};

use halo_spec::{ClassSpec, Network, Scenario, Starter};

pub(crate) fn deployments() -> PathBuf {
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
        println!("{:?}", miette::Report::new(file.problems()));
        let scenario = say(Scenario::day1(&network, &file.value.asset));
        assert_eq!(scenario.value.primes.len(), 5);
        // What `halo init` writes is the same file.
        let started = say(ClassSpec::parse("new.toml", starter.spec(), &network, &starter));
        assert_eq!(started.value.hash(), file.value.hash());
    }
}

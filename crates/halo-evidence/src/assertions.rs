//! What a plan promises, as a forge test that somebody else can run and as facts that `halo verify --assertions` runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, U256};
use halo_chain::Chain;
use halo_deploy::{Check, Contract, Fact, Form, Manifest, Plan, Powerless, Role, roles};
use halo_governance::solidity_text;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The schema that [`Assertions::schema`] names.
pub const ASSERTIONS_SCHEMA: &str = "halo.assertions/1";

/// What must hold when a Unit is deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertions {
    /// [`ASSERTIONS_SCHEMA`].
    pub schema: String,
    /// The Unit: its chain, Class and slug.
    pub unit: String,
    /// The chain's EIP-155 id.
    pub chain_id: u64,
    /// keccak-256 of the spec.
    pub spec_hash: B256,
    /// Who deployed, and must hold nothing.
    pub deployers: Vec<Address>,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// The files of a Unit's assertions.
#[derive(Clone, Debug, Serialize)]
pub struct Files {
    /// The forge test.
    pub test: PathBuf,
    /// The same as facts.
    pub facts: PathBuf,
}

impl Assertions {
    /// What a manifest promises. `deployers` are the accounts that signed and must be left with nothing.
    #[must_use]
    pub fn of(manifest: &Manifest, deployers: &[Address]) -> Self {
        let mut facts: Vec<Fact> = manifest.facts().collect();
        // Time passes: how fresh a heartbeat is, and what waits in the timelock, is no promise of the deployment.
        facts.retain(|fact| !matches!(fact, Fact::Heartbeat(_) | Fact::Scheduled(_)));
        for contract in &manifest.contracts {
            // The code of a template behind its clones has no members at all.
            if !contract.name.starts_with("core/implementation/") {
                facts.extend(deployers.iter().filter_map(|one| powerless(contract, *one)));
            }
        }
        Self {
            schema: ASSERTIONS_SCHEMA.to_owned(),
            unit: format!("{}/{}/{}", manifest.chain, manifest.class.slug, manifest.unit.slug),
            chain_id: manifest.chain_id,
            spec_hash: manifest.spec_hash,
            deployers: deployers.to_vec(),
            facts,
        }
    }

    /// Reads them from a file.
    ///
    /// # Errors
    /// It cannot be read, or is not what [`Assertions::write`] writes.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::file(path))?;
        let malformed = |what: &dyn ToString| {
            let remedy = "give the .json that `halo generate assertions` wrote";
            Error::malformed(path.display().to_string(), what.to_string(), remedy)
        };
        let read: Self = serde_json::from_str(&text).map_err(|error| malformed(&error))?;
        if read.schema != ASSERTIONS_SCHEMA {
            return Err(malformed(&format!("its schema is not {ASSERTIONS_SCHEMA}")));
        }
        if read.facts.is_empty() {
            return Err(malformed(&"it asserts nothing, so nothing could fail"));
        }
        Ok(read)
    }

    /// Looks every fact up.
    ///
    /// # Errors
    /// When the chain cannot be asked.
    pub async fn check<C: Chain>(&self, chain: &C) -> Result<Vec<Check>> {
        let (expected, found) = (self.chain_id.to_string(), chain.chain_id().await?.to_string());
        let holds = expected == found;
        let mut checks = vec![Check { id: "chain-id".to_owned(), holds, expected, found }];
        for fact in &self.facts {
            checks.push(fact.check(chain).await?);
        }
        Ok(checks)
    }

    /// The forge test: code, roles, who holds none, limits and wiring. It starts from the genesis file that `HALO_WORLD`
    /// names, or else from the node at `ETH_RPC_URL`. It imports nothing.
    #[must_use]
    pub fn solidity(&self) -> String {
        let mut tests: BTreeMap<&str, (usize, String)> = BTreeMap::new();
        for (test, lines) in self.facts.iter().filter_map(statement) {
            let (count, body) = tests.entry(test).or_default();
            *count += 1;
            body.push_str(&lines);
        }
        let mut out = HEAD.replace("{unit}", &solidity_text(&self.unit));
        out = out.replace("{chain}", &self.chain_id.to_string());
        let _ = writeln!(
            out,
            "        require(block.chainid == {}, \"another chain\");\n    }}",
            self.chain_id
        );
        for (test, (count, body)) in tests {
            let _ = write!(
                out,
                "\n    /// {count} assertions.\n    function test_{test}() external view {{\n{body}    }}\n"
            );
        }
        out + TAIL
    }

    /// Writes the test and the facts into a folder.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&self, out: &Path) -> Result<Files> {
        fs::create_dir_all(out).map_err(Error::file(out))?;
        let name = self.unit.rsplit('/').next().unwrap_or_default();
        let files = Files {
            test: out.join(format!("{name}.t.sol")),
            facts: out.join(format!("{name}.assertions.json")),
        };
        let facts = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        for (path, text) in [(&files.test, self.solidity()), (&files.facts, facts)] {
            fs::write(path, text).map_err(Error::file(path))?;
        }
        Ok(files)
    }
}

/// Who signs what does not depend on who signs it, and must be left with nothing.
#[must_use]
pub fn deployers(plan: &Plan) -> Vec<Address> {
    let signers = plan.steps.iter().map(|step| &step.signer);
    let all: BTreeSet<Address> =
        signers.filter(|one| one.role == Role::Deployer).map(|one| one.address).collect();
    all.into_iter().collect()
}

/// That a deployer holds no role of a contract; `None` where there is none to hold.
pub(crate) fn powerless(contract: &Contract, deployer: Address) -> Option<Fact> {
    let known = roles::of(&contract.template);
    if known.is_empty() || contract.form == Form::Blob {
        return None;
    }
    Some(Fact::Powerless(Powerless {
        holder: "deployer".to_owned(),
        holder_address: deployer,
        contract: contract.name.clone(),
        address: contract.address,
        roles: known.iter().map(|role| (*role).to_owned()).collect(),
    }))
}

/// In which test a fact is asserted, and how.
fn statement(fact: &Fact) -> Option<(&'static str, String)> {
    let id = solidity_text(&fact.id());
    let mut out = String::new();
    let test = match fact {
        Fact::Code(it) => {
            let _ = writeln!(out, "        _code({}, {}, \"{id}\");", it.address, it.code_hash);
            "code"
        }
        Fact::Roles(it) => {
            let _ = writeln!(
                out,
                "        {{\n            address[] memory members = new address[]({});",
                it.members.len()
            );
            for (at, member) in it.members.iter().enumerate() {
                let _ = writeln!(out, "            members[{at}] = {member};");
            }
            let _ = writeln!(
                out,
                "            _members({}, {}, members, \"{id}\");\n        }}",
                it.address, it.id
            );
            "roles"
        }
        Fact::Powerless(it) => {
            for role in &it.roles {
                let _ = writeln!(
                    out,
                    "        _powerless({}, {}, {}, \"{id}/{}\");",
                    it.address,
                    roles::id(role),
                    it.holder_address,
                    solidity_text(role)
                );
            }
            "powerless"
        }
        Fact::Limit(it) => {
            let _ = writeln!(
                out,
                "        _limit({}, {}, {}, {}, \"{id}\");",
                it.address,
                it.key,
                number(it.max),
                number(it.slope)
            );
            "limits"
        }
        Fact::Wiring(it) => {
            let _ = writeln!(out, "        _wiring({}, {}, \"{id}\");", it.address, it.hash);
            "wiring"
        }
        _ => return None,
    };
    Some((test, out))
}

fn number(value: U256) -> String {
    if value == U256::MAX { "type(uint256).max".to_owned() } else { value.to_string() }
}

const HEAD: &str = r#"// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

interface VmLike {
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function envString(string calldata name) external view returns (string memory);
    function loadAllocs(string calldata path) external;
    function chainId(uint256 id) external;
    function createSelectFork(string calldata url) external returns (uint256);
}

interface RolesLike {
    function getRoleMembers(bytes32 role) external view returns (address[] memory);
    function hasRole(bytes32 role, address account) external view returns (bool);
}

struct RateLimitLike {
    uint256 maxAmount;
    uint256 slope;
    uint256 lastAmount;
    uint256 lastUpdated;
}

interface RateLimitsLike {
    function getRateLimitData(bytes32 key) external view returns (RateLimitLike memory);
}

interface WiredLike {
    function wiringHash() external view returns (bytes32);
}

/// What the plan of {unit} promises. Written by `halo generate assertions`; never by hand.
/// Run it with HALO_WORLD=file (a genesis file) or ETH_RPC_URL=url (a live chain).
contract AssertionsTest {
    VmLike private constant VM = VmLike(address(uint160(uint256(keccak256("hevm cheat code")))));

    function setUp() external {
        string memory world = VM.envOr("HALO_WORLD", "");
        if (bytes(world).length != 0) {
            VM.loadAllocs(world);
            VM.chainId({chain});
        } else {
            VM.createSelectFork(VM.envString("ETH_RPC_URL"));
        }
"#;

const TAIL: &str = r#"
    function _code(address at, bytes32 hash, string memory what) private view {
        require(at.codehash == hash, what);
    }

    /// The members are exactly these, in any order; both lists hold nobody twice.
    function _members(address at, bytes32 role, address[] memory members, string memory what) private view {
        address[] memory found = RolesLike(at).getRoleMembers(role);
        require(found.length == members.length, what);
        for (uint256 i; i < members.length; i++) {
            require(RolesLike(at).hasRole(role, members[i]), what);
        }
    }

    function _powerless(address at, bytes32 role, address account, string memory what) private view {
        require(!RolesLike(at).hasRole(role, account), what);
    }

    function _limit(address at, bytes32 key, uint256 max, uint256 slope, string memory what) private view {
        RateLimitLike memory found = RateLimitsLike(at).getRateLimitData(key);
        require(found.maxAmount == max && found.slope == slope, what);
    }

    function _wiring(address at, bytes32 hash, string memory what) private view {
        require(WiredLike(at).wiringHash() == hash, what);
    }
}
"#;

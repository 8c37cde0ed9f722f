//! Source verification on explorers: Etherscan (v2, one endpoint for all chains) and Blockscout, which takes the same
//! calls. It stands apart from deploying and may be repeated: what is verified already is left alone.

use std::{collections::BTreeSet, fs, time::Duration};

use alloy_primitives::{Address, keccak256};
use foundry_block_explorers::{
    Client, Response,
    errors::EtherscanError,
    verify::{CodeFormat, VerifyContract},
};
use halo_deploy::{Form, Manifest};
use halo_templates::{Lock, Template, Tree};
use serde::Serialize;

use crate::{Error, Result};

/// How long and how often an explorer is asked.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between two questions.
    pub pause: Duration,
    /// How many questions about one contract.
    pub tries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { pause: Duration::from_secs(5), tries: 24 }
    }
}

/// How it went with one contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The contract's name in the plan.
    pub contract: String,
    /// Its address.
    pub address: Address,
    /// Its template.
    pub template: String,
    /// What the explorer has now.
    pub state: State,
}

/// What an explorer has of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "why", rename_all = "kebab-case")]
pub enum State {
    /// It verified the source now.
    Verified,
    /// It had it already.
    Already,
    /// It has not decided yet; ask again later.
    Pending,
    /// It does not accept the source.
    Refused(String),
}

/// An explorer's interface.
#[derive(Debug)]
pub struct Explorer {
    client: Client,
    patience: Patience,
}

impl Explorer {
    /// The explorer at `url`, such as `https://api.etherscan.io/v2/api` or `https://eth.blockscout.com/api`. Etherscan
    /// is told the chain. The key is sent with each call, and is in no error.
    ///
    /// # Errors
    /// The URL is none.
    pub fn new(
        url: &str,
        chain: Option<u64>,
        key: Option<String>,
        patience: Patience,
    ) -> Result<Self> {
        let malformed = |error: EtherscanError| {
            Error::malformed("--url", words(&error), "give the URL of the explorer's API")
        };
        let full = match chain {
            Some(chain) if url.contains('?') => format!("{url}&chainid={chain}"),
            Some(chain) => format!("{url}?chainid={chain}"),
            None => url.to_owned(),
        };
        let mut builder = Client::builder()
            .with_api_url(full.as_str())
            .and_then(|builder| builder.with_url(url))
            .map_err(malformed)?;
        if let Some(key) = key {
            builder = builder.with_api_key(key);
        }
        Ok(Self { client: builder.build().map_err(malformed)?, patience })
    }

    /// Publishes the sources of every contract of a manifest that has a constructor run: clones are proxies of these, and
    /// explorers find that by themselves. `note` hears of each.
    ///
    /// # Errors
    /// A frozen input is not the locked one; the explorer cannot be reached or does not take the key.
    pub async fn publish(
        &self,
        manifest: &Manifest,
        tree: &Tree,
        mut note: impl FnMut(&Published),
    ) -> Result<Vec<Published>> {
        let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
        for contract in &manifest.contracts {
            if contract.form != Form::Instance || !seen.insert(contract.address) {
                continue;
            }
            let template = Template::get(&contract.template).map_err(|unknown| {
                Error::malformed(&contract.name, unknown, "verify the manifest first")
            })?;
            let source = frozen(template, tree)?;
            let name = format!("{}:{}", template.source(), template.name());
            let compiler = format!("v{}", Lock::embedded().compiler.solc);
            let request = VerifyContract::new(contract.address, name, source, compiler)
                .code_format(CodeFormat::StandardJsonInput)
                .constructor_arguments(Some(contract.arguments.to_string()));
            let published = Published {
                contract: contract.name.clone(),
                address: contract.address,
                template: contract.template.clone(),
                state: self.submit(&request).await?,
            };
            note(&published);
            all.push(published);
        }
        Ok(all)
    }

    /// Submits and waits for the verdict, as long as patience lasts. A busy explorer is asked again.
    async fn submit(&self, request: &VerifyContract) -> Result<State> {
        let mut ticket: Option<String> = None;
        for turn in 0..self.patience.tries {
            if turn > 0 {
                tokio::time::sleep(self.patience.pause).await;
            }
            let answer = match &ticket {
                None => self.client.submit_contract_verification(request).await,
                Some(ticket) => self.client.check_contract_verification_status(ticket).await,
            };
            let answer = match answer {
                Ok(answer) => answer,
                Err(EtherscanError::RateLimitExceeded) => continue,
                Err(EtherscanError::ErrorResponse { result, message, status }) => {
                    Response { status, message, result: result.unwrap_or_default() }
                }
                Err(error) => return Err(outside(&error)),
            };
            match understood(&answer, ticket.is_some()) {
                Answer::Ticket => ticket = Some(answer.result),
                Answer::Wait => {}
                Answer::Is(state) => return Ok(state),
                Answer::Key => return Err(outside(&EtherscanError::InvalidApiKey)),
            }
        }
        Ok(State::Pending)
    }
}

enum Answer {
    Ticket,
    Wait,
    Key,
    Is(State),
}

/// What an answer means. Explorers say it in prose, and Blockscout in other prose than Etherscan.
fn understood(answer: &Response<String>, has_ticket: bool) -> Answer {
    let said = answer.result.to_lowercase();
    if said.contains("already verified") {
        return Answer::Is(State::Already);
    }
    if said.contains("invalid api key") {
        return Answer::Key;
    }
    // The explorer has not seen the block of the contract yet, or is busy.
    let busy = ["pending", "in progress", "unable to locate contractcode", "rate limit"];
    if busy.iter().any(|word| said.contains(word)) {
        return Answer::Wait;
    }
    if has_ticket {
        let passed = said.starts_with("pass");
        return Answer::Is(if passed {
            State::Verified
        } else {
            State::Refused(plain(&answer.result))
        });
    }
    let is_ticket = answer.status == "1"
        && !answer.result.is_empty()
        && answer.result.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_ticket { Answer::Ticket } else { Answer::Is(State::Refused(plain(&answer.result))) }
}

/// The standard JSON input that the template was frozen from.
fn frozen(template: &Template, tree: &Tree) -> Result<String> {
    let path = tree.input_path(template.name());
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    if keccak256(&text) != template.locked().input {
        return Err(Error::malformed(
            path.display().to_string(),
            "it is not the input that the lock names",
            "check the sources out again, at the version of this program",
        ));
    }
    Ok(text)
}

fn outside(error: &EtherscanError) -> Error {
    Error::Explorer { what: words(error) }
}

/// An error's words without URLs, which may hold keys.
fn words(error: &EtherscanError) -> String {
    match error {
        EtherscanError::Reqwest(error) if error.is_timeout() => {
            "it does not answer in time".to_owned()
        }
        EtherscanError::Reqwest(error) if error.is_connect() => "it cannot be reached".to_owned(),
        EtherscanError::Reqwest(_) => "it does not answer as HTTP should".to_owned(),
        EtherscanError::Serde { content, .. } => {
            format!("its answer is not understood: {}", plain(content))
        }
        EtherscanError::InvalidApiKey => "it does not take the API key".to_owned(),
        other => plain(&other.to_string()),
    }
}

/// Text from outside: one line, without what a terminal would act on, and not too long.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: &str, result: &str) -> Response<String> {
        Response { status: status.into(), message: String::new(), result: result.into() }
    }

    #[test]
    fn prose_is_understood() {
        let state = |status, result, ticket| match understood(&answer(status, result), ticket) {
            Answer::Ticket => "ticket".to_owned(),
            Answer::Wait => "wait".to_owned(),
            Answer::Key => "key".to_owned(),
            Answer::Is(state) => format!("{state:?}"),
        };
        assert_eq!(
            state("1", "a7lpxkm9kpcpicx7daftmjifrfhiuhf5vqqnawhkfhzfrcpnxj", false),
            "ticket"
        );
        assert_eq!(state("0", "Contract source code already verified", false), "Already");
        assert_eq!(state("0", "Already Verified", true), "Already");
        assert_eq!(state("0", "Pending in queue", true), "wait");
        assert_eq!(state("0", "Unable to locate ContractCode at 0x00", false), "wait");
        assert_eq!(state("1", "Pass - Verified", true), "Verified");
        assert_eq!(state("0", "Missing/Invalid API Key", false), "key");
        assert_eq!(
            state("0", "Fail - Unable to verify", true),
            "Refused(\"Fail - Unable to verify\")"
        );
        assert_eq!(state("0", "Bad\u{1b}[2J", false), "Refused(\"Bad [2J\")");
    }
}

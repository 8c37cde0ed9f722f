//! Keys that sign transactions. None is ever shown: not by `Debug`, not in an error.

use alloy::{
    eips::eip2718::Encodable2718,
    network::{Ethereum, EthereumWallet, NetworkTransactionBuilder, NetworkWallet},
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
};
use alloy_primitives::{Address, B256, Bytes, hex};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not a private key.
    #[error(
        "{source_name} does not hold a private key: 64 hex digits are expected, `0x` before them or not"
    )]
    Malformed {
        /// Where it was read from.
        source_name: String,
    },
    /// The file is not an encrypted keystore, or the password is not its own.
    #[error("{}: {fault}", path.display())]
    Keystore {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The key could not sign.
    #[error("the key of {of} could not sign: {fault}")]
    Sign {
        /// Whose.
        of: Address,
        /// Why.
        fault: String,
    },
    /// There is no key for this address.
    #[error("no key for {of} was given")]
    Missing {
        /// Whose.
        of: Address,
    },
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Its hash.
    pub hash: B256,
    /// The bytes that are sent.
    pub raw: Bytes,
}

/// The keys that we hold, by their addresses.
#[derive(Clone, Default)]
pub struct Keys {
    wallet: EthereumWallet,
}

impl Keys {
    /// Takes a private key; `source_name` is what errors call the place that it came from.
    ///
    /// # Errors
    /// When `secret` is none.
    pub fn add_secret(&mut self, secret: &str, source_name: &str) -> Result<Address, KeyError> {
        let malformed = || KeyError::Malformed { source_name: source_name.to_owned() };
        let bytes = hex::decode(secret.trim()).map_err(|_| malformed())?;
        let key = PrivateKeySigner::from_slice(&bytes).map_err(|_| malformed())?;
        Ok(self.add(key))
    }

    /// Takes the key of an encrypted keystore file (Web3 Secret Storage).
    ///
    /// # Errors
    /// When the file is none, or was changed, or the password is wrong.
    pub fn add_keystore(&mut self, path: &Path, password: &str) -> Result<Address, KeyError> {
        let key = PrivateKeySigner::decrypt_keystore(path, password).map_err(|error| {
            let fault = match error.to_string() {
                wrong if wrong.contains("Mac Mismatch") => {
                    "the password is wrong, or the file was changed".to_owned()
                }
                other => other,
            };
            KeyError::Keystore { path: path.to_owned(), fault }
        })?;
        Ok(self.add(key))
    }

    /// Takes the account of a Ledger at a place of Ledger Live's derivation path, 0 for the first.
    ///
    /// # Errors
    /// When no device answers.
    #[cfg(feature = "ledger")]
    pub async fn add_ledger(&mut self, place: usize) -> Result<Address, KeyError> {
        use alloy::signers::ledger::{HDPath, LedgerSigner};
        let opened = LedgerSigner::new(HDPath::LedgerLive(place), None).await;
        let ledger = opened.map_err(|error| KeyError::Sign {
            of: Address::ZERO,
            fault: format!("the Ledger does not answer: {error}"),
        })?;
        let address = alloy::signers::Signer::address(&ledger);
        self.wallet.register_signer(ledger);
        Ok(address)
    }

    fn add(&mut self, key: PrivateKeySigner) -> Address {
        let address = key.address();
        self.wallet.register_signer(key);
        address
    }

    /// Whether there is a key for `address`.
    pub fn holds(&self, address: Address) -> bool {
        NetworkWallet::<Ethereum>::has_signer_for(&self.wallet, &address)
    }

    /// The addresses that there are keys for.
    pub fn addresses(&self) -> Vec<Address> {
        let mut all: Vec<_> = NetworkWallet::<Ethereum>::signer_addresses(&self.wallet).collect();
        all.sort_unstable();
        all
    }

    /// Signs a complete request as its sender.
    pub(super) async fn sign(&self, request: TransactionRequest) -> Result<Signed, KeyError> {
        let of = request.from.unwrap_or_default();
        if !self.holds(of) {
            return Err(KeyError::Missing { of });
        }
        let signed = NetworkTransactionBuilder::<Ethereum>::build(request, &self.wallet).await;
        let signed = signed.map_err(|error| KeyError::Sign { of, fault: error.to_string() })?;
        Ok(Signed { hash: *signed.tx_hash(), raw: signed.encoded_2718().into() })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("of", &self.addresses()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::address;

    const SECRET: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    #[test]
    fn a_key_is_known_by_its_address_and_shown_nowhere() {
        let mut keys = Keys::default();
        let at = keys.add_secret(&format!("0x{SECRET}\n"), "HALO_KEY").unwrap();
        assert_eq!(at, address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
        assert!(keys.holds(at) && !keys.holds(Address::ZERO));
        assert!(!format!("{keys:?}").contains(SECRET));
        let wrong = keys.add_secret(&format!("{SECRET}00"), "HALO_KEY").unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains(SECRET), "{wrong}");
    }

    #[test]
    fn a_keystore_opens_with_its_password_alone_and_not_after_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let secret = hex::decode(SECRET).unwrap();
        let mut random = rand::thread_rng();
        let made = PrivateKeySigner::encrypt_keystore(
            folder.path(),
            &mut random,
            secret,
            "open sesame",
            Some("key"),
        );
        made.unwrap();
        let path = folder.path().join("key");
        let mut keys = Keys::default();
        keys.add_keystore(&path, "open sesame").unwrap();
        let wrong = keys.add_keystore(&path, "open says me").unwrap_err().to_string();
        assert!(wrong.contains("password is wrong"), "{wrong}");

        let text = std::fs::read_to_string(&path).unwrap();
        let at = text.find("\"ciphertext\":\"").unwrap() + 14;
        let other = if &text[at..=at] == "0" { "1" } else { "0" };
        std::fs::write(&path, [&text[..at], other, &text[at + 1..]].concat()).unwrap();
        let wrong = keys.add_keystore(&path, "open sesame").unwrap_err().to_string();
        assert!(wrong.contains("was changed") && wrong.contains("key"), "{wrong}");
        std::fs::write(&path, "{}").unwrap();
        keys.add_keystore(&path, "open sesame").unwrap_err();
    }
}

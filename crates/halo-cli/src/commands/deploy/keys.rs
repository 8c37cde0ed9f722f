//! The keys that the person gives: in the environment, in keystores, on a device. Never as arguments.

use std::{
    env, fs,
    io::{self, IsTerminal},
};

use halo_chain::node::{KeyError, Keys};
use halo_deploy::{Plan, Road, Step, send::Hands};
use miette::miette;

use crate::{args::SendArgs, exit::Failure};

/// A private key, and with `_` and any name after it another.
const KEY: &str = "HALO_KEY";
const PASSWORD: &str = "HALO_KEYSTORE_PASSWORD";

/// All keys that there are, and the leave to do without on a development chain.
pub(super) async fn hands(args: &SendArgs, chain_id: u64) -> Result<Hands, Failure> {
    let mut keys = Keys::default();
    for (name, value) in env::vars_os() {
        let Some(name) = name.to_str().filter(|name| is_key(name)) else { continue };
        let value = value.to_str().unwrap_or_default();
        keys.add_secret(value, name).map_err(unusable)?;
    }
    for path in &args.keystore {
        let password = password(args, &path.display().to_string())?;
        keys.add_keystore(path, &password).map_err(unusable)?;
    }
    #[cfg(feature = "ledger")]
    if let Some(place) = args.ledger {
        keys.add_ledger(place).await.map_err(|error| Failure::outside(miette!("{error}")))?;
    }
    match args.dev_impersonate {
        true => Ok(Hands::impersonating(keys, chain_id)?),
        false => Ok(Hands::keys(keys)),
    }
}

fn is_key(name: &str) -> bool {
    name == KEY
        || name.strip_prefix(KEY).is_some_and(|rest| rest.starts_with('_') && rest.len() > 1)
}

fn unusable(error: KeyError) -> Failure {
    Failure::input(miette!("{error}"))
}

fn password(args: &SendArgs, of: &str) -> Result<String, Failure> {
    if let Some(path) = &args.password_file {
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::outside(miette!("cannot read the password file {}: {error}", path.display()))
        })?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if let Ok(password) = env::var(PASSWORD) {
        return Ok(password);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::input(miette!(
            help = format!("name a file with --password-file, or set {PASSWORD}"),
            "the keystore {of} needs its password, and there is no terminal to ask at"
        )));
    }
    rpassword::prompt_password(format!("Password of {of}: "))
        .map_err(|error| Failure::outside(miette!("the password could not be read: {error}")))
}

/// Refuses to begin what cannot be gone through with: a step whose key is not there, or the key on the road to a signer
/// that has none.
pub(super) fn refuse_missing(plan: &Plan, steps: &[&Step], hands: &Hands) -> Result<(), Failure> {
    let mut lines: Vec<String> = Vec::new();
    for step in steps {
        let signer = &step.signer;
        let key = match plan.road(signer.address) {
            None => signer.address,
            Some(Road::Timelock { proposer, .. }) => *proposer,
            Some(Road::Spell { sender, .. }) => *sender,
            Some(Road::Safe { .. }) => continue,
        };
        let line = match key == signer.address {
            true => format!("{} {key}", signer.role),
            false => format!("{key}, on the way to the {} of {}", signer.means, signer.role),
        };
        if !hands.reach(key) && !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    Err(Failure::input(miette!(
        help = format!(
            "set {KEY} or {KEY}_<NAME>, or name a keystore with --keystore; nothing was sent"
        ),
        "there is no key for:\n  {}",
        lines.join("\n  ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_keys() {
        assert!(is_key("HALO_KEY") && is_key("HALO_KEY_PRIME"));
        assert!(!is_key("HALO_KEYSTORE_PASSWORD") && !is_key("HALO_KEY_") && !is_key("HALO_KEYS"));
    }
}

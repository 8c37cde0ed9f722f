//! Reading instance configuration documents: the rate limits as they are worded, and their ids.

use alloy_primitives::{Address, B256};
use serde::Serialize;

/// Which way a limit lets value flow, seen from the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Into it; the Atlas also says Deposit.
    Inflow,
    /// Out of it; the Atlas also says Withdrawal.
    Outflow,
    /// One token for another.
    Swap,
    /// To a fixed address.
    Transfer,
    /// Out of a queue, before anything is converted.
    Exit,
}

impl Direction {
    const WORDS: [(&str, Self); 8] = [
        ("Inflow", Self::Inflow),
        ("Deposit", Self::Inflow),
        ("Outflow", Self::Outflow),
        ("Withdrawal", Self::Outflow),
        ("Swap", Self::Swap),
        ("TransferAssets", Self::Transfer),
        ("TransferAsset", Self::Transfer),
        ("Exit", Self::Exit),
    ];

    /// The word in the titles of documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inflow => "Inflow",
            Self::Outflow => "Outflow",
            Self::Swap => "Swap",
            Self::Transfer => "TransferAssets",
            Self::Exit => "Exit",
        }
    }

    /// The direction of a limit of a plan, by its label.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        Some(match label.split('(').next().unwrap_or_default() {
            "LIMIT_7540_DEPOSIT"
            | "LIMIT_4626_DEPOSIT"
            | "LIMIT_OFFRAMP_SEND"
            | "LIMIT_LCTS_FUND_REDEEM"
            | "LIMIT_USDS_MINT" => Self::Inflow,
            "LIMIT_7540_REDEEM" | "LIMIT_4626_WITHDRAW" | "LIMIT_OFFRAMP_RETURN" => Self::Outflow,
            "LIMIT_USDS_TO_USDC" => Self::Swap,
            "LIMIT_ASSET_TRANSFER" => Self::Transfer,
            "LIMIT_LCTS_EXIT" => Self::Exit,
            _ => return None,
        })
    }
}

/// The last argument of a limit's label, `custodian` of `LIMIT_OFFRAMP_SEND(USDC, custodian)`; `None` where it has none.
#[must_use]
pub fn target(label: &str) -> Option<&str> {
    let (_, arguments) = label.split_once('(')?;
    arguments.trim_end_matches(')').rsplit(", ").next().filter(|last| !last.is_empty())
}

/// A rate limit's id in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", content = "text", rename_all = "kebab-case")]
pub enum WrittenId {
    /// The id.
    Key(B256),
    /// Words where the id should be.
    Placeholder(String),
    /// There is no such document.
    Missing,
}

/// A rate limit as a document words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenLimit {
    /// The title of its instance configuration document.
    pub instance: String,
    /// Its direction.
    pub direction: Direction,
    /// Its id.
    pub id: WrittenId,
    /// The text of `maxAmount`.
    pub max: Option<String>,
    /// The text of `slope`.
    pub slope: Option<String>,
    /// The line of its title, from 1.
    pub line: usize,
    /// Every address that the instance names.
    pub addresses: Vec<Address>,
}

/// What the lines under a title are about.
enum Section {
    Other,
    Id(Direction),
    Limits(Direction),
}

/// The limits of all instance configuration documents in a text, in their order.
///
/// # Errors
/// Says the line: an id or limits with a direction that is not known, or stated twice.
pub fn read(text: &str) -> Result<Vec<WrittenLimit>, String> {
    let mut limits: Vec<WrittenLimit> = Vec::new();
    let (mut instance, mut first, mut section) = (String::new(), 0, Section::Other);
    let mut addresses: Vec<Address> = Vec::new();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if let Some(title) = title(line) {
            if let Some(name) = title.strip_suffix("Instance Configuration Document") {
                close(&mut limits, first, &mut addresses);
                (instance, first, section) = (name.trim().to_owned(), limits.len(), Section::Other);
                continue;
            }
            section = section_of(title).map_err(|why| format!("line {at}: {why}"))?;
            let direction = match section {
                Section::Other => continue,
                Section::Id(direction) | Section::Limits(direction) => direction,
            };
            let is_limits = matches!(section, Section::Limits(_));
            let mut own = limits.iter_mut().skip(first);
            match own.find(|one| one.direction == direction) {
                Some(one) if is_limits && (one.max.is_some() || one.slope.is_some()) => {
                    return Err(format!("line {at}: {title} are stated twice in {instance:?}"));
                }
                Some(one) if is_limits => one.line = at,
                Some(_) => {
                    return Err(format!("line {at}: {title} is stated twice in {instance:?}"));
                }
                None => limits.push(WrittenLimit {
                    instance: instance.clone(),
                    direction,
                    id: WrittenId::Missing,
                    max: None,
                    slope: None,
                    line: at,
                    addresses: Vec::new(),
                }),
            }
            continue;
        }
        addresses.extend(hex_words::<20>(line).map(Address::from));
        let direction = match section {
            Section::Other => continue,
            Section::Id(direction) | Section::Limits(direction) => direction,
        };
        let Some(one) = limits.iter_mut().skip(first).find(|one| one.direction == direction) else {
            continue;
        };
        match section {
            Section::Id(_) if !line.is_empty() => match hex_words::<32>(line).next() {
                Some(key) => one.id = WrittenId::Key(B256::from(key)),
                None if one.id == WrittenId::Missing => {
                    one.id = WrittenId::Placeholder(line.chars().take(120).collect());
                }
                None => {}
            },
            Section::Limits(_) => {
                if let Some(text) = bullet(line, "maxAmount") {
                    one.max = Some(text);
                }
                if let Some(text) = bullet(line, "slope") {
                    one.slope = Some(text);
                }
            }
            _ => {}
        }
    }
    close(&mut limits, first, &mut addresses);
    Ok(limits)
}

/// Every limit of an instance knows all addresses of the instance.
fn close(limits: &mut [WrittenLimit], first: usize, addresses: &mut Vec<Address>) {
    let mut all = std::mem::take(addresses);
    all.sort_unstable();
    all.dedup();
    for limit in limits.iter_mut().skip(first) {
        limit.addresses.clone_from(&all);
    }
}

/// A heading's title, without the Atlas's number, kind and UUID.
fn title(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    if text.len() == line.len() {
        return None;
    }
    let text = text.split("<!--").next().unwrap_or_default().trim();
    let text =
        text.strip_suffix(']').and_then(|text| text.rsplit_once(" [")).map_or(text, |(it, _)| it);
    let is_number = |number: &str| {
        number.starts_with("A.") && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    };
    match text.split_once(" - ") {
        Some((number, rest)) if is_number(number) => Some(rest.trim()),
        _ => Some(text.trim()),
    }
}

fn section_of(title: &str) -> Result<Section, String> {
    let id = title.strip_suffix("RateLimitID").or_else(|| title.strip_suffix("Rate Limit ID"));
    let (words, is_id) = match (id, title.strip_suffix("Rate Limits")) {
        (Some(words), _) => (words, true),
        (None, Some(words)) => (words, false),
        (None, None) => return Ok(Section::Other),
    };
    let words = words.trim();
    if words.is_empty() {
        return Ok(Section::Other);
    }
    let known = Direction::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(words));
    match known {
        Some((_, direction)) if is_id => Ok(Section::Id(*direction)),
        Some((_, direction)) => Ok(Section::Limits(*direction)),
        None => {
            let all: Vec<_> = Direction::WORDS.iter().map(|(word, _)| *word).collect();
            Err(format!("{title:?} has no direction that is known ({})", all.join(", ")))
        }
    }
}

/// The text of ``- `name`: text``.
fn bullet(line: &str, name: &str) -> Option<String> {
    let rest = line.strip_prefix("- ")?.trim_start_matches('`').strip_prefix(name)?;
    let text = rest.trim_start_matches('`').strip_prefix(':')?.trim();
    Some(text.to_owned())
}

/// Every 0x word of exactly N bytes in a line.
fn hex_words<const N: usize>(line: &str) -> impl Iterator<Item = [u8; N]> {
    line.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| {
        let digits = word.strip_prefix("0x").filter(|digits| digits.len() == 2 * N)?;
        let mut bytes = [0; N];
        alloy_primitives::hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATLAS: &str = "\
##### A.6.1.1.2.1 - Ethereum Mainnet - Maple USDC Instance Configuration Document [Core]  <!-- UUID: 4a3f -->

###### A.6.1.1.2.1.2.2.1 - Token Address [Core]

The token address is `0x80ac24aA929eaF5013f6436cdA2a7ba190f5Cc0b`.

###### A.6.1.1.2.1.2.3 - Rate Limit IDs [Core]
###### A.6.1.1.2.1.2.3.1 - Inflow RateLimitID [Core]

This parameter will be specified in a future iteration of the Grove Artifact.

###### A.6.1.1.2.1.2.4.1 - Inflow Rate Limits [Core]

The inflow rate limits are:
- `maxAmount`: 100,000,000 USDC
- `slope`: 20,000,000 USDC per day

###### A.6.1.1.2.1.2.4.2 - Withdrawal Rate Limits [Core]
- `maxAmount`: Unlimited
";

    #[test]
    fn limits_of_an_atlas_document_are_read() {
        let all = read(ATLAS).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].instance, "Ethereum Mainnet - Maple USDC");
        assert_eq!(all[0].direction, Direction::Inflow);
        assert!(matches!(&all[0].id, WrittenId::Placeholder(text) if text.contains("future")));
        assert_eq!(all[0].max.as_deref(), Some("100,000,000 USDC"));
        assert_eq!(all[0].slope.as_deref(), Some("20,000,000 USDC per day"));
        assert_eq!(all[0].addresses.len(), 1);
        assert_eq!(all[1].direction, Direction::Outflow);
        assert_eq!((all[1].max.as_deref(), all[1].slope.as_deref()), (Some("Unlimited"), None));
        assert_eq!(all[1].id, WrittenId::Missing);
    }

    #[test]
    fn a_direction_that_is_not_known_or_stated_twice_is_refused() {
        let sideways = ATLAS.replace("Withdrawal Rate", "Sideways Rate");
        assert!(read(&sideways).unwrap_err().starts_with("line 18: \"Sideways Rate Limits\""));
        let twice = ATLAS.replace("Withdrawal Rate", "Deposit Rate");
        assert!(read(&twice).unwrap_err().contains("twice"));
    }
}

//! The file that Safe's transaction builder takes in, with its checksum.

use alloy_primitives::{B256, U256, keccak256};
use serde_json::{Value, json};

use super::{Batch, Made};
use crate::{error::Result, plan::Plan};

/// The version of the transaction builder whose files these are.
const BUILDER: &str = "1.16.5";

/// The batch as a file of the transaction builder: the same calls give the same bytes.
///
/// # Errors
/// [`Error::Json`](crate::Error::Json).
pub fn batch_file(plan: &Plan, batch: &Batch<'_>, calls: &[Made], nonce: U256) -> Result<String> {
    let transactions: Vec<Value> = calls
        .iter()
        .map(|call| {
            json!({
                "to": call.to.to_string(),
                "value": call.value.to_string(),
                "data": call.data.to_string(),
                "contractMethod": null,
                "contractInputsValues": null,
            })
        })
        .collect();
    let titles: Vec<_> = batch.steps.iter().map(|step| step.title.as_str()).collect();
    let class = &plan.subject.class.slug;
    let mut file = json!({
        "version": "1.0",
        "chainId": plan.subject.chain_id.to_string(),
        // No time: it would change the checksum of the same batch.
        "createdAt": 0,
        "meta": {
            "name": format!("halo {class}, transaction {nonce}"),
            "description": format!("plan {}: {}", plan.digest, titles.join("; ")),
            "txBuilderVersion": BUILDER,
            "createdFromSafeAddress": batch.signer.address.to_string(),
            "createdFromOwnerAddress": "",
        },
        "transactions": transactions,
    });
    let sum = checksum(&file)?;
    if let Some(meta) = file.get_mut("meta").and_then(Value::as_object_mut) {
        meta.insert("checksum".to_owned(), sum.to_string().into());
    }
    Ok(serde_json::to_string_pretty(&file)? + "\n")
}

/// The checksum that the transaction builder computes of a file when it takes it in: keccak-256 of its own form of the
/// JSON, in which keys are sorted and stand before the values, the name counts as null, and a checksum is left out.
///
/// # Errors
/// [`Error::Json`](crate::Error::Json).
pub fn checksum(file: &Value) -> Result<B256> {
    let mut file = file.clone();
    if let Some(meta) = file.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("checksum");
        meta.insert("name".to_owned(), Value::Null);
    }
    let mut text = String::new();
    serialize(&file, &mut text)?;
    Ok(keccak256(text))
}

fn serialize(value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                serialize(item, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.keys().collect();
            keys.sort();
            out.push('{');
            out.push_str(&serde_json::to_string(&keys)?);
            for key in keys {
                serialize(fields.get(key).unwrap_or(&Value::Null), out)?;
                out.push(',');
            }
            out.push('}');
        }
        scalar => out.push_str(&serde_json::to_string(scalar)?),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::b256;

    fn file() -> Value {
        serde_json::from_str(
            r#"{"version":"1.0","chainId":"1","createdAt":0,"meta":{"name":"halo tbill, transaction 5",
                "description":"plan: a \"quoted\" title; und ein Ümlaut","txBuilderVersion":"1.16.5",
                "createdFromSafeAddress":"0xBE8E3e3618f7474F8cB1d074A26afFef007E98FB","createdFromOwnerAddress":""},
                "transactions":[{"to":"0xdC035D45d973E3EC169d2276DDab16f1e407384F","value":"0","data":"0x65fae35e",
                "contractMethod":null,"contractInputsValues":null}]}"#,
        )
        .unwrap()
    }

    /// As the transaction builder's own checksum.ts computes it, run with Node.js.
    #[test]
    fn the_checksum_is_the_transaction_builders() {
        let mut file = file();
        let sum = b256!("e7cd40634696d7797aa847e10d8501078ffbd13a61445859f8f910b22d168600");
        assert_eq!(checksum(&file).unwrap(), sum);
        file["meta"]["checksum"] = "0x00".into();
        file["meta"]["name"] = "another".into();
        assert_eq!(checksum(&file).unwrap(), sum, "neither name nor checksum count");
        file["transactions"][0]["value"] = "1".into();
        assert_ne!(checksum(&file).unwrap(), sum);
    }
}

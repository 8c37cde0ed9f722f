//! Artifact documents: what a spec refers to by name and the chain by hash.

use std::{
    collections::BTreeMap,
    io,
    path::{Component, Path, PathBuf},
};

use alloy_primitives::{B256, Bytes, keccak256};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    review::Review,
    source::{MAX_FILE_BYTES, clip, read_bounded},
    text::{FileText, Text, UriText},
};

/// The longest URI that the ArtifactRegistry takes.
const MAX_URI: usize = 256;

/// A document: the hash that goes on chain and where it can be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// keccak256 of its bytes.
    pub hash: B256,
    /// Where it is published; by default its content address (`ipfs://` and a CID of `hash`).
    pub uri: String,
    /// Its bytes.
    #[serde(skip)]
    pub bytes: Bytes,
    /// Its path, as the spec names it.
    #[serde(skip)]
    pub file: String,
}

impl Default for Document {
    fn default() -> Self {
        Self::new(String::new(), Vec::new(), None)
    }
}

impl Document {
    /// A document that no spec names, published at its content address.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        Self::new(String::new(), bytes, None)
    }

    fn new(file: String, bytes: Vec<u8>, uri: Option<String>) -> Self {
        let hash = keccak256(&bytes);
        let uri = uri.unwrap_or_else(|| format!("ipfs://{}", cid(hash)));
        Self { hash, uri, bytes: bytes.into(), file }
    }
}

/// Where the documents that a spec names are found.
pub trait Documents {
    /// The bytes of the document at `path`, which is relative and stays below its folder.
    ///
    /// # Errors
    /// It is not there or cannot be read.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
}

/// Documents in a folder: the one that the spec is in.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl Documents for Folder {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        read_bounded(&self.0.join(path))
    }
}

/// Documents in memory, by path.
impl<B: AsRef<[u8]>> Documents for BTreeMap<String, B> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).map(|b| b.as_ref().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A document as it is written: `{ file = "artifacts/tbill.md", uri = "https://…" }`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentTable {
    /// Its path, relative to the spec. Its keccak256 is what goes on chain.
    pub(crate) file: FileText,
    /// Where it is published. By default its content address.
    pub(crate) uri: Option<UriText>,
}

impl Review {
    pub(crate) fn document(
        &mut self,
        table: &Spanned<DocumentTable>,
        documents: &dyn Documents,
    ) -> Document {
        let DocumentTable { file, uri } = table.get_ref();
        let uri = uri.as_ref().map(|uri| self.uri(uri));
        let path = Path::new(file.get());
        let inside = !file.get().is_empty()
            && path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !inside {
            self.error(
                file.span(),
                "bad-path",
                format!("\"{}\" leaves the folder of this file", clip(file.get())),
                "put the document beside the spec and name it by a relative path",
            );
            return Document::default();
        }
        let bytes = match documents.read(file.get()) {
            Ok(bytes) => bytes,
            Err(e) => {
                self.error(
                    file.span(),
                    "no-document",
                    format!("the document \"{}\" cannot be read: {}", clip(file.get()), e.kind()),
                    "write the document, or correct its path (relative to this file)",
                );
                return Document::default();
            }
        };
        if bytes.is_empty() || bytes.len() > MAX_FILE_BYTES {
            self.error(
                file.span(),
                "document-size",
                format!("the document \"{}\" is empty or larger than 1 MiB", clip(file.get())),
                "an artifact says what is covered, the recourse and the warning signals, in text",
            );
        }
        Document::new(file.get().to_owned(), bytes, uri)
    }

    pub(crate) fn uri(&mut self, text: &UriText) -> String {
        let uri = text.get();
        let plain = uri.bytes().all(|b| (b'!'..=b'~').contains(&b));
        if !plain || uri.len() > MAX_URI || !uri.contains(':') {
            self.error(
                text.span(),
                "bad-uri",
                format!("\"{}\" is not a URI of at most {MAX_URI} bytes", clip(uri)),
                "write it as in \"ipfs://…\" or \"https://example.org/tbill.md\"",
            );
        }
        uri.to_owned()
    }
}

/// CIDv1, raw codec, of content with this keccak-256, in lower-case base 32.
fn cid(hash: B256) -> String {
    const ALPHABET: [char; 32] = [
        'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r',
        's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
    ];
    // version 1, raw (0x55), keccak-256 (0x1b), 32 bytes
    let bytes = [0x01, 0x55, 0x1b, 0x20].into_iter().chain(hash.0);
    let mut text = String::from("b");
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.extend(ALPHABET.get((held >> bits) as usize & 31));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.extend(ALPHABET.get((held << (5 - bits)) as usize & 31));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_address_holds_the_hash() {
        // 36 bytes are 58 letters of base 32 after the prefix; the first bytes are fixed.
        let text = cid(keccak256(b""));
        assert_eq!(text.len(), 59);
        assert!(text.starts_with("bafkrwi"), "{text}");
    }
}

//! The binary framing of a block with its witness.
//!
//! Two frames, each a little-endian `u64` length and a body, the second one aligned to 8 bytes. A body is written by
//! bincode 2 with variable-length integers: the block is one byte string, the witness four vectors of them. What stands
//! behind the block in its frame (a chain configuration, the signers' keys) is not read: both follow from the block.

use crate::WitnessError;
use alloy_primitives::Bytes;

/// The two frames, still in bytes.
pub(crate) struct Frames {
    /// The block, RLP.
    pub(crate) block: Bytes,
    /// Trie nodes, RLP.
    pub(crate) state: Vec<Bytes>,
    /// Contract codes.
    pub(crate) codes: Vec<Bytes>,
    /// What was read: addresses and slots, not hashed.
    pub(crate) keys: Vec<Bytes>,
    /// Headers, RLP.
    pub(crate) headers: Vec<Bytes>,
}

/// Cuts a file in this framing. The whole of it must be used up.
pub(crate) fn decode(file: &[u8]) -> Result<Frames, WitnessError> {
    let mut reader = Reader { file, at: 0, end: file.len() };
    let mut block = reader.frame()?;
    let block = block.string()?;
    reader.align()?;

    let mut body = reader.frame()?;
    let frames = Frames {
        block,
        state: body.strings()?,
        codes: body.strings()?,
        keys: body.strings()?,
        headers: body.strings()?,
    };
    body.finish()?;
    reader.align()?;
    reader.finish()?;
    Ok(frames)
}

struct Reader<'a> {
    file: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    /// The next frame, as a reader of its body alone.
    fn frame(&mut self) -> Result<Self, WitnessError> {
        let length = u64::from_le_bytes(self.array()?);
        let start = self.at;
        self.take(length)?;
        Ok(Self { file: self.file, at: start, end: self.at })
    }

    /// Skips to a multiple of 8; what is skipped must be zero. A file may end without it.
    fn align(&mut self) -> Result<(), WitnessError> {
        let wanted = self.at.next_multiple_of(8).min(self.end);
        while self.at < wanted {
            if self.array::<1>()? != [0] {
                return Err(self.fault("the gap between frames is not zero".to_owned()));
            }
        }
        Ok(())
    }

    fn strings(&mut self) -> Result<Vec<Bytes>, WitnessError> {
        let count = self.integer()?;
        // No room is reserved for a count that the file merely claims.
        (0..count).map(|_| self.string()).collect()
    }

    fn string(&mut self) -> Result<Bytes, WitnessError> {
        let length = self.integer()?;
        Ok(Bytes::copy_from_slice(self.take(length)?))
    }

    fn integer(&mut self) -> Result<u64, WitnessError> {
        let [first] = self.array()?;
        let (value, least) = match first {
            251 => (u16::from_le_bytes(self.array()?).into(), 251),
            252 => (u32::from_le_bytes(self.array()?).into(), 1 << 16),
            253 => (u64::from_le_bytes(self.array()?), 1 << 32),
            254.. => return Err(self.fault("an integer of more than 64 bits".to_owned())),
            small => (small.into(), 0),
        };
        // One way to write a number, so that one file has one meaning.
        if value < least {
            return Err(self.fault(format!("the integer {value} is not written the short way")));
        }
        Ok(value)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WitnessError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], WitnessError> {
        let left = self.end - self.at;
        let length = usize::try_from(length).ok().filter(|length| *length <= left);
        let Some(length) = length else {
            return Err(self.fault(format!("it is cut short: {left} bytes left, more announced")));
        };
        let taken = &self.file[self.at..self.at + length];
        self.at += length;
        Ok(taken)
    }

    fn finish(&self) -> Result<(), WitnessError> {
        match self.end - self.at {
            0 => Ok(()),
            more => Err(self.fault(format!("{more} bytes more than there should be"))),
        }
    }

    fn fault(&self, what: String) -> WitnessError {
        WitnessError::Framing { at: self.at, what }
    }
}

//! Columns of one length as a Parquet file, and back. A number that 64 bits may not hold is its decimal digits as text:
//! Parquet's decimals that other programs read exactly end at 38 digits, and a `uint256` has up to 78.

use std::{collections::BTreeMap, io::Write, sync::Arc};

use alloy_primitives::bytes::Bytes;
use parquet::{
    basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type as Physical},
    column::{
        page::{Page, PageMetadata, PageReader},
        reader::{ColumnReader, ColumnReaderImpl, get_column_reader},
    },
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type},
    errors::{ParquetError, Result},
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        reader::{FileReader, SerializedFileReader},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{ColumnDescriptor, Type},
};

/// What identifies a file: keys and values beside its columns.
pub(crate) type Identity = BTreeMap<String, String>;

/// The values of a column; any may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Values {
    /// Whole numbers of 64 bits, without sign.
    Numbers(Vec<Option<u64>>),
    /// Text, and the digits of larger numbers.
    Texts(Vec<Option<String>>),
    /// Yes or no.
    Flags(Vec<Option<bool>>),
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// For other programs: dictionaries and Snappy.
    Small,
    /// For [`read`]: as it is and nothing missing, so that a file cannot unpack into more than itself.
    Plain,
}

/// Writes one row group. The same columns give the same bytes.
pub(crate) fn write(
    columns: &[(&str, Values)],
    identity: &Identity,
    packing: Packing,
) -> Result<Vec<u8>> {
    let is_small = packing == Packing::Small;
    let may_miss = if is_small { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let fields = columns.iter().map(|(name, values)| Ok(Arc::new(values.field(name, may_miss)?)));
    let fields = fields.collect::<Result<Vec<_>>>()?;
    let schema = Type::group_type_builder("halo").with_fields(fields).build()?;
    let pairs = identity.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let properties = WriterProperties::builder()
        .set_created_by(concat!("halo ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(pairs.collect()))
        .set_dictionary_enabled(is_small)
        .set_compression(if is_small { Compression::SNAPPY } else { Compression::UNCOMPRESSED })
        .build();
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut file, Arc::new(schema), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (_, values) in columns {
        match values {
            Values::Numbers(values) => put::<Int64Type, _>(&mut group, values, |n| n.cast_signed()),
            Values::Texts(values) => {
                put::<ByteArrayType, _>(&mut group, values, |text| ByteArray::from(text.as_str()))
            }
            Values::Flags(values) => put::<BoolType, _>(&mut group, values, |flag| *flag),
        }?;
    }
    group.close()?;
    writer.close()?;
    Ok(file)
}

fn put<T: DataType, V>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: &[Option<V>],
    as_stored: impl Fn(&V) -> T::T,
) -> Result<()> {
    let mut column = group.next_column()?.ok_or_else(|| wrong("a column is missing"))?;
    let there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let stored: Vec<T::T> = values.iter().flatten().map(as_stored).collect();
    column.typed::<T>().write_batch(&stored, Some(&there), None)?;
    column.close()
}

/// Reads what [`write`] packed as [`Packing::Plain`]: exactly these columns, in this order, and at most `most` rows.
pub(crate) fn read(
    file: Bytes,
    columns: &[(&str, Physical)],
    most: usize,
) -> Result<(Identity, Vec<Values>)> {
    let file = SerializedFileReader::new(file)?;
    let about = file.metadata().file_metadata();
    let pairs = about.key_value_metadata().into_iter().flatten();
    let identity = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect();
    let found = about.schema_descr().columns();
    let same = |(found, (name, kind)): (&Arc<ColumnDescriptor>, &(&str, Physical))| {
        found.path().parts() == [*name]
            && found.physical_type() == *kind
            && (found.max_def_level(), found.max_rep_level()) == (0, 0)
    };
    if found.len() != columns.len() || !found.iter().zip(columns).all(same) {
        let names: Vec<_> = found.iter().take(20).map(|column| column.path().string()).collect();
        return Err(wrong(&format!("its columns are [{}]", names.join(", "))));
    }
    let mut values: Vec<Values> = columns.iter().map(|(_, kind)| Values::none(*kind)).collect();
    let mut sum = 0;
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number)?;
        if group.metadata().num_columns() != columns.len() {
            return Err(wrong("a part of it lacks columns"));
        }
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
        sum = rows.saturating_add(sum);
        if sum > most {
            return Err(wrong(&format!("it has more than {most} rows")));
        }
        for (place, values) in values.iter_mut().enumerate() {
            let chunk = group.metadata().column(place);
            if chunk.compression() != Compression::UNCOMPRESSED
                || chunk.dictionary_page_offset().is_some()
                || chunk.data_page_offset() < 0
                || chunk.compressed_size() < 0
            {
                return Err(wrong("a column is packed in another way"));
            }
            let pages = Plain(group.get_column_page_reader(place)?, chunk.column_type());
            let reader = get_column_reader(chunk.column_descr_ptr(), Box::new(pages));
            match (reader, values) {
                (ColumnReader::Int64ColumnReader(reader), Values::Numbers(values)) => {
                    take(reader, rows, values, |number| Ok(number.cast_unsigned()))
                }
                (ColumnReader::ByteArrayColumnReader(reader), Values::Texts(values)) => {
                    take(reader, rows, values, |text| Ok(text.as_utf8()?.to_owned()))
                }
                (ColumnReader::BoolColumnReader(reader), Values::Flags(values)) => {
                    take(reader, rows, values, Ok)
                }
                _ => Err(wrong("a column is of another type than the file says")),
            }?;
        }
    }
    Ok((identity, values))
}

fn take<T: DataType, V>(
    mut column: ColumnReaderImpl<T>,
    rows: usize,
    into: &mut Vec<Option<V>>,
    meant: impl Fn(T::T) -> Result<V>,
) -> Result<()> {
    let mut stored = Vec::new();
    let (read, ..) = column.read_records(rows, None, None, &mut stored)?;
    if read != rows || stored.len() != rows {
        return Err(wrong(&format!("a column has {read} rows of {rows}")));
    }
    for value in stored {
        into.push(Some(meant(value)?));
    }
    Ok(())
}

fn wrong(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

impl Values {
    fn none(kind: Physical) -> Self {
        match kind {
            Physical::INT64 => Self::Numbers(Vec::new()),
            Physical::BOOLEAN => Self::Flags(Vec::new()),
            _ => Self::Texts(Vec::new()),
        }
    }

    fn field(&self, name: &str, may_miss: Repetition) -> Result<Type> {
        let (kind, means) = match self {
            Self::Numbers(_) => (Physical::INT64, Some(LogicalType::integer(64, false))),
            Self::Texts(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Self::Flags(_) => (Physical::BOOLEAN, None),
        };
        Type::primitive_type_builder(name, kind)
            .with_repetition(may_miss)
            .with_converted_type(ConvertedType::from(means.clone()))
            .with_logical_type(means)
            .build()
    }
}

/// Pages as [`write`] makes them. At others, and at values that end too soon, the decoder panics.
struct Plain(Box<dyn PageReader>, Physical);

impl PageReader for Plain {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(page) = self.0.get_next_page()? else { return Ok(None) };
        let fits = match &page {
            Page::DataPage { encoding: Encoding::PLAIN, buf, num_values, .. } => {
                let count = *num_values as usize;
                match self.1 {
                    Physical::INT64 => Some(buf.len()) == count.checked_mul(8),
                    Physical::BOOLEAN => buf.len() == count.div_ceil(8),
                    _ => texts(buf) == Some(count),
                }
            }
            _ => false,
        };
        if fits { Ok(Some(page)) } else { Err(wrong("it has a page of another kind")) }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.0.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.0.skip_next_page()
    }
}

/// How many texts there are, each after four bytes that say how long it is; `None` if they do not end where the page does.
fn texts(mut page: &[u8]) -> Option<usize> {
    let mut count = 0;
    while let Some((length, rest)) = page.split_first_chunk() {
        page = rest.get(u32::from_le_bytes(*length) as usize..)?;
        count += 1;
    }
    page.is_empty().then_some(count)
}

impl Iterator for Plain {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

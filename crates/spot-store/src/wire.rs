//! Frames on the way between `spot serve` and the notebook: Parquet, which keeps types, nulls and
//! every byte of hostile texts, as base64.

use std::io::Cursor;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use polars::prelude::*;

use crate::parquet::guarded;

/// Most rows of a frame.
const MOST: usize = 50_000_000;

/// A frame as text.
///
/// # Errors
/// What cannot be written as Parquet.
pub fn to_text(frame: &DataFrame) -> PolarsResult<String> {
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes);
    writer.with_compression(ParquetCompression::Snappy).finish(&mut frame.clone())?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// The frame of a text.
///
/// # Errors
/// A text that [`to_text`] did not make.
pub fn from_text(text: &str) -> PolarsResult<DataFrame> {
    let bytes = BASE64_STANDARD.decode(text);
    let bytes = bytes.map_err(|e| polars_err!(ComputeError: "no base64: {e}"))?;
    guarded(|| {
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let rows = reader.get_metadata()?.num_rows;
        // A few bytes can say that they are billions of rows.
        polars_ensure!(rows <= MOST, ComputeError: "{rows} rows, more than {MOST}");
        reader.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was() {
        let lists = [Series::new("".into(), ["a", "b"]), Series::new("".into(), ["\0<img>"])];
        let frame = df!(
            "text" => [Some("O'Brien\n\u{202e}"), None],
            "whole" => [Some(i64::MIN), Some(3_000_000_000)],
            "part" => [f64::NAN, -0.0],
            "lists" => lists,
        );
        let frame = frame.expect("a frame");
        let back = from_text(&to_text(&frame).expect("text")).expect("frame");
        assert!(back.equals_missing(&frame), "{back}");
        assert_eq!(back.schema(), frame.schema());
        for broken in ["", "%", "AAAA", "UEFSMQ=="] {
            assert!(from_text(broken).is_err(), "{broken}");
        }
    }
}

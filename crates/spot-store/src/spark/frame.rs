//! Rows as ADBC brings them, as a frame: value by value, for no other way is safe.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType as Arrow;
use polars::prelude::*;

use crate::error::{Result, StoreError};
use crate::parquet::engine;

/// The rows of `part`; whole numbers of fewer than 32 bits become such of 32, and so do decimals of floats.
pub(crate) fn frame(part: &RecordBatch) -> Result<DataFrame> {
    let schema = part.schema();
    let columns = schema.fields().iter().zip(part.columns());
    let columns = columns.map(|(field, values)| {
        let column = column(field.name(), values.as_ref());
        column.ok_or_else(|| {
            let what = format!(
                "column `{}` has a type that is not read here: {}",
                field.name(),
                field.data_type()
            );
            StoreError::data(what, "declare it as a text or a number in Spark")
        })
    });
    let columns = columns.collect::<Result<Vec<Column>>>()?;
    DataFrame::new(part.num_rows(), columns).map_err(|e| engine(&e))
}

fn column(name: &str, values: &dyn Array) -> Option<Column> {
    let name: PlSmallStr = name.into();
    Some(match values.data_type() {
        Arrow::Utf8 => {
            StringChunked::from_iter_options(name, values.as_string::<i32>().iter()).into_column()
        }
        Arrow::LargeUtf8 => {
            StringChunked::from_iter_options(name, values.as_string::<i64>().iter()).into_column()
        }
        Arrow::Boolean => {
            BooleanChunked::from_iter_options(name, values.as_boolean().iter()).into_column()
        }
        Arrow::Int8 => {
            let values = values.as_primitive::<Int8Type>().iter().map(|v| v.map(i32::from));
            Int32Chunked::from_iter_options(name, values).into_column()
        }
        Arrow::Int16 => {
            let values = values.as_primitive::<Int16Type>().iter().map(|v| v.map(i32::from));
            Int32Chunked::from_iter_options(name, values).into_column()
        }
        Arrow::Int32 => {
            Int32Chunked::from_iter_options(name, values.as_primitive::<Int32Type>().iter())
                .into_column()
        }
        Arrow::Int64 => {
            Int64Chunked::from_iter_options(name, values.as_primitive::<Int64Type>().iter())
                .into_column()
        }
        Arrow::Float32 => {
            Float32Chunked::from_iter_options(name, values.as_primitive::<Float32Type>().iter())
                .into_column()
        }
        Arrow::Float64 => {
            Float64Chunked::from_iter_options(name, values.as_primitive::<Float64Type>().iter())
                .into_column()
        }
        Arrow::Null => Column::full_null(name, values.len(), &DataType::Null),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int16Array, Int64Array, StringArray,
    };

    use super::*;

    #[test]
    fn values_come_as_they_are_and_other_types_are_named() {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(StringArray::from(vec![Some("ü\u{0}"), None, Some("")]))),
            ("big", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(1)]))),
            ("small", Arc::new(Int16Array::from(vec![Some(-1), None, Some(2)]))),
            ("real", Arc::new(Float64Array::from(vec![Some(0.5), None, Some(-1.0)]))),
            ("is", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ];
        let found = frame(&RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        let want = df!(
            "text" => [Some("ü\u{0}"), None, Some("")],
            "big" => [Some(i64::MIN), None, Some(1)],
            "small" => [Some(-1i32), None, Some(2)],
            "real" => [Some(0.5), None, Some(-1.0)],
            "is" => [Some(true), None, Some(false)],
        );
        assert!(found.equals_missing(&want.unwrap()), "{found}");
        let day: ArrayRef = Arc::new(Date32Array::from(vec![1]));
        let error = frame(&RecordBatch::try_from_iter(vec![("day", day)]).unwrap()).unwrap_err();
        assert!(error.what.contains("`day`") && error.what.contains("Date32"), "{error}");
    }
}

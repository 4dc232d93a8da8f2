//! The text of questions. Only numbers, names of ours and the folders of the settings become part of it;
//! every other value is bound.

use chrono::NaiveDate;
use spot_analysis::dns::{Asked, Selection};
use spot_analysis::model::Address;
use spot_analysis::spellings::spellings;

use super::place::Spark;
use super::session::Question;
use crate::layout::Table;
use crate::parquet::{Column as Wanted, Type};

/// What the rows of a day are called while a question is answered.
const VIEW: &str = "spot_rows";

/// The order of the files, and in each that of its rows, which no column says.
const PLACE: [(&str, &str); 3] = [
    ("input_file_name()", "spot_file"),
    ("input_file_block_start()", "spot_block"),
    ("monotonically_increasing_id()", "spot_row"),
];

fn spark_type(kind: Type) -> &'static str {
    match kind {
        Type::Text => "STRING",
        Type::Int => "INT",
        Type::Big => "BIGINT",
        Type::Float => "DOUBLE",
    }
}

/// Declares `columns` of the files that `pattern` matches: a column that no file has is null, and no type is
/// guessed. Made again for each question, so that files that came since are seen and no session is needed.
fn view(pattern: &str, columns: &[Wanted]) -> String {
    let columns: Vec<_> =
        columns.iter().map(|(name, kind)| format!("{name} {}", spark_type(*kind))).collect();
    let columns = columns.join(", ");
    format!(
        "CREATE OR REPLACE TEMPORARY VIEW {VIEW} ({columns}) USING parquet \
         OPTIONS (path '{pattern}', recursiveFileLookup 'true')"
    )
}

/// A column as it is brought here: texts that are no UTF-8 are mended there.
fn value((name, kind): Wanted) -> String {
    match kind {
        Type::Text => format!("make_valid_utf8({name}) AS {name}"),
        _ => format!("{name} AS {name}"),
    }
}

/// Which rows, and the values of that.
pub(crate) struct Where {
    pub sql: String,
    pub values: Vec<String>,
}

impl Where {
    pub fn all() -> Self {
        Self { sql: "true".to_owned(), values: Vec::new() }
    }

    /// `columns` that are one of `texts`: as many questions as a file's statistics can answer, else a list.
    fn one_of(columns: &[&str], texts: &[String], and: Option<Self>) -> Self {
        let mut found = and.unwrap_or_else(Self::all);
        let mut tests = Vec::new();
        for column in columns {
            if texts.len() <= 8 {
                let marks = vec!["?"; texts.len().max(1)].join(", ");
                tests.push(format!("{column} IN ({marks})"));
                match texts.is_empty() {
                    true => found.values.push(String::new()),
                    false => found.values.extend(texts.iter().cloned()),
                }
            } else {
                tests.push(format!("array_contains(from_json(?, 'array<string>'), {column})"));
                found.values.push(serde_json::json!(texts).to_string());
            }
        }
        found.sql = format!("{} AND ({})", found.sql, tests.join(" OR "));
        found
    }

    /// Flows of an address.
    pub fn flows_of(anchor: &Address) -> Self {
        Self::one_of(&["sip", "dip"], &spellings(anchor), None)
    }

    /// Flows between one of `ones` and one of `others`.
    pub fn flows_between(ones: &[Address], others: &[Address]) -> Self {
        let all = |ends: &[Address]| -> Vec<String> { ends.iter().flat_map(spellings).collect() };
        let (ones, others) = (all(ones), all(others));
        let way = |from: &[String], to: &[String]| {
            Self::one_of(&["dip"], to, Some(Self::one_of(&["sip"], from, None)))
        };
        let (there, back) = (way(&ones, &others), way(&others, &ones));
        let mut values = there.values;
        values.extend(back.values);
        Self { sql: format!("({}) OR ({})", there.sql, back.sql), values }
    }

    /// Answers of which `selection` takes some in: what Spark calls lower case is not what we do, so letters
    /// other than ASCII are left to who reads the rows.
    pub fn answers_of(selection: &Selection) -> Self {
        let text = match selection.asked() {
            Asked::Client(client) => return Self::one_of(&["ip_dst"], &spellings(client), None),
            Asked::Exact(text) | Asked::Below(text) | Asked::Containing(text) => text,
        };
        let ascii = |c: &char| c.is_ascii() && !c.is_ascii_control();
        // The longest part that means the same to both.
        let parts = text.split(|c: char| !ascii(&c));
        let part = parts.max_by_key(|part| part.len()).unwrap_or_default();
        if part.is_empty() {
            return Self::all();
        }
        Self {
            sql: "instr(lower(dns_qry_name), ?) > 0".to_owned(),
            values: vec![part.to_ascii_lowercase()],
        }
    }

    /// Answers that may name one of `addresses`.
    pub fn answering(addresses: &[Address]) -> Self {
        let texts: Vec<String> = addresses.iter().flat_map(spellings).collect();
        let lower: Vec<_> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        Self {
            sql: "exists(from_json(?, 'array<string>'), one -> instr(lower(dns_a), one) > 0)"
                .to_owned(),
            values: vec![serde_json::json!(lower).to_string()],
        }
    }
}

/// `columns` of the rows of a day, in the order of the files; at most one more than `most`.
pub(crate) fn rows(
    (root, table, day): (&str, Table, NaiveDate),
    columns: &[Wanted],
    which: Where,
    most: Option<usize>,
) -> Question {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("{name} AS {name}")).collect();
    let values: Vec<_> = columns.iter().map(|column| value(*column)).collect();
    let place: Vec<_> = PLACE.iter().map(|(sql, name)| format!("{sql} AS {name}")).collect();
    let order: Vec<_> = PLACE.iter().map(|(_, name)| *name).collect();
    let limit = most.map_or(String::new(), |most| format!(" LIMIT {}", most.saturating_add(1)));
    let sql = format!(
        "SELECT {} FROM (SELECT {}, {} FROM {VIEW} WHERE {}) ORDER BY {}{limit}",
        names.join(", "),
        values.join(", "),
        place.join(", "),
        which.sql,
        order.join(", "),
    );
    Question { view: Some(view(&Spark::day(root, table, day), columns)), sql, values: which.values }
}

/// `columns` of all rows of a day, as they come.
pub(crate) fn stream((root, table, day): (&str, Table, NaiveDate), columns: &[Wanted]) -> Question {
    let values: Vec<_> = columns.iter().map(|column| value(*column)).collect();
    let sql = format!("SELECT {} FROM {VIEW}", values.join(", "));
    Question { view: Some(view(&Spark::day(root, table, day), columns)), sql, values: Vec::new() }
}

/// The distinct values of two columns of a day: `value` and `of`, 0 or 1.
pub(crate) fn distinct(
    (root, table, day): (&str, Table, NaiveDate),
    columns: [Wanted; 2],
) -> Question {
    let one = |(number, (name, _)): (usize, &Wanted)| {
        format!("SELECT DISTINCT make_valid_utf8({name}) AS value, {number} AS of FROM {VIEW}")
    };
    let sql = columns.iter().enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ");
    Question { view: Some(view(&Spark::day(root, table, day), &columns)), sql, values: Vec::new() }
}

/// The files that `pattern` matches: `file`, `size` (bytes), `modified` (seconds), `rows`.
pub(crate) fn files(pattern: &str) -> Question {
    let sql = format!(
        "SELECT _metadata.file_path AS file, max(_metadata.file_size) AS size, \
         max(unix_seconds(_metadata.file_modification_time)) AS modified, count(*) AS rows \
         FROM parquet.`{pattern}` WITH (recursiveFileLookup='true') GROUP BY _metadata.file_path \
         ORDER BY file"
    );
    Question { view: None, sql, values: Vec::new() }
}

/// The days of a table, with rows and files: `y`, `m`, `d`, `rows`, `files`.
pub(crate) fn days((root, table): (&str, Table)) -> Question {
    let part = |number: u8| {
        format!(
            "CAST(regexp_extract(_metadata.file_path, '/y=([0-9]+)/m=([0-9]+)/d=([0-9]+)/', {number}) AS INT)"
        )
    };
    let sql = format!(
        "SELECT {} AS y, {} AS m, {} AS d, count(*) AS rows, count(DISTINCT _metadata.file_path) AS files \
         FROM parquet.`{}/y=*/m=*/d=*` WITH (recursiveFileLookup='true') GROUP BY ALL ORDER BY y, m, d",
        part(1),
        part(2),
        part(3),
        Spark::table(root, table),
    );
    Question { view: None, sql, values: Vec::new() }
}

/// Writes `rows`, a JSON list, as a folder of Parquet files of its own below `out`. The values of the rows
/// are bound, all as one.
pub(crate) fn insert(
    (out, folder): (&str, &str),
    columns: &[Wanted],
    rows: &serde_json::Value,
) -> Question {
    let fields: Vec<_> =
        columns.iter().map(|(name, kind)| format!("{name}:{}", spark_type(*kind))).collect();
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("row.{name} AS {name}")).collect();
    let sql = format!(
        "INSERT OVERWRITE DIRECTORY '{out}/{folder}' USING parquet \
         SELECT {} FROM (SELECT explode(from_json(?, 'array<struct<{}>>')) AS row)",
        names.join(", "),
        fields.join(","),
    );
    Question { view: None, sql, values: vec![(rows.to_string())] }
}

/// Writes a folder of no rows in place of what is there.
pub(crate) fn emptied((out, folder): (&str, &str), columns: &[Wanted]) -> Question {
    let nulls: Vec<_> = columns
        .iter()
        .map(|(name, kind)| format!("CAST(NULL AS {}) AS {name}", spark_type(*kind)))
        .collect();
    let sql = format!(
        "INSERT OVERWRITE DIRECTORY '{out}/{folder}' USING parquet SELECT {} WHERE false",
        nulls.join(", "),
    );
    Question { view: None, sql, values: Vec::new() }
}

#[cfg(test)]
mod tests {
    use spot_analysis::dns::{Anchor, Name, Scope};

    use super::*;

    const HOSTILE: &str = "x' OR '1'='1; DROP TABLE flow --`\\";

    #[test]
    fn no_value_is_part_of_a_statement() {
        let day = NaiveDate::from_ymd_opt(2016, 7, 8).unwrap();
        let address = Address::new(HOSTILE);
        let name =
            |scope: &Scope| Selection::new(&Anchor::Query(Name::new(HOSTILE)), scope).unwrap();
        let many = vec![address.clone(); 9];
        let of = ("/data", Table::Flow, day);
        for question in [
            rows(of, &[("sip", Type::Text)], Where::flows_of(&address), Some(5)),
            rows(of, &[("sip", Type::Text)], Where::flows_between(&many, &many[..1]), None),
            rows(of, &[("sip", Type::Text)], Where::answers_of(&name(&Scope::Exact)), None),
            rows(
                of,
                &[("sip", Type::Text)],
                Where::answers_of(&name(&Scope::RegisteredDomain)),
                None,
            ),
            rows(of, &[("sip", Type::Text)], Where::answering(&many), None),
            insert(
                ("/out", "flow"),
                &[("sip", Type::Text)],
                &serde_json::json!([{ "sip": HOSTILE }]),
            ),
        ] {
            let all = format!("{} {}", question.view.unwrap_or_default(), question.sql);
            assert!(!all.contains("OR '1'") && !all.contains("DROP"), "{all}");
            assert_eq!(all.matches('?').count(), question.values.len(), "{all}");
            assert!(!question.values.is_empty());
        }
    }

    #[test]
    fn a_question_names_its_partition() {
        let day = NaiveDate::from_ymd_opt(2016, 7, 18).unwrap();
        let found = rows(
            ("/d", Table::Flow, day),
            &[("sip", Type::Text), ("ipkt", Type::Big)],
            Where::all(),
            Some(9),
        );
        assert_eq!(
            found.view.unwrap(),
            "CREATE OR REPLACE TEMPORARY VIEW spot_rows (sip STRING, ipkt BIGINT) USING parquet OPTIONS \
             (path '/d/{flow,flow/hive}/y=2016/m={7,07}/d=18', recursiveFileLookup 'true')"
        );
        assert!(
            found.sql.ends_with("ORDER BY spot_file, spot_block, spot_row LIMIT 10"),
            "{}",
            found.sql
        );
    }
}

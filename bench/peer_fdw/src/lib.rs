//! A foreign data wrapper made with supabase-wrappers, for bench/run: it asks
//! what is on a tape, page after page over one kept connection, parses each
//! answer with serde_json and hands out the records as rows.
//!
//! Options of a table: base (the service's address), tape (a file), records
//! (path of the list in an answer), paths ("column=path column=path").

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::{AnyNumeric, PgSqlErrorCode};
use serde_json::Value;
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;
use supabase_wrappers::prelude::*;

pg_module_magic!();

/// Connections are kept for the backend's life, as ours are.
static AGENT: LazyLock<ureq::Agent> = LazyLock::new(ureq::Agent::new);

struct Exchange {
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[wrappers_fdw(version = "1.0", author = "", website = "", error_type = "PeerError")]
pub struct PeerFdw {
    base: String,
    records: String,
    wanted: Vec<(String, pg_sys::Oid, String)>,
    exchanges: std::vec::IntoIter<Exchange>,
    page: std::vec::IntoIter<Value>,
}

pub struct PeerError(String);

impl From<PeerError> for ErrorReport {
    fn from(error: PeerError) -> Self {
        ErrorReport::new(PgSqlErrorCode::ERRCODE_FDW_ERROR, error.0, "")
    }
}

fn fail<T>(what: impl std::fmt::Display) -> Result<T, PeerError> {
    Err(PeerError(what.to_string()))
}

/// The requests of a tape; tape.h says how the file looks.
fn read_tape(file: &str) -> Result<Vec<Exchange>, PeerError> {
    let bytes = std::fs::read(file).or_else(fail)?;
    let mut exchanges = Vec::new();
    let mut rest = &bytes[..];
    while let Some(end) = rest.iter().position(|b| *b == b'\n') {
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        let words: Vec<&str> = line.split(' ').collect();
        let sizes: Vec<usize> = words[2..].iter().map(|w| w.parse().unwrap()).collect();
        let (headers, after) = rest[end + 1..].split_at(sizes[0]);
        let (body, after) = after.split_at(sizes[1]);
        let pairs = String::from_utf8_lossy(headers)
            .lines()
            .filter_map(|h| h.split_once(": "))
            .filter(|(name, _)| !name.eq_ignore_ascii_case("accept-encoding"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        exchanges.push(Exchange {
            target: words[1].to_owned(),
            headers: pairs,
            body: body.to_vec(),
        });
        rest = &after[sizes[2]..];
    }
    Ok(exchanges)
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |v, name| &v[name])
}

fn cell(value: &Value, type_oid: pg_sys::Oid) -> Option<Cell> {
    let text = match value {
        Value::Null => return None,
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    Some(match type_oid {
        pg_sys::INT8OID => Cell::I64(text.parse().ok()?),
        pg_sys::NUMERICOID => Cell::Numeric(AnyNumeric::from_str(&text).ok()?),
        pg_sys::TIMESTAMPTZOID => Cell::Timestamptz(TimestampWithTimeZone::from_str(&text).ok()?),
        _ => Cell::String(text),
    })
}

impl PeerFdw {
    /// Asks for the next page; false when the tape is at its end.
    fn next_page(&mut self) -> Result<bool, PeerError> {
        let Some(exchange) = self.exchanges.next() else {
            return Ok(false);
        };
        let mut request = AGENT.post(&format!("{}{}", self.base, exchange.target));
        for (name, value) in &exchange.headers {
            request = request.set(name, value);
        }
        let answer = request.send_bytes(&exchange.body).or_else(fail)?;
        let value: Value = serde_json::from_reader(answer.into_reader()).or_else(fail)?;
        match at(&value, &self.records) {
            Value::Array(records) => self.page = records.clone().into_iter(),
            _ => return fail("the answer has no records"),
        }
        Ok(true)
    }
}

impl ForeignDataWrapper<PeerError> for PeerFdw {
    fn new(_server: ForeignServer) -> Result<Self, PeerError> {
        Ok(Self {
            base: String::new(),
            records: String::new(),
            wanted: Vec::new(),
            exchanges: Vec::new().into_iter(),
            page: Vec::new().into_iter(),
        })
    }

    fn begin_scan(
        &mut self,
        _quals: &[Qual],
        columns: &[Column],
        _sorts: &[Sort],
        _limit: &Option<Limit>,
        options: &HashMap<String, String>,
    ) -> Result<(), PeerError> {
        let option = |name: &str| options.get(name).cloned().unwrap_or_default();
        let paths: HashMap<String, String> = option("paths")
            .split(' ')
            .filter_map(|p| p.split_once('='))
            .map(|(column, path)| (column.to_owned(), path.to_owned()))
            .collect();
        self.base = option("base");
        self.records = option("records");
        self.exchanges = read_tape(&option("tape"))?.into_iter();
        for column in columns {
            match paths.get(&column.name) {
                Some(path) => self.wanted.push((column.name.clone(), column.type_oid, path.clone())),
                None => return fail(format!("column {} has no path", column.name)),
            }
        }
        Ok(())
    }

    fn iter_scan(&mut self, row: &mut Row) -> Result<Option<()>, PeerError> {
        loop {
            if let Some(record) = self.page.next() {
                for (name, type_oid, path) in &self.wanted {
                    row.push(name, cell(at(&record, path), *type_oid));
                }
                return Ok(Some(()));
            }
            if !self.next_page()? {
                return Ok(None);
            }
        }
    }

    fn end_scan(&mut self) -> Result<(), PeerError> {
        Ok(())
    }
}

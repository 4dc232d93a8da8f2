//! Which column of a tab-separated log means what.

/// What the importer knows of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `conn.log`.
    Conn,
    /// `dns.log`.
    Dns,
}

/// The columns of a log, as its `#fields` line has them.
#[derive(Clone, Debug)]
pub struct Fields {
    /// Between columns; between the parts of a set.
    pub separator: u8,
    /// Between the parts of a set or vector.
    pub set_separator: u8,
    /// What stands where there is nothing.
    pub unset: Vec<u8>,
    /// What stands for an empty set or text.
    pub empty: Vec<u8>,
    /// What the log is, as far as it can be imported.
    pub kind: Option<Kind>,
    /// `#path`.
    pub path: String,
    /// What each column is.
    pub meanings: Vec<Option<Meaning>>,
}

/// What a column is; others are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// `ts`.
    Time,
    /// `id.orig_h`.
    OrigAddress,
    /// `id.orig_p`.
    OrigPort,
    /// `id.resp_h`.
    RespAddress,
    /// `id.resp_p`.
    RespPort,
    /// `proto`.
    Proto,
    /// `duration`, of DNS `rtt`.
    Duration,
    /// `history`.
    History,
    /// `orig_pkts`.
    OrigPackets,
    /// `orig_ip_bytes`.
    OrigBytes,
    /// `orig_bytes`.
    OrigPayload,
    /// `resp_pkts`.
    RespPackets,
    /// `resp_ip_bytes`.
    RespBytes,
    /// `resp_bytes`.
    RespPayload,
    /// `query`.
    Query,
    /// `qclass`.
    Class,
    /// `qtype`.
    Type,
    /// `rcode`.
    Rcode,
    /// `answers`.
    Answers,
}

impl Meaning {
    /// Of a column's name, with dots or (RockNSM) with underscores.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "ts" => Self::Time,
            "id.orig_h" | "id_orig_h" => Self::OrigAddress,
            "id.orig_p" | "id_orig_p" => Self::OrigPort,
            "id.resp_h" | "id_resp_h" => Self::RespAddress,
            "id.resp_p" | "id_resp_p" => Self::RespPort,
            "proto" => Self::Proto,
            "duration" | "rtt" => Self::Duration,
            "history" => Self::History,
            "orig_pkts" => Self::OrigPackets,
            "orig_ip_bytes" => Self::OrigBytes,
            "orig_bytes" => Self::OrigPayload,
            "resp_pkts" => Self::RespPackets,
            "resp_ip_bytes" => Self::RespBytes,
            "resp_bytes" => Self::RespPayload,
            "query" => Self::Query,
            "qclass" => Self::Class,
            "qtype" => Self::Type,
            "rcode" => Self::Rcode,
            "answers" => Self::Answers,
            _ => return None,
        })
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            separator: b'\t',
            set_separator: b',',
            unset: b"-".to_vec(),
            empty: b"(empty)".to_vec(),
            kind: None,
            path: String::new(),
            meanings: Vec::new(),
        }
    }
}

impl Fields {
    /// Takes a line of the header, with its `#`; others than those that are known say nothing here.
    pub fn take(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches('\r');
        if let Some(separator) = text.strip_prefix("#separator ") {
            // A new log begins: what was said before is of another one.
            *self = Self { separator: escaped(separator.trim()), ..Self::default() };
            return;
        }
        let mut words = text.split(char::from(self.separator));
        let first = words.next().unwrap_or_default();
        let mut value = || words.next().unwrap_or_default().to_owned();
        match first {
            "#set_separator" => self.set_separator = escaped(&value()),
            "#unset_field" => self.unset = value().into_bytes(),
            "#empty_field" => self.empty = value().into_bytes(),
            "#path" => self.path = value(),
            "#fields" => {
                let names: Vec<&str> = words.collect();
                self.meanings = names.iter().map(|name| Meaning::of(name)).collect();
                self.kind = kind(&|name| names.contains(&name));
            }
            _ => {}
        }
    }
}

/// What a log is, by the columns that only it has.
pub fn kind(has: &dyn Fn(&str) -> bool) -> Option<Kind> {
    if has("conn_state") || (has("orig_pkts") && has("resp_pkts")) {
        return Some(Kind::Conn);
    }
    (has("query") && (has("qtype") || has("rcode"))).then_some(Kind::Dns)
}

/// `\x09` is a tab.
fn escaped(text: &str) -> u8 {
    let code = text.strip_prefix("\\x").and_then(|hex| u8::from_str_radix(hex, 16).ok());
    code.or(text.bytes().next()).unwrap_or(b'\t')
}

//! `thresholds.csv`: every number that a detector compares with.

use crate::network::lines::{Notes, fields, is_header, lines};

macro_rules! thresholds {
    ($($field:ident = $value:literal, $unit:literal, $meaning:literal;)*) => {
        /// The numbers that the detectors compare with. `default()` has the built-in ones.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Thresholds {
            $(#[doc = concat!($meaning, " (", $unit, ").")] pub $field: f64,)*
            /// Lines of the file that were skipped, for people.
            pub notes: Vec<String>,
        }

        impl Default for Thresholds {
            fn default() -> Self {
                Self { $($field: $value,)* notes: Vec::new() }
            }
        }

        impl Thresholds {
            /// Name, built-in value, unit and meaning of each, in order.
            pub const ALL: &'static [(&'static str, f64, &'static str, &'static str)] =
                &[$((stringify!($field), $value, $unit, $meaning),)*];

            fn place(&mut self, name: &str) -> Option<&mut f64> {
                match name {
                    $(stringify!($field) => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

thresholds! {
    weight_beacon = 0.8, "share", "Most that a beacon adds to a score";
    weight_long = 0.5, "share", "Most that a long connection adds";
    weight_scan = 0.85, "share", "Most that a scan adds";
    weight_upload = 0.75, "share", "Most that an upload adds";
    weight_rare = 0.25, "share", "Most that a rare peer adds to other parts";
    weight_first_seen = 0.25, "share", "Most that a peer unseen on the days before adds to other parts";
    weight_tunnel = 0.9, "share", "Most that a DNS tunnel adds";
    weight_generated = 0.75, "share", "Most that generated names add";
    weight_nxdomain = 0.6, "share", "Most that a burst of names that do not exist adds";
    inside_factor = 0.5, "share", "What a part counts between two inside addresses, or for a group address";
    outside_beacon_factor = 0.6, "share", "What a beacon counts that comes from outside";
    outside_scan_factor = 0.8, "share", "What a scan counts that comes from outside";
    least_part = 0.15, "share", "Parts below this are left out";
    beacon_times = 6.0, "times", "Fewest different times of a beacon";
    beacon_times_full = 24.0, "times", "Times from which on their number adds no more";
    beacon_gap = 1.0, "seconds", "Shortest usual gap of a beacon";
    beacon_busy = 0.8, "share", "Connections open for more of the time than this are one conversation";
    beacon_clock = 0.25, "seconds", "What the clock of the rows adds to the spread of gaps";
    beacon_regular = 0.5, "share", "Regularity of the gaps from which on it says something (by chance 0.3)";
    beacon_fast_times = 60.0, "times", "Fewest times of a beacon with gaps shorter than beacon_gap";
    beacon_fast_gap = 0.1, "seconds", "Shortest mean gap of such a beacon";
    beacon_fast_bin = 10.0, "seconds", "Steps of its time, most of which have a connection";
    beacon_fast_cover = 0.8, "share", "So many of them";
    beacon_fast_sizes = 0.8, "share", "Least regularity of its sizes";
    beacon_fast_factor = 0.5, "share", "What it counts: its gaps are not known";
    beacon_cover = 3600.0, "seconds", "Shortest time that counts as all of what was seen";
    beacon_shared = 0.1, "share", "Peers that more of the inside hosts ask than this are no beacon's";
    beacon_shared_hosts = 5.0, "hosts", "But a peer of no more hosts than this may be one";
    beacon_most = 20000.0, "connections", "Connections of a pair above which it is no beacon";
    beacon_candidates = 50000.0, "pairs", "Most pairs whose gaps are looked at, those with fewest clients first";
    long_from = 3600.0, "seconds", "A connection is long from here";
    long_full = 43200.0, "seconds", "and no longer than this for the full part";
    long_share = 0.4, "share", "Where little of the day was seen, a connection is long that takes so much of it";
    long_least = 60.0, "seconds", "but never a shorter one";
    long_short_factor = 0.5, "share", "What it counts where next to nothing of the day was seen";
    scan_packets = 3.0, "packets", "Most packets of a try";
    scan_answer = 64.0, "bytes", "Most bytes of what is no answer (a reset)";
    scan_ports = 12.0, "ports", "Ports of one host from which on it is a scan";
    scan_ports_full = 100.0, "ports", "Ports for the full part";
    scan_hosts = 20.0, "hosts", "Hosts at one port from which on it is a sweep";
    scan_hosts_full = 200.0, "hosts", "Hosts for the full part";
    scan_tries = 30.0, "tries", "Tries at one port of one host without an answer";
    scan_tries_full = 500.0, "tries", "Tries for the full part";
    upload_bytes = 20000000.0, "bytes", "Smallest upload";
    upload_ratio = 2.0, "times", "An upload sends so many times what it receives";
    upload_factor = 5.0, "times", "So many times the host's usual";
    upload_factor_full = 500.0, "times", "for the full part";
    upload_floor = 1000000.0, "bytes", "Usual of a host of which little is known";
    upload_assumed = 0.8, "share", "What an upload counts where the usual is only assumed";
    upload_peers = 3.0, "peers", "Other outside peers that make a usual";
    rare_hosts = 3.0, "hosts", "Peers that more inside hosts talk to are not rare";
    rare_population = 5.0, "hosts", "Without so many inside hosts nothing can be called rare";
    tunnel_names = 20.0, "names", "Names below one domain from which on it may be a tunnel";
    tunnel_names_full = 300.0, "names", "Names for the full part";
    tunnel_length = 18.0, "characters", "Mean length of what stands before the domain";
    tunnel_length_full = 60.0, "characters", "for the full part";
    tunnel_entropy = 2.5, "bits", "Mean entropy of a character of it";
    tunnel_entropy_full = 4.0, "bits", "for the full part";
    tunnel_types_full = 0.5, "share", "Answers of types that carry data, for the full part";
    tunnel_fresh = 0.5, "share", "Names of a tunnel are new at least so often";
    generated_length = 6.0, "characters", "Shortest label that can be told from a chosen one";
    generated_bits = 4.9, "bits", "Mean surprise of a letter from which on a label looks generated";
    generated_bits_full = 6.2, "bits", "for the full part";
    generated_names = 8.0, "names", "Domains of one client that look generated, or alike";
    generated_names_full = 60.0, "names", "for the full part";
    alike_share = 0.3, "share", "Of a client's domains under a suffix so many have one length where names are generated";
    alike_names = 20.0, "names", "Fewest domains of one length and suffix that are alike";
    alike_bits = 4.5, "bits", "Mean surprise of a letter of domains that are alike, at least";
    generated_clients = 2.0, "clients", "Domains that more clients ask for were not generated";
    nxdomain_minutes = 10.0, "minutes", "Length of a burst";
    nxdomain_names = 20.0, "answers", "Answers without a name in that time";
    nxdomain_names_full = 200.0, "answers", "for the full part";
    nxdomain_share = 0.2, "share", "Of the client's answers so many say that there is no such name";
}

impl Thresholds {
    /// Reads the text of the file, lines of name, value, unit and meaning, of which the first two
    /// count; what it does not name stays as it is built in. A bad line is noted.
    ///
    /// ```
    /// use spot_analysis::rank::Thresholds;
    ///
    /// let read = Thresholds::parse("thresholds.csv", "name,value\nscan_ports,30,ports\nfoo,1\n");
    /// assert_eq!(read.scan_ports, 30.0);
    /// assert_eq!(read.scan_hosts, Thresholds::default().scan_hosts);
    /// assert_eq!(read.notes, ["thresholds.csv line 3: `foo` is no threshold; skipped"]);
    /// ```
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let mut read = Self::default();
        for (index, line) in lines(text).enumerate() {
            let mut fields = fields(line.text);
            let name = fields.next().unwrap_or_default();
            let text = fields.next().unwrap_or_default();
            let value = text.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
            match (read.place(&name), value) {
                (Some(place), Some(value)) => *place = value,
                (None, None) if index == 0 && is_header(&name) => {}
                (None, _) => notes.add(line.number, format!("`{name}` is no threshold; skipped")),
                (Some(_), None) => {
                    let what = format!("`{text}` of {name} is no number from 0 on; skipped");
                    notes.add(line.number, what);
                }
            }
        }
        read.notes = notes.texts();
        read
    }

    /// The file with the built-in values.
    pub fn built_in() -> String {
        let line = |(name, value, unit, meaning): &(&str, f64, &str, &str)| {
            format!("{name},{value},{unit},\"{meaning}\"\n")
        };
        let lines: String = Self::ALL.iter().map(line).collect();
        format!("name,value,unit,meaning\n{lines}")
    }
}

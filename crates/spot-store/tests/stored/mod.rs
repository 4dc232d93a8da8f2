//! Storage servers that a test plays, as their documents describe them: WebHDFS and S3.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Decoded, with a `/` in front.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

type Answer = (&'static str, Vec<(&'static str, String)>, Vec<u8>);

#[derive(Default)]
struct State {
    /// By path: bytes, and when they came.
    files: BTreeMap<String, (Vec<u8>, u64)>,
    asked: Vec<Request>,
    clock: u64,
    /// Changes that are still taken; then every connection is closed without an answer.
    changes_left: Option<usize>,
    /// Milliseconds from one request to the next.
    tick: u64,
    /// What every folder says to have besides.
    lies: Vec<String>,
}

/// A server and what it has.
#[derive(Clone)]
pub struct Stored {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Stored {
    pub fn hdfs() -> Self {
        Self::start(hdfs)
    }

    /// One that has nothing, and is no storage server.
    pub fn nothing() -> Self {
        Self::start(|_, _, _| ("404 Not Found", Vec::new(), b"<h1>Not here</h1>".to_vec()))
    }

    pub fn s3() -> Self {
        Self::start(s3)
    }

    fn start(answer: fn(&mut State, &Request, SocketAddr) -> Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("address");
        let state = Arc::new(Mutex::new(State::default()));
        let all = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                let mut state = all.lock().expect("no panic");
                state.asked.push(request.clone());
                state.clock += state.tick.max(1);
                let changes = matches!(request.method.as_str(), "PUT" | "DELETE");
                match &mut state.changes_left {
                    Some(0) => continue,
                    Some(left) if changes => *left -= 1,
                    _ => {}
                }
                let (status, headers, body) = answer(&mut state, &request, address);
                drop(state);
                write(&stream, &request.method, status, &headers, &body);
            }
        });
        Self { address, state }
    }

    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state.lock().expect("no panic");
        state.files.iter().map(|(path, (bytes, _))| (path.clone(), bytes.clone())).collect()
    }

    pub fn put(&self, path: &str, bytes: &[u8]) {
        let mut state = self.state.lock().expect("no panic");
        state.clock += 1;
        let now = state.clock;
        state.files.insert(path.to_owned(), (bytes.to_vec(), now));
    }

    /// Its clock goes on by so much with each request.
    pub fn ticks(&self, milliseconds: u64) {
        self.state.lock().expect("no panic").tick = milliseconds;
    }

    /// Names that every list says to have.
    pub fn lies(&self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.state.lock().expect("no panic").lies = names;
    }

    pub fn asked(&self) -> Vec<Request> {
        self.state.lock().expect("no panic").asked.clone()
    }

    /// After so many changes it answers nothing any more; `None`: it answers.
    pub fn dies_after(&self, changes: Option<usize>) {
        self.state.lock().expect("no panic").changes_left = changes;
    }
}

/// `hadoop-hdfs/WebHDFS.html`: the name node says where to read and write, the data node does it.
fn hdfs(state: &mut State, request: &Request, address: SocketAddr) -> Answer {
    let json = |status, value: serde_json::Value| {
        (
            status,
            vec![("content-type", "application/json".to_owned())],
            value.to_string().into_bytes(),
        )
    };
    let missing = |path: &str| {
        let text = format!("File does not exist: {path}");
        json(
            "404 Not Found",
            serde_json::json!({"RemoteException": {"exception": "FileNotFoundException",
                "javaClassName": "java.io.FileNotFoundException", "message": text}}),
        )
    };
    if let Some(path) = request.path.strip_prefix("/datanode") {
        return match request.method.as_str() {
            "PUT" => {
                let now = state.clock;
                state.files.insert(path.to_owned(), (request.body.clone(), now));
                ("201 Created", Vec::new(), Vec::new())
            }
            _ => match state.files.get(path) {
                Some((bytes, _)) => ("200 OK", Vec::new(), bytes.clone()),
                None => missing(path),
            },
        };
    }
    let Some(path) = request.path.strip_prefix("/webhdfs/v1") else { return missing("") };
    if request.get("user.name") != Some("ann") {
        return json(
            "401 Unauthorized",
            serde_json::json!({"RemoteException": {"exception": "SecurityException",
                "javaClassName": "java.lang.SecurityException", "message": "no user"}}),
        );
    }
    let path = path.trim_end_matches('/');
    let there =
        format!("http://{address}/datanode{}", path.replace('%', "%25").replace(' ', "%20"));
    let below = format!("{path}/");
    let is_folder = |state: &State| state.files.keys().any(|name| name.starts_with(&below));
    let status = |suffix: &str, file: Option<&(Vec<u8>, u64)>| {
        serde_json::json!({
            "accessTime": 0, "blockSize": 134_217_728, "group": "supergroup", "owner": "ann",
            "permission": "644", "replication": 1, "pathSuffix": suffix,
            "length": file.map_or(0, |(bytes, _)| bytes.len()),
            "modificationTime": file.map_or(0, |(_, when)| 1_467_968_400_000 + when),
            "type": if file.is_some() { "FILE" } else { "DIRECTORY" },
        })
    };
    match (request.method.as_str(), request.get("op").unwrap_or_default()) {
        ("PUT", "CREATE") => json("200 OK", serde_json::json!({"Location": there})),
        ("PUT", "MKDIRS") => json("200 OK", serde_json::json!({"boolean": true})),
        ("DELETE", "DELETE") => {
            let removed = state.files.remove(path).is_some();
            json("200 OK", serde_json::json!({"boolean": removed}))
        }
        ("GET", "OPEN") if state.files.contains_key(path) => {
            ("307 Temporary Redirect", vec![("location", there)], Vec::new())
        }
        ("GET", "GETFILESTATUS") if state.files.contains_key(path) || is_folder(state) => {
            json("200 OK", serde_json::json!({"FileStatus": status("", state.files.get(path))}))
        }
        ("GET", "LISTSTATUS") if is_folder(state) => {
            let mut found = BTreeMap::new();
            for (name, file) in state.files.range(below.clone()..) {
                let Some(rest) = name.strip_prefix(&below) else { break };
                let (first, more) = rest.split_once('/').map_or((rest, false), |(f, _)| (f, true));
                found.entry(first).or_insert((!more).then_some(file));
            }
            let lies = state.lies.iter().map(|name| status(name, Some(&(b"lie".to_vec(), 1))));
            let found = found.into_iter().map(|(name, file)| status(name, file));
            let found: Vec<_> = found.chain(lies).collect();
            json("200 OK", serde_json::json!({"FileStatuses": {"FileStatus": found}}))
        }
        _ => missing(path),
    }
}

/// `ListObjectsV2`, `GetObject`, `PutObject`, `DeleteObject` of the S3 API, the bucket in the path.
fn s3(state: &mut State, request: &Request, _: SocketAddr) -> Answer {
    let error = |status, code: &str| {
        let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
        (status, vec![("content-type", "application/xml".to_owned())], body.into_bytes())
    };
    let signed = request.headers.to_ascii_lowercase();
    if !signed.contains("authorization: aws4-hmac-sha256 credential=key/") {
        return error("403 Forbidden", "AccessDenied");
    }
    let Some(key) = request.path.strip_prefix("/bucket") else {
        return error("404 Not Found", "NoSuchBucket");
    };
    if request.get("list-type") == Some("2") {
        let prefix = format!("/{}", request.get("prefix").unwrap_or_default());
        let (mut folders, mut files) = (String::new(), String::new());
        let mut last = String::new();
        for (name, (bytes, when)) in state.files.range(prefix.clone()..) {
            let Some(rest) = name.strip_prefix(&prefix) else { break };
            match rest.split_once('/') {
                Some((folder, _)) if request.get("delimiter") == Some("/") => {
                    if last != folder {
                        let name = &prefix[1..];
                        folders += &format!(
                            "<CommonPrefixes><Prefix>{name}{folder}/</Prefix></CommonPrefixes>"
                        );
                        folder.clone_into(&mut last);
                    }
                }
                _ => {
                    files += &format!(
                        "<Contents><Key>{}</Key><LastModified>2016-07-08T09:00:00.000Z\
                         </LastModified><ETag>\"{when}\"</ETag><Size>{}</Size></Contents>",
                        &name[1..],
                        bytes.len()
                    );
                }
            }
        }
        let body = format!(
            "<?xml version=\"1.0\"?><ListBucketResult><Name>bucket</Name><KeyCount>1</KeyCount>\
             <IsTruncated>false</IsTruncated>{files}{folders}</ListBucketResult>"
        );
        return ("200 OK", vec![("content-type", "application/xml".to_owned())], body.into_bytes());
    }
    match request.method.as_str() {
        "PUT" => {
            let now = state.clock;
            state.files.insert(key.to_owned(), (request.body.clone(), now));
            ("200 OK", vec![("etag", format!("\"{now}\""))], Vec::new())
        }
        "DELETE" => {
            state.files.remove(key);
            ("204 No Content", Vec::new(), Vec::new())
        }
        _ => match state.files.get(key) {
            Some((bytes, when)) => ("200 OK", vec![("etag", format!("\"{when}\""))], bytes.clone()),
            None => error("404 Not Found", "NoSuchKey"),
        },
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(name), decoded(value))
    });
    Some(Request { method, path: decoded(path), query: query.collect(), headers, body })
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let hex = (first == b'%').then(|| std::str::from_utf8(&after[..2]).expect("hex"));
        bytes.push(hex.map_or(first, |hex| u8::from_str_radix(hex, 16).expect("hex")));
        rest = if hex.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).expect("UTF-8")
}

fn write(
    mut stream: &TcpStream,
    method: &str,
    status: &str,
    headers: &[(&str, String)],
    body: &[u8],
) {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let body = if method == "HEAD" { &[] } else { body };
    // Who asked may be gone.
    drop(stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()));
    drop(stream.write_all(body));
}

//! Messages as they stand on a socket: frames, signature, headers.
//!
//! `[envelope ..] <IDS|MSG> signature header parent_header metadata content [buffers ..]`. The
//! signature covers the four JSON frames and not the buffers.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{SecondsFormat, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use uuid::Uuid;
use zeromq::ZmqMessage;

/// Version of the messaging specification that this kernel speaks.
pub const PROTOCOL_VERSION: &str = "5.4";

const DELIMITER: &[u8] = b"<IDS|MSG>";

/// The header of a message, shared because every output of a cell names it as its parent.
pub type Header = Arc<Map<String, Value>>;

/// A message from a client, signature checked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Frames before the delimiter: the way back.
    pub envelope: Vec<Vec<u8>>,
    /// Parent of everything that this request causes.
    pub header: Header,
    /// `msg_type` of the header.
    pub kind: String,
    /// What is asked.
    pub content: Map<String, Value>,
    /// Binary values.
    pub buffers: Vec<Vec<u8>>,
}

impl Request {
    /// A text member of the content, when there is one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.content.get(name)?.as_str()
    }

    /// A truth value of the content, else `default`.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.content.get(name).and_then(Value::as_bool).unwrap_or(default)
    }
}

/// Why a message was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// Not the frames of a Jupyter message.
    Frames,
    /// The signature does not fit the key.
    Signature,
    /// A frame that should be a JSON object is not.
    Json,
    /// The header has no `msg_id` or `msg_type`.
    Header,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frames => "not the frames of a Jupyter message",
            Self::Signature => "wrong signature",
            Self::Json => "a frame is not a JSON object",
            Self::Header => "header without msg_id or msg_type",
        })
    }
}

/// Signs and numbers outgoing messages, checks incoming ones. One session id for all channels:
/// JupyterLab throws messages away when the id changes.
#[derive(Debug)]
pub struct Session {
    id: String,
    key: Option<Hmac<Sha256>>,
    count: AtomicU64,
}

impl Session {
    /// A session with a fresh id. An empty key means that messages are not signed.
    pub fn new(key: &str) -> Self {
        let key = (!key.is_empty()).then(|| Hmac::new_from_slice(key.as_bytes()).ok()).flatten();
        Self { id: Uuid::new_v4().to_string(), key, count: AtomicU64::new(0) }
    }

    /// The id that every outgoing message carries.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A header for a message that leaves now.
    pub fn header(&self, kind: &str) -> Map<String, Value> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let mut header = Map::new();
        header.insert("msg_id".into(), format!("{}_{number}", self.id).into());
        header.insert("msg_type".into(), kind.into());
        header.insert("session".into(), self.id.as_str().into());
        header.insert("username".into(), "kernel".into());
        header.insert("date".into(), now().into());
        header.insert("version".into(), PROTOCOL_VERSION.into());
        header
    }

    /// Makes the frames of a message. `envelope` is the identity of the receiver or the topic.
    pub fn encode(
        &self,
        envelope: &[Vec<u8>],
        kind: &str,
        parent: &Header,
        metadata: &Value,
        content: &Value,
        buffers: Vec<Vec<u8>>,
    ) -> ZmqMessage {
        let header = Value::Object(self.header(kind));
        let parts = [
            header.to_string(),
            json!(**parent).to_string(),
            metadata.to_string(),
            content.to_string(),
        ];
        let signature = self.sign(&parts);
        let mut message = ZmqMessage::from(DELIMITER.to_vec());
        for frame in envelope.iter().rev() {
            message.push_front(frame.clone().into());
        }
        message.push_back(signature.into());
        for part in parts {
            message.push_back(part.into());
        }
        for buffer in buffers {
            message.push_back(buffer.into());
        }
        message
    }

    /// Reads the frames of a message.
    pub fn decode<F: AsRef<[u8]>>(&self, frames: &[F]) -> Result<Request, Rejected> {
        let delimiter =
            frames.iter().position(|frame| frame.as_ref() == DELIMITER).ok_or(Rejected::Frames)?;
        let (envelope, rest) = frames.split_at(delimiter);
        let [_, signature, header, parent, metadata, content, buffers @ ..] = rest else {
            return Err(Rejected::Frames);
        };
        let parts = [header, parent, metadata, content];
        if !self.verify(signature.as_ref(), &parts) {
            return Err(Rejected::Signature);
        }
        let object = |frame: &F| serde_json::from_slice::<Map<String, Value>>(frame.as_ref());
        let header = object(header).map_err(|_| Rejected::Json)?;
        let content = object(content).map_err(|_| Rejected::Json)?;
        let kind = match (header.get("msg_type"), header.get("msg_id")) {
            (Some(Value::String(kind)), Some(Value::String(_))) => kind.clone(),
            _ => return Err(Rejected::Header),
        };
        Ok(Request {
            envelope: envelope.iter().map(|f| f.as_ref().to_vec()).collect(),
            header: Arc::new(header),
            kind,
            content,
            buffers: buffers.iter().map(|f| f.as_ref().to_vec()).collect(),
        })
    }

    fn mac<F: AsRef<[u8]>>(&self, parts: &[F]) -> Option<Hmac<Sha256>> {
        let mut mac = self.key.clone()?;
        for part in parts {
            mac.update(part.as_ref());
        }
        Some(mac)
    }

    fn sign<F: AsRef<[u8]>>(&self, parts: &[F]) -> String {
        self.mac(parts).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default()
    }

    fn verify<F: AsRef<[u8]>>(&self, signature: &[u8], parts: &[F]) -> bool {
        let Some(mac) = self.mac(parts) else {
            return true;
        };
        hex::decode(signature).is_ok_and(|signature| mac.verify_slice(&signature).is_ok())
    }
}

/// Now, in UTC, as headers have it.
pub fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(session: &Session) -> Vec<Vec<u8>> {
        session
            .encode(
                &[b"client".to_vec()],
                "comm_msg",
                &Header::default(),
                &json!({}),
                &json!({"comm_id": "c"}),
                vec![vec![0, 255]],
            )
            .into_vec()
            .iter()
            .map(|frame| frame.to_vec())
            .collect()
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for key in ["", "a key"] {
            let session = Session::new(key);
            let request = session.decode(&frames(&session)).unwrap();
            assert_eq!(request.kind, "comm_msg");
            assert_eq!(request.envelope, [b"client".to_vec()]);
            assert_eq!(request.text("comm_id"), Some("c"));
            assert_eq!(request.buffers, [vec![0, 255]]);
            assert_eq!(request.header["session"], session.id());
        }
    }

    #[test]
    fn buffers_are_outside_the_signature() {
        let session = Session::new("a key");
        let mut frames = frames(&session);
        frames.push(b"one more".to_vec());
        assert_eq!(session.decode(&frames).unwrap().buffers.len(), 2);
    }

    #[test]
    fn what_is_not_a_message_is_rejected() {
        let session = Session::new("a key");
        let unsigned = Session::new("");
        let good = frames(&session);
        let with = |at: usize, frame: &str| {
            let mut frames = good.clone();
            frames[at] = frame.into();
            frames
        };
        for (session, frames, want) in [
            (&session, vec![], Rejected::Frames),
            (&session, vec![b"<IDS|MSG>".to_vec()], Rejected::Frames),
            (&session, good[..6].to_vec(), Rejected::Frames),
            (&session, with(1, "<IDS>"), Rejected::Frames),
            (&session, with(2, ""), Rejected::Signature),
            (&session, with(2, "zz"), Rejected::Signature),
            (&session, with(6, "{}"), Rejected::Signature),
            (&unsigned, with(6, "[]"), Rejected::Json),
            (&unsigned, with(6, "{"), Rejected::Json),
            (&unsigned, with(3, "{\"msg_type\":\"x\"}"), Rejected::Header),
            (&unsigned, with(3, "{\"msg_type\":1,\"msg_id\":\"x\"}"), Rejected::Header),
        ] {
            assert_eq!(session.decode(&frames).unwrap_err(), want, "{frames:?}");
        }
    }
}

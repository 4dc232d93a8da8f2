//! Requests other than cells, and what is no request at all.

mod kernel_client;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use kernel_client::{Client, briefs, library, subscriber};
use serde_json::{Value, json};
use zeromq::{ReqSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

#[tokio::test(flavor = "multi_thread")]
async fn replies() {
    let mut client = Client::start().await;
    client.run("print 1").await;
    for (kind, content, want) in [
        (
            "complete_request",
            json!({"code": "größe é pr x", "cursor_pos": 10}),
            json!({
                "status": "ok", "matches": ["print"], "cursor_start": 8, "cursor_end": 10,
                "metadata": {"_jupyter_types_experimental":
                    [{"text": "print", "type": "keyword", "start": 8, "end": 10}]},
            }),
        ),
        (
            "inspect_request",
            json!({"code": "é print x", "cursor_pos": 4, "detail_level": 0}),
            json!({"status": "ok", "found": true, "data": {"text/plain": "help on print"}, "metadata": {}}),
        ),
        (
            "inspect_request",
            json!({"code": "", "cursor_pos": 99}),
            json!({"status": "ok", "found": false, "data": {}, "metadata": {}}),
        ),
        ("is_complete_request", json!({"code": "a"}), json!({"status": "complete"})),
        (
            "is_complete_request",
            json!({"code": "a \\"}),
            json!({"status": "incomplete", "indent": "  "}),
        ),
        ("is_complete_request", json!({}), json!({"status": "unknown"})),
        (
            "history_request",
            json!({"hist_access_type": "tail", "n": 5, "raw": true, "output": false}),
            json!({"status": "ok", "history": [[1, 1, "print 1"]]}),
        ),
        ("comm_info_request", json!({}), json!({"status": "ok", "comms": {}})),
        ("comm_info_request", json!({"target_name": null}), json!({"status": "ok", "comms": {}})),
    ] {
        let id = client.ask(kind, content.clone()).await;
        let reply = client.reply().await;
        assert_eq!(reply.content, want, "{kind} {content}");
        assert_eq!(reply.parent, id);
        assert_eq!(reply.kind, kind.replace("_request", "_reply"));
        assert_eq!(briefs(&client.until_idle(&id).await), ["status busy", "status idle"]);
    }
    client.ask("kernel_info_request", json!({})).await;
    let info = client.reply().await.content;
    assert_eq!(info["status"], "ok");
    assert_eq!(info["language_info"]["name"], "rust");
    assert_eq!(info["language_info"]["pygments_lexer"], "rust");
    assert_eq!(info["banner"], "A mock");
    let connect = client.command("connect_request", json!({})).await;
    assert_eq!(connect["hb_port"], client.connection.hb_port);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_has_one_session() {
    let mut client = Client::start().await;
    let id = client.execute("print x\nresult 1").await;
    let mut sessions: Vec<Value> =
        client.until_idle(&id).await.iter().map(|m| m.header["session"].clone()).collect();
    sessions.push(client.reply().await.header["session"].clone());
    sessions.dedup();
    assert_eq!(sessions.len(), 1);
    assert_ne!(sessions[0], client.session.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_request_ends_with_idle() {
    let mut client = Client::start().await;
    for kind in ["debug_request", "nothing", "input_reply", "comm_close", "comm_msg", "comm_open"] {
        let id = client.ask(kind, json!({"any": 1})).await;
        assert_eq!(briefs(&client.until_idle(&id).await), ["status busy", "status idle"], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_signed_message_is_dropped() {
    let mut client = Client::start().await;
    let (good, _) = client.message("shutdown_request", json!({}), vec![]);
    let good = good.into_vec();
    let with = |at: usize, frame: &[u8]| {
        let mut frames = good.clone();
        frames[at] = frame.to_vec().into();
        ZmqMessage::try_from(frames).unwrap()
    };
    let bad = [
        ZmqMessage::from("hello"),
        ZmqMessage::from(vec![0xff; 70_000]),
        ZmqMessage::from("<IDS|MSG>"),
        with(0, b"<IDS>"),
        with(1, b""),
        with(1, &[b'0'; 64]),
        with(5, br#"{"restart":true}"#),
        with(2, b"{}"),
    ];
    let count = bad.len() as u64;
    for message in bad {
        client.shell.send(message.clone()).await.unwrap();
        client.control.send(message.clone()).await.unwrap();
        client.stdin.send(message).await.unwrap();
    }
    assert_eq!(client.run("print alive").await.1["status"], "ok");
    assert_eq!(client.command("kernel_info_request", json!({})).await["status"], "ok");
    while client.dropped.count() < 3 * count {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // A message whose buffers came after the signature was made is a good one.
    let (mut message, id) = client.message("comm_msg", json!({"comm_id": "x"}), vec![]);
    message.push_back(vec![1, 2, 3].into());
    client.shell.send(message).await.unwrap();
    client.until_idle(&id).await;
    assert_eq!(client.dropped.count(), 3 * count);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_not_zeromq_do_not_stop_a_socket() {
    let mut client = Client::start().await;
    let c = client.connection.clone();
    let ports = [c.shell_port, c.iopub_port, c.stdin_port, c.control_port, c.hb_port];
    let mut open = Vec::new();
    for port in ports {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 200], &[0; 64], b""] {
            let mut stream = TcpStream::connect((c.ip.as_str(), port)).unwrap();
            let _ = stream.write_all(bytes);
            open.push(stream);
        }
    }
    let mut heartbeat = ReqSocket::new();
    heartbeat.connect(&c.endpoint(c.hb_port)).await.unwrap();
    heartbeat.send("ping".into()).await.unwrap();
    assert_eq!(heartbeat.recv().await.unwrap().get(0).unwrap().as_ref(), b"ping");
    assert_eq!(client.run("print alive").await.1["status"], "ok");
    assert_eq!(client.command("kernel_info_request", json!({})).await["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_takes_only_who_knows_the_nonce() {
    let mut client = Client::start().await;
    client.run("print the user process is there").await;
    let dropped = client.dropped.count();
    let hellos =
        ["{\"hello\":\"0\",\"role\":\"output\"}\n", "nonsense\n", "{\"role\":\"events\"}\n"];
    for hello in hellos {
        let mut stream = UnixStream::connect(client.folder.join("link")).unwrap();
        stream.write_all(hello.as_bytes()).unwrap();
        let _ = stream.write_all(b"{\"type\":\"stdout\",\"text\":\"forged\"}\n");
        // The kernel hangs up.
        let mut line = String::new();
        assert!(matches!(BufReader::new(stream).read_line(&mut line), Ok(0) | Err(_)));
    }
    assert_eq!(client.dropped.count(), dropped + hellos.len() as u64);
    assert_eq!(client.run("print x").await.0, ["execute_input 2", r#"stdout "x\n""#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_stops_nobody() {
    let mut client = Client::start().await;
    let deaf = subscriber(&client.connection).await;
    // More than the system takes for a client that does not read.
    let text = "x".repeat(1 << 20);
    let show = library(json!({"type": "display_data", "data": {"text/plain": text}}));
    let (outputs, reply) = client.run(&show.repeat(12)).await;
    assert_eq!((outputs.len(), &reply["status"]), (13, &json!("ok")));
    drop(deaf);
}

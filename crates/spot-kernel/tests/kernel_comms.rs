//! Comms over real sockets: both directions, echo, restored pages, dead user processes.

mod kernel_client;

use std::path::Path;

use kernel_client::{Client, Received, briefs, library, open_widget};
use serde_json::{Value, json};
use zeromq::SocketSend;

const CONTROL: &str = "jupyter.widget.control";

fn update(state: Value) -> Value {
    json!({"method": "update", "state": state, "buffer_paths": []})
}

fn click(event: &str) -> Value {
    json!({"method": "custom", "content": {"event": event}})
}

/// All widgets as a page that was reloaded gets them.
async fn restored(client: &mut Client) -> Received {
    let open = json!({"comm_id": "page", "target_name": CONTROL, "data": {}});
    client.ask("comm_open", open).await;
    let id = client.comm("page", json!({"method": "request_states"})).await;
    let answers = client.until_idle(&id).await;
    assert_eq!(answers.len(), 3, "{:?}", briefs(&answers));
    client.ask("comm_close", json!({"comm_id": "page", "data": {}})).await;
    answers[1].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comm_opens_in_its_cell() {
    let mut client = Client::start().await;
    let id = client.execute(&open_widget("w", json!({"value": 1}))).await;
    let outputs = client.until_idle(&id).await;
    let open = &outputs[2];
    assert_eq!(open.kind, "comm_open");
    assert_eq!(open.metadata, json!({"version": "2.1.0"}));
    let data = json!({"state": {"value": 1}, "buffer_paths": []});
    let want = json!({"comm_id": "w", "target_name": "jupyter.widget", "data": data});
    assert_eq!(open.content, want);
    client.reply().await;
    for (target, want) in [
        (json!("jupyter.widget"), json!({"w": {"target_name": "jupyter.widget"}})),
        (json!("other"), json!({})),
    ] {
        client.ask("comm_info_request", json!({"target_name": target})).await;
        assert_eq!(client.reply().await.content, json!({"status": "ok", "comms": want}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_echoed_then_passed_on_then_idle() {
    let mut client = Client::start().await;
    client.run(&open_widget("w", json!({"value": ""}))).await;
    let id = client.comm("w", update(json!({"value": "hé"}))).await;
    let want = [
        "status busy",
        r#"comm_msg {"method":"echo_update","state":{"value":"hé"},"buffer_paths":[]}"#,
        "status idle",
    ];
    // The mock's library prints what it gets.
    let (got, rest): (Vec<_>, Vec<_>) =
        client.all_until_idle(&id).await.into_iter().partition(|m| m.kind == "stream");
    assert_eq!(briefs(&rest), want);
    assert!(rest.iter().all(|message| message.parent == id));
    let got = &got[0];
    let got: Value = serde_json::from_str(got.content["text"].as_str().unwrap()).unwrap();
    let data = update(json!({"value": "hé"}));
    let want = json!({"type": "comm_msg", "comm_id": "w", "data": data, "buffers": [], "token": 1});
    assert_eq!(got, want);
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_work_while_a_cell_runs() {
    let mut client = Client::start().await;
    client.run(&open_widget("w", json!({}))).await;
    let cell = client.execute("print on\nsleep 60000").await;
    while client.published().await.brief() != r#"stdout "on\n""# {}
    for data in [click("click"), update(json!({"value": 2}))] {
        let id = client.comm("w", data).await;
        client.until_idle(&id).await;
        // The kernel still works on the cell, and says so.
        let again = client.published().await;
        assert_eq!((again.brief().as_str(), &again.parent), ("status busy", &cell));
    }
    client.ask("comm_info_request", json!({})).await;
    let reply = client.reply().await;
    assert_eq!(reply.kind, "comm_info_reply", "before the reply of the cell");
    client.command("interrupt_request", json!({})).await;
    assert_eq!(client.reply().await.parent, cell);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_what_both_sides_said() {
    let mut client = Client::start().await;
    let model = json!({
        "_model_name": "M", "_model_module": "m", "_model_module_version": "2.0.0",
        "value": 1, "other": null,
    });
    client.run(&open_widget("w", model)).await;
    let id = client.comm("w", update(json!({"value": 5}))).await;
    client.until_idle(&id).await;
    let from_cell = json!({
        "type": "comm_msg", "comm_id": "w", "buffers": ["AQID"],
        "data": {"method": "update", "state": {}, "buffer_paths": [["other"]]},
    });
    let id = client.execute(&library(from_cell)).await;
    let outputs = client.until_idle(&id).await;
    assert_eq!(outputs[2].buffers, [vec![1, 2, 3]]);
    // Front ends write the outputs of an Output widget, and may send bytes.
    let content = json!({"comm_id": "w", "data": {
        "method": "update", "state": {"outputs": [1]}, "buffer_paths": [["bytes"]],
    }});
    let (message, id) = client.message("comm_msg", content, vec![vec![0xff]]);
    client.shell.send(message).await.unwrap();
    let echo = &client.until_idle(&id).await[1];
    assert_eq!(echo.buffers, [vec![0xff]]);

    let state = json!({
        "_model_name": "M", "_model_module": "m", "_model_module_version": "2.0.0",
        "value": 5, "outputs": [1],
    });
    let page = restored(&mut client).await;
    let want = json!({
        "method": "update_states",
        "states": {"w": {
            "model_name": "M", "model_module": "m", "model_module_version": "2.0.0", "state": state,
        }},
        "buffer_paths": [["w", "state", "other"], ["w", "state", "bytes"]],
    });
    assert_eq!(page.content, json!({"comm_id": "page", "data": want}));
    assert_eq!(page.buffers, [vec![1, 2, 3], vec![0xff]]);

    let id = client.comm("w", json!({"method": "request_state"})).await;
    let answer = &client.until_idle(&id).await[1];
    let data = json!({"method": "update", "state": state, "buffer_paths": [["other"], ["bytes"]]});
    assert_eq!(answer.content, json!({"comm_id": "w", "data": data}));
    assert_eq!(answer.buffers, page.buffers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opens_a_widget() {
    let mut client = Client::start().await;
    let open = json!({"comm_id": "axis", "target_name": "jupyter.widget", "data": {
        "state": {"_model_name": "ControllerAxisModel", "value": 0.5}, "buffer_paths": [],
    }});
    client.run(&open_widget("w", json!({}))).await;
    let id = client.ask("comm_open", open.clone()).await;
    let (got, rest): (Vec<_>, Vec<_>) =
        client.all_until_idle(&id).await.into_iter().partition(|m| m.kind == "stream");
    assert_eq!(briefs(&rest), ["status busy", "status idle"]);
    let got: Value = serde_json::from_str(got[0].content["text"].as_str().unwrap()).unwrap();
    let want = json!({
        "type": "comm_open", "comm_id": "axis", "data": open["data"], "buffers": [], "token": 1,
    });
    assert_eq!(got, want);
    // What it is called then, and its state, is known as of any other; its id cannot be taken.
    let id = client.ask("comm_open", open).await;
    assert_eq!(briefs(&client.until_idle(&id).await), ["status busy", "status idle"]);
    let id = client.comm("axis", json!({"method": "request_state"})).await;
    let answer = &client.all_until_idle(&id).await[1];
    assert_eq!(answer.content["data"]["state"]["value"], 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_closed_or_ignored() {
    let mut client = Client::start().await;
    client.run(&open_widget("w", json!({}))).await;
    for (kind, content, want) in [
        (
            "comm_open",
            json!({"comm_id": "n", "target_name": "unknown.target", "data": {}}),
            Some(json!({"comm_id": "n", "data": {}})),
        ),
        ("comm_msg", json!({"comm_id": "n", "data": click("click")}), None),
        ("comm_close", json!({"comm_id": "n", "data": {}}), None),
        ("comm_msg", json!({"comm_id": "w", "data": [1]}), None),
        ("comm_msg", json!({"comm_id": "w", "data": {"method": "update", "state": 1}}), None),
    ] {
        let id = client.ask(kind, content.clone()).await;
        let mut published = client.until_idle(&id).await;
        // An update is echoed, whatever it says.
        published.retain(|message| message.kind == "comm_close");
        let close = published.pop().map(|message| message.content);
        assert_eq!(close, want, "{kind} {content}");
    }
    client.ask("comm_close", json!({"comm_id": "w", "data": {}})).await;
    client.ask("comm_info_request", json!({})).await;
    assert_eq!(client.reply().await.content["comms"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn output_goes_where_it_belongs() {
    let mut client = Client::start().await;
    let first = client.execute(&open_widget("w", json!({}))).await;
    client.until_idle(&first).await;
    let clicked = client.comm("w", click("click")).await;
    client.until_idle(&clicked).await;
    let show = |parent: Value, text: &str| {
        library(json!({"type": "display_data", "data": {"text/html": text}, "parent": parent}))
    };
    let opened_by_click = library(json!({
        "type": "comm_open", "comm_id": "v", "target_name": "jupyter.widget", "parent": {"token": 1},
    }));
    let code = [
        show(json!(null), "a"),
        show(json!({"token": 1}), "b"),
        show(json!({"cell_of": "w"}), "c"),
        show(json!({"token": 99}), "d"),
        show(json!({"cell_of": "unknown"}), "e"),
        opened_by_click,
        show(json!({"cell_of": "v"}), "f"),
    ];
    let second = client.execute(&code.concat()).await;
    let all = client.all_until_idle(&second).await;
    let parents: Vec<&String> = all
        .iter()
        .filter(|message| matches!(message.kind.as_str(), "display_data" | "comm_open"))
        .map(|message| &message.parent)
        .collect();
    assert_eq!(parents, [&second, &clicked, &first, &second, &second, &clicked, &first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn comms_end_with_their_user_process() {
    let mut client = Client::start().await;
    client.run(&open_widget("w", json!({}))).await;
    // Its handler never returns; the end of the process ends the wait.
    let slow = client.comm("w", click("slow")).await;
    while client.published().await.parent != slow {}
    let id = client.execute("die").await;
    let (mut closed, mut ended) = (None, (false, false));
    while closed.is_none() || ended != (true, true) {
        let message = client.published().await;
        match message.brief().as_str() {
            "comm_close w" => closed = Some(message.content.clone()),
            "status idle" if message.parent == slow => ended.0 = true,
            "status idle" if message.parent == id => ended.1 = true,
            _ => {}
        }
    }
    assert_eq!(closed.unwrap(), json!({"comm_id": "w", "data": {}}));
    // The next process opens its own.
    let (outputs, _) = client.run(&open_widget("w", json!({"value": 2}))).await;
    assert_eq!(outputs, ["execute_input 3", "comm_open w"]);
    let id = client.comm("w", click("click")).await;
    client.until_idle(&id).await;
    assert_eq!(restored(&mut client).await.content["data"]["method"], "update_states");
}

/// What ipykernel and ipywidgets said in the same case, recorded.
#[tokio::test(flavor = "multi_thread")]
async fn restores_what_ipywidgets_restores() {
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/widget-traces");
    if !traces.is_dir() {
        eprintln!("skipped: no recorded traces beside the repository");
        return;
    }
    let read = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(traces.join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let page = read("25_control_request_states.json");
    let answer = page.iter().find(|m| m["content"]["data"]["method"] == "update_states").unwrap();
    let states = answer["content"]["data"]["states"].as_object().unwrap();
    let mut client = Client::start().await;
    let mut opened = Vec::new();
    let mut code = String::new();
    for name in std::fs::read_dir(&traces).unwrap() {
        let name = name.unwrap().file_name().into_string().unwrap();
        if !name.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        for message in read(&name) {
            let (kind, content) = (&message["header"]["msg_type"], &message["content"]);
            let id = content["comm_id"].as_str().unwrap_or_default();
            if kind == "comm_open" && states.contains_key(id) && !opened.contains(&id.to_owned()) {
                opened.push(id.to_owned());
                code += &library(json!({
                    "type": "comm_open", "comm_id": id, "target_name": "jupyter.widget",
                    "data": content["data"], "metadata": message["metadata"],
                    "buffers": message["buffers_b64"],
                }));
            }
        }
    }
    assert!(opened.len() > 50, "{}", opened.len());
    client.run(&code).await;
    let restored = restored(&mut client).await;
    let data = &restored.content["data"];
    for id in &opened {
        let (ours, theirs) = (&data["states"][id], &states[id]);
        for member in ["model_name", "model_module", "model_module_version"] {
            assert_eq!(ours[member], theirs[member], "{id}");
        }
        let keys = |model: &Value| -> Vec<String> {
            let mut keys: Vec<String> =
                model["state"].as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(ours), keys(theirs), "{id}");
    }
    assert_eq!(data["buffer_paths"], answer["content"]["data"]["buffer_paths"]);
    assert_eq!(restored.buffers.len(), answer["buffers_b64"].as_array().unwrap().len());
}

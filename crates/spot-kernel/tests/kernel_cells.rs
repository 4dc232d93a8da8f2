//! Cells over real sockets: outputs in order, counting, errors, aborted cells, questions.

mod kernel_client;

use kernel_client::{Client, briefs, library};
use serde_json::{Value, json};
use zeromq::{SocketRecv, SocketSend};

#[tokio::test(flavor = "multi_thread")]
async fn what_cells_publish() {
    let html = |text: &str| library(json!({"type": "display_data", "data": {"text/html": text}}));
    let slot = |kind: &str, text: &str| {
        library(json!({"type": kind, "data": {"text/html": text}, "display_id": "slot"}))
    };
    let clear = library(json!({"type": "clear_output", "wait": true}));
    let mut client = Client::start().await;
    for (at, (code, want)) in [
        // Text in a row is one message; the two streams keep their order.
        (
            "print a\nprint b\neprint c\nprint d".into(),
            vec![r#"stdout "a\nb\n""#, r#"stderr "c\n""#, r#"stdout "d\n""#],
        ),
        // Blocks of different types are one bundle, the last bundle is the result.
        (
            "content text/plain 1\ncontent text/html <b>1</b>\ncontent text/plain 2".into(),
            vec![
                r#"display_data [{"text/plain":"1","text/html":"<b>1</b>"},{}]"#,
                r#"execute_result [N,{"text/plain":"2"}]"#,
            ],
        ),
        (
            "content application/json [1]\nresult 6".into(),
            vec![
                r#"display_data [{"application/json":[1]},{}]"#,
                r#"execute_result [N,{"text/plain":"6"}]"#,
            ],
        ),
        // In the middle of a cell, in order with prints.
        (
            format!(
                "print 1\n{}print 2\n{clear}print 3\n{}{}",
                html("x"),
                slot("display_data", "y"),
                slot("update_display_data", "z")
            ),
            vec![
                r#"stdout "1\n""#,
                r#"display_data [{"text/html":"x"},{}]"#,
                r#"stdout "2\n""#,
                "clear_output true",
                r#"stdout "3\n""#,
                r#"display_data [{"text/html":"y"},{"display_id":"slot"}]"#,
                r#"update_display_data [{"text/html":"z"},{"display_id":"slot"}]"#,
            ],
        ),
        (
            "print before\nfail NameError no x".into(),
            vec![
                r#"stdout "before\n""#,
                r#"error ["NameError","no x",["NameError: no x"]]"#,
            ],
        ),
        // A panic makes an error of a cell that the evaluator calls done; its value stays visible.
        (
            "content text/plain 1\nline {\"type\":\"panic\",\"message\":\"boom\\nat line 1\"}".into(),
            vec![
                r#"display_data [{"text/plain":"1"},{}]"#,
                r#"error ["Panic","boom",["boom","at line 1"]]"#,
            ],
        ),
        (
            "line {\"type\":\"error_return\",\"message\":\"no file\"}".into(),
            vec![r#"error ["Error","no file",["no file"]]"#],
        ),
        (
            "panic oh".into(),
            vec![
                r#"error ["KernelError","the evaluator panicked: oh",["the evaluator panicked: oh"]]"#,
            ],
        ),
        // Lines that are not of the link are dropped, the cell goes on.
        ("line {\"type\":\"x\"}\nline nonsense\nprint on".into(), vec![r#"stdout "on\n""#]),
        ("nocomplete\nprint on".into(), vec![r#"stdout "on\n""#]),
        (String::new(), vec![]),
    ]
    .into_iter()
    .enumerate()
    {
        let count = at + 1;
        let (published, reply) = client.run(&code).await;
        let mut expected = vec![format!("execute_input {count}")];
        expected.extend(want.iter().map(|line| line.replace("[N,", &format!("[{count},"))));
        assert_eq!(published, expected, "{code}");
        let failed = want.last().is_some_and(|line| line.starts_with("error"));
        assert_eq!(reply["status"], if failed { "error" } else { "ok" }, "{code}");
        assert_eq!(reply["execution_count"], count, "{code}");
        assert_eq!(reply["traceback"].is_array(), failed, "{code}");
    }
    assert_eq!(client.dropped.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_cell_publishes_only_its_status() {
    let mut client = Client::start().await;
    let code = "print x\ncontent text/plain 1\nfail A b";
    let id = client.ask("execute_request", json!({"code": code, "silent": true})).await;
    assert_eq!(briefs(&client.until_idle(&id).await), ["status busy", "status idle"]);
    let reply = client.reply().await.content;
    assert_eq!((&reply["status"], &reply["execution_count"]), (&json!("error"), &json!(0)));
    let unstored = json!({"code": "", "store_history": false});
    let id = client.ask("execute_request", unstored).await;
    client.until_idle(&id).await;
    assert_eq!(client.reply().await.content["execution_count"], 0);
    assert_eq!(client.run("print y").await.0, ["execute_input 1", r#"stdout "y\n""#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_behind_a_failed_one_are_aborted() {
    let mut client = Client::start().await;
    for (stop, want) in [(true, "aborted"), (false, "ok")] {
        let code = "sleep 200\nfail A b";
        let first = json!({"code": code, "stop_on_error": stop});
        let first = client.ask("execute_request", first).await;
        let second = client.execute("print no").await;
        assert_eq!(client.reply().await.content["status"], "error");
        let reply = client.reply().await;
        assert_eq!(reply.parent, second);
        assert_eq!(reply.content["status"], want);
        let all = client.all_until_idle(&second).await;
        let busy = all.iter().filter(|m| m.parent == second && m.brief() == "status busy");
        assert_eq!(busy.count(), 1);
        let first_idle = all.iter().position(|m| m.parent == first && m.brief() == "status idle");
        let second_busy = all.iter().position(|m| m.parent == second);
        assert!(first_idle < second_busy, "{:?}", briefs(&all));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_wait_for_the_evaluator_and_hear_why_it_failed() {
    let mut client = Client::start_with(|_, _| {
        std::thread::sleep(std::time::Duration::from_millis(300));
        anyhow::bail!("cargo was not found")
    })
    .await;
    client.execute("print x").await;
    client.ask("kernel_info_request", json!({})).await;
    assert_eq!(client.reply().await.kind, "kernel_info_reply", "answered at once");
    let reply = client.reply().await.content;
    assert_eq!(reply["status"], "error");
    assert_eq!(reply["evalue"], "the evaluator did not start: cargo was not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_reach_the_user_who_runs_the_cell() {
    let mut client = Client::start().await;
    let id = client.execute("print first\ninput Name: ").await;
    let frames = client.stdin.recv().await.unwrap();
    let question = client.received(frames);
    assert_eq!((question.kind.as_str(), &question.parent), ("input_request", &id));
    assert_eq!(question.content, json!({"prompt": "Name: ", "password": false}));
    let (answer, _) = client.message("input_reply", json!({"value": "Eva"}), vec![]);
    client.stdin.send(answer).await.unwrap();
    let outputs = briefs(&client.until_idle(&id).await);
    assert!(outputs.contains(&r#"stdout "<Eva>\n""#.to_owned()), "{outputs:?}");
    let quiet = json!({"code": "input Name: ", "allow_stdin": false});
    let id = client.ask("execute_request", quiet).await;
    let outputs = briefs(&client.until_idle(&id).await);
    assert_eq!(outputs[2], r#"stdout "<>\n""#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_stops_a_cell_and_spares_an_idle_kernel() {
    let mut client = Client::start().await;
    let ok = json!({"status": "ok"});
    // The library prints what it was told, at its own pace: before or after the cell's end.
    assert_eq!(client.command("interrupt_request", json!({})).await, ok);
    while !client.published().await.brief().contains("interrupt") {}
    assert_eq!(client.run("sleep 50").await.1["status"], "ok");
    let id = client.execute("print on\nsleep 60000").await;
    while client.published().await.brief() != r#"stdout "on\n""# {}
    assert_eq!(client.command("interrupt_request", json!({})).await, ok);
    let reply = client.reply().await;
    assert_eq!((&reply.parent, &reply.content["ename"]), (&id, &json!("Interrupted")));
    while !client.published().await.brief().contains("interrupt") {}
    assert_eq!(reply.content["traceback"].as_array().unwrap().len(), 1, "nothing is lost");
}

/// A cell that does not listen: its process is ended after a while, or at once when asked twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_that_is_not_heard_ends_the_process_and_says_what_is_lost() {
    for times in [1, 2] {
        let mut client = Client::start().await;
        let widget = |id: &str, model: &str, description: &str| {
            let state = json!({"_model_name": model, "description": description});
            let data = json!({"state": state, "buffer_paths": []});
            let open = json!({"type": "comm_open", "comm_id": id, "target_name": "jupyter.widget", "data": data});
            format!("line {}", json!({"type": "message", "payload": open}))
        };
        client.run(&widget("a", "LayoutModel", "")).await;
        client
            .run(&[widget("b", "ButtonModel", "Search"), widget("c", "SelectModel", "")].join("\n"))
            .await;
        let id = client.execute("print on\nwork 60000").await;
        while client.published().await.brief() != r#"stdout "on\n""# {}
        for _ in 0..times {
            client.command("interrupt_request", json!({})).await;
        }
        let reply = client.reply().await;
        assert_eq!((&reply.parent, &reply.content["ename"]), (&id, &json!("Interrupted")));
        let told: Vec<&str> = reply.content["traceback"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let variables: Vec<String> = (0..20).map(|number| format!("v{number}")).collect();
        assert_eq!(
            told,
            [
                "The cell was stopped. Its process was ended with it: all variables and widgets are lost, run \
                 the cells again.",
                &format!("Lost variables: {} and 3 more", variables.join(", ")),
                "Dead widgets of cell 2: Button \"Search\", Select",
            ]
        );
        assert_eq!(client.run("print again").await.1["status"], "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_the_pager_is_in_the_reply() {
    let mut client = Client::start().await;
    let page = json!({"type": "page", "data": {"text/plain": "long"}, "start": 3});
    let line = format!("line {}", json!({"type": "message", "payload": page}));
    let (outputs, reply) = client.run(&line).await;
    assert_eq!(
        reply["payload"],
        json!([{"source": "page", "data": {"text/plain": "long"}, "start": 3}])
    );
    assert!(!outputs.iter().any(|brief| brief.contains("long")), "{outputs:?}");
    assert_eq!(client.run("print x").await.1["payload"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_answers_and_leaves_nothing() {
    for (channel, restart) in [("control", true), ("shell", false), ("busy", false)] {
        let mut client = Client::start().await;
        if channel == "busy" {
            client.execute("print on\nsleep 60000").await;
            while client.published().await.brief() != r#"stdout "on\n""# {}
        }
        let content = json!({"restart": restart});
        let reply: Value = match channel {
            "shell" => {
                client.ask("shutdown_request", content).await;
                client.reply().await.content
            }
            _ => client.command("shutdown_request", content).await,
        };
        assert_eq!(reply, json!({"status": "ok", "restart": restart}));
        client.kernel.await.unwrap().unwrap();
        assert!(!client.folder.exists());
    }
}

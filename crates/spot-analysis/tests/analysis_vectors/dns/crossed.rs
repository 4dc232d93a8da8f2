//! Answers and flows of one day beside each other.

use polars::prelude::*;
use spot_analysis::dns::cross::{FirstAnswers, Wanted, resolved_to, summed};
use spot_analysis::model::Address;
use spot_analysis::spellings::spellings;

use super::{frame, parse};
use crate::given::{self, Outcome};

const ANSWERS: &str = "
    09:00:00 10.0.0.5 a.evil.com 1 0 203.0.113.9|203.0.113.10
    09:10:00 10.0.0.5 A.evil.com. 1 0 203.0.113.9
    09:20:00 10.0.0.6 b.evil.com 1 0 203.0.113.9
    09:30:00 10.0.0.7 c.evil.com 1 0 192.0.2.77
    -        10.0.0.8 c.evil.com 1 0 203.0.113.10
    09:40:00 10.0.0.9 d.evil.com 28 0 2001:DB8::9
";

#[test]
fn names_that_led_to_a_peer_and_who_asked() -> Outcome {
    let all = frame(&parse(ANSWERS)?)?;
    let peers = ["203.0.113.9", "2001:db8::9", "198.51.100.1", "203.0.113.10"].map(Address::new);
    let wanted = Wanted::new(&peers);
    let of = |answers: DataFrame| summed(answers.lazy(), &wanted).collect();
    let lines = of(all.clone())?;
    assert_eq!(lines.height(), 5);
    let found = resolved_to(&lines, &peers)?;
    // In parts it is the same.
    let parts = of(all.head(Some(2)))?.vstack(&of(all.slice(2, all.height()))?)?;
    assert_eq!(found, resolved_to(&parts, &peers)?);
    let lines: Vec<String> = found
        .iter()
        .map(|line| {
            let clients: Vec<_> = line.clients.iter().map(Address::as_str).collect();
            let time = |at: Option<chrono::NaiveDateTime>| {
                at.map_or("-".to_owned(), |at| at.format("%H:%M").to_string())
            };
            let (first, last) = (time(line.first_seen), time(line.last_seen));
            format!("{} {} {} {clients:?} {first} {last}", line.address, line.name, line.answers)
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"203.0.113.9 a.evil.com 2 ["10.0.0.5"] 09:00 09:10"#,
            r#"203.0.113.9 b.evil.com 1 ["10.0.0.6"] 09:20 09:20"#,
            r#"2001:db8::9 d.evil.com 1 ["10.0.0.9"] 09:40 09:40"#,
            r#"203.0.113.10 a.evil.com 1 ["10.0.0.5"] 09:00 09:00"#,
            r#"203.0.113.10 c.evil.com 1 ["10.0.0.8"] - -"#,
        ]
    );
    Ok(())
}

#[test]
fn flows_that_followed_an_answer() -> Outcome {
    let told = FirstAnswers::of(&frame(&parse(ANSWERS)?)?)?;
    // Not those of 10.0.0.8: nobody knows when it asked.
    assert_eq!(told.pairs(), 5);
    let flows = given::frame(&given::parse(
        "09:00:05    1   10.0.0.5    50001 203.0.113.9 443   TCP .A. 10 1000
         09:00:06    0   203.0.113.9 443   10.0.0.5    50001 TCP .A. 5  700
         10:00:00    0   10.0.0.5    50002 203.0.113.9 8443  TCP .A. 1  1
         09:00:05    600 10.0.0.5    50003 203.0.113.9 22    TCP .A. 1  5000
         09:19:59    0   10.0.0.6    50004 203.0.113.9 443   TCP .A. 1  60
         09:31:00    0   192.0.2.77  443   10.0.0.7    50005 TCP .A. 1  60
         09:41:00    0   10.0.0.9    50006 2001:DB8::9 443 TCP .A. 1  90
         09:41:00    0   10.0.0.1    50006 203.0.113.9 443   TCP .A. 1  90",
    )?)?;
    let one_of = |end: &str, addresses: Vec<Address>| {
        let texts: Vec<String> = addresses.iter().flat_map(spellings).collect();
        col(end).is_in(lit(Series::new("spelled".into(), texts)).implode(false), false)
    };
    let [src, dst] = [spot_analysis::rows::SRC, spot_analysis::rows::DST];
    let out = one_of(src, told.clients()).and(one_of(dst, told.addresses()));
    let back = one_of(dst, told.clients()).and(one_of(src, told.addresses()));
    let kept = flows.clone().lazy().filter(out.or(back)).collect()?;
    assert_eq!(kept.height(), 7);
    let found = told.followed_by(&kept)?;
    assert_eq!(found, told.followed_by(&flows)?);
    let lines: Vec<String> = found
        .iter()
        .map(|line| {
            format!(
                "{} {} {} flows {} out {} in {:?} {} {} {}",
                line.client,
                line.address,
                line.flows,
                line.bytes_out,
                line.bytes_in,
                line.ports,
                line.names[0],
                line.first_answer.format("%H:%M:%S"),
                line.first_flow.format("%H:%M:%S"),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "10.0.0.5 203.0.113.9 2 flows 1001 out 700 in [443, 8443] a.evil.com 09:00:00 09:00:04",
            "10.0.0.9 2001:db8::9 1 flows 90 out 0 in [443] d.evil.com 09:40:00 09:41:00",
        ]
    );
    let nobody = FirstAnswers::of(&frame(&[])?)?;
    assert!(nobody.clients().is_empty() && nobody.pairs() == 0);
    Ok(())
}

//! The faults of a Redis, on a real one.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mizan_faults::redis::RedisServer;
use mizan_faults::resp::{Client, Reply};

use crate::support::{LONG, SHORT};

fn set(server: &RedisServer, key: &str) {
    assert_eq!(server.command(&["SET", key, "value"]).unwrap(), Reply::Simple("OK".into()));
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_started_server_is_empty_and_has_its_options() {
    let options = [("maxmemory", "10mb"), ("maxmemory-policy", "volatile-lru")];
    let server = RedisServer::start_with(&options).unwrap();
    assert_eq!(server.url(), format!("redis://127.0.0.1:{}/0", server.port()));
    assert_eq!(server.keys().unwrap(), [""; 0]);
    let check = |server: &RedisServer| {
        assert_eq!(server.info("maxmemory").unwrap(), (10 << 20).to_string());
        assert_eq!(server.info("maxmemory_policy").unwrap(), "volatile-lru");
        assert_eq!(server.info("aof_enabled").unwrap(), "0");
    };
    check(&server);
    server.restart_empty().unwrap();
    check(&server);
    assert!(server.info("no_such_field").is_err());
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn every_kind_of_reply_is_read() {
    let server = RedisServer::start().unwrap();
    let bulk = |text: &str| Reply::Bulk(text.into());
    let check = |words: &[&str], expected: Reply| {
        assert_eq!(server.command(words).unwrap(), expected, "{words:?}");
    };
    check(&["SET", "key", "two\r\nlines"], Reply::Simple("OK".into()));
    check(&["GET", "key"], bulk("two\r\nlines"));
    check(&["GET", "none"], Reply::Nil);
    check(&["SET", "empty", ""], Reply::Simple("OK".into()));
    check(&["MGET", "key", "none", "empty"], {
        Reply::Array(vec![bulk("two\r\nlines"), Reply::Nil, bulk("")])
    });
    check(&["INCRBY", "number", "-7"], Reply::Integer(-7));
    check(&["NONE"], Reply::Error("ERR unknown command 'NONE', with args beginning with: ".into()));
    assert!(server.command(&["NONE"]).unwrap().accepted().is_err());
    let bytes = [0, 255, b'\r', b'\n'];
    server.command(&[b"SET", &b"bytes"[..], &bytes]).unwrap();
    check(&["GET", "bytes"], Reply::Bulk(bytes.to_vec()));
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_killed_server_is_gone_and_restarts_empty_on_its_port() {
    let server = RedisServer::start().unwrap();
    let (url, run) = (server.url(), server.info("run_id").unwrap());
    set(&server, "key");
    let mut client = Client::connect(server.address(), LONG).unwrap();
    client.call(&["PING"]).unwrap();
    server.kill();
    assert!(client.call(&["PING"]).is_err());
    assert!(TcpStream::connect(server.address()).is_err());
    assert!(server.pause().is_err());
    server.restart_empty().unwrap();
    assert_eq!(server.url(), url);
    assert_eq!(server.keys().unwrap(), [""; 0]);
    assert_ne!(server.info("run_id").unwrap(), run);
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_restart_from_the_snapshot_brings_back_what_was_saved_and_nothing_later() {
    let server = RedisServer::start().unwrap();
    assert!(server.restart_from_snapshot().unwrap_err().to_string().contains("no snapshot"));
    server.restart_empty().unwrap();
    set(&server, "saved");
    server.save().unwrap();
    set(&server, "later");
    let mut runs = vec![server.info("run_id").unwrap()];
    for _ in 0..2 {
        server.restart_from_snapshot().unwrap();
        assert_eq!(server.keys().unwrap(), ["saved"]);
        runs.push(server.info("run_id").unwrap());
        set(&server, "later");
        server.restart_empty().unwrap();
        assert_eq!(server.keys().unwrap(), [""; 0]);
        runs.push(server.info("run_id").unwrap());
    }
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 5, "{runs:?}");
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_paused_server_answers_nobody_until_it_goes_on() {
    let server = RedisServer::start().unwrap();
    let mut live = Client::connect(server.address(), SHORT).unwrap();
    live.call(&["PING"]).unwrap();
    server.pause().unwrap();
    let mut new = Client::connect(server.address(), SHORT).unwrap();
    assert!(live.call(&["SET", "sent", "meanwhile"]).is_err());
    assert!(new.call(&["PING"]).is_err());
    server.resume().unwrap();
    // What was sent is executed now, and its reply is the next one to be read.
    let mut later = Client::connect(server.address(), LONG).unwrap();
    assert_eq!(later.call(&["PING"]).unwrap(), Reply::Simple("PONG".into()));
    assert_eq!(live.read().unwrap(), Reply::Simple("OK".into()));
    assert_eq!(server.keys().unwrap(), ["sent"]);
    // One that is stopped can be killed all the same.
    server.pause().unwrap();
    server.restart_empty().unwrap();
    assert_eq!(server.keys().unwrap(), [""; 0]);
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn an_eviction_takes_what_matches() {
    let server = RedisServer::start().unwrap();
    for key in ["m:{user}:ctx:user:1", "m:{user}:ctx:user:2", "m:{user}:gen:user:1", "other"] {
        set(&server, key);
    }
    assert_eq!(server.evict("m:{user}:ctx:*").unwrap(), 2);
    assert_eq!(server.keys().unwrap(), ["m:{user}:gen:user:1", "other"]);
    assert_eq!(server.evict("other").unwrap(), 1);
    assert_eq!(server.evict("other").unwrap(), 0);
    assert_eq!(server.keys().unwrap(), ["m:{user}:gen:user:1"]);
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn a_monitor_sees_every_command_from_start_to_stop_as_it_was_sent() {
    let server = RedisServer::start().unwrap();
    let script = "redis.call('SET', KEYS[1], 'by script') return redis.call('GET', KEYS[1])";
    let sent = [
        vec!["SET", "key", "quote \" backslash \\ line\r\n é \u{7}"],
        vec!["EVAL", script, "1", "scripted"],
        vec!["GET", ""],
    ];
    let run = || {
        let mut client = Client::connect(server.address(), LONG).unwrap();
        sent.iter().for_each(|words| drop(client.call(words).unwrap()));
    };
    set(&server, "before");
    let all = server.monitor().unwrap();
    let clients = server.monitor().unwrap();
    run();
    let clients = clients.stop_clients().unwrap();
    // The first monitor saw the second one begin and end as well; those words are not ours.
    let ours = |words: &Vec<String>| !["MONITOR", "ECHO"].contains(&&*words[0]);
    let all: Vec<_> = all.stop().unwrap().into_iter().filter(ours).collect();
    set(&server, "after");
    assert_eq!(clients, sent);
    let by_script = [vec!["SET", "scripted", "by script"], vec!["GET", "scripted"]];
    let expected =
        [&sent[0], &sent[1], &by_script[0], &by_script[1], &sent[2]].map(|words| words.clone());
    assert_eq!(all, expected);
    let lost = server.monitor().unwrap();
    server.restart_empty().unwrap();
    assert!(lost.stop().is_err());
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn work_of_the_server_shows_in_its_processor_time() {
    let server = RedisServer::start().unwrap();
    let work = "local n = 0 for i = 1, 20000000 do n = n + i end return n";
    let before = server.cpu_micros().unwrap();
    let idle = server.cpu_micros().unwrap() - before;
    let start = std::time::Instant::now();
    server.command(&["EVAL", work, "0"]).unwrap().accepted().unwrap();
    let passed = u64::try_from(start.elapsed().as_micros()).unwrap();
    let busy = server.cpu_micros().unwrap() - before - idle;
    assert!(
        busy > 10 * idle && busy > 5_000 && busy < passed + 50_000,
        "{idle} µs, {busy} µs in {passed} µs"
    );
}

#[test]
#[ignore = "needs redis-server: cargo xtask test"]
fn one_thread_injects_faults_while_others_work() {
    let server = RedisServer::start().unwrap();
    let stop = AtomicBool::new(false);
    let restarted = thread::scope(|scope| {
        let work = scope.spawn(|| {
            let mut counts = [0, 0];
            while !stop.load(Ordering::Relaxed) {
                let result = server.command(&["INCR", "number"]);
                counts[usize::from(result.is_err())] += 1;
            }
            counts
        });
        let restarted = (0..3).try_for_each(|_| {
            thread::sleep(Duration::from_millis(20));
            server.kill();
            thread::sleep(Duration::from_millis(20));
            server.restart_empty()
        });
        stop.store(true, Ordering::Relaxed);
        let [answered, failed] = work.join().unwrap();
        assert!(answered > 0 && failed > 0, "{answered} answered, {failed} failed");
        restarted
    });
    restarted.unwrap();
}

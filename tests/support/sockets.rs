//! Which addresses a process has sockets to, looked at over and over (Linux: `/proc/PID/fd`, `/proc/PID/net`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Watches until asked what it saw.
pub struct Sockets {
    enough: Arc<AtomicBool>,
    watch: JoinHandle<Seen>,
}

/// What was seen: for each protocol the addresses at either end of its sockets.
#[derive(Debug, Default)]
pub struct Seen {
    /// How often somebody looked.
    pub looks: usize,
    pub ends: BTreeMap<&'static str, BTreeSet<IpAddr>>,
}

impl Sockets {
    /// Begins to watch a process.
    pub fn of(id: u32) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&enough);
        let watch = std::thread::spawn(move || {
            let mut seen = Seen::default();
            while !stop.load(Ordering::SeqCst) {
                look(id, &mut seen);
                std::thread::sleep(Duration::from_millis(2));
            }
            seen
        });
        Self { enough, watch }
    }

    /// What was seen until now.
    pub fn seen(self) -> Seen {
        self.enough.store(true, Ordering::SeqCst);
        self.watch.join().expect("the watch ends")
    }
}

fn look(id: u32, seen: &mut Seen) {
    let Ok(open) = std::fs::read_dir(format!("/proc/{id}/fd")) else { return };
    let links = open.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let ours: BTreeSet<String> = links
        .filter_map(|link| {
            let name = link.to_str()?.strip_prefix("socket:[")?;
            Some(name.strip_suffix(']')?.to_owned())
        })
        .collect();
    for protocol in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
        let table = std::fs::read_to_string(format!("/proc/{id}/net/{protocol}"));
        for line in table.unwrap_or_default().lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [_, local, remote, ..] = words.as_slice()
                && words.get(9).is_some_and(|inode| ours.contains(*inode))
            {
                let ends = [local, remote].into_iter().filter_map(|end| address(end));
                seen.ends.entry(protocol).or_default().extend(ends);
            }
        }
    }
    seen.looks += 1;
}

/// `0100007F:1F90`: words of 32 bits in the machine's own order. An end that is not there is all zeros, port included.
fn address(end: &str) -> Option<IpAddr> {
    let (host, port) = end.split_once(':')?;
    let words: Vec<u8> = (0..host.len() / 8)
        .filter_map(|at| u32::from_str_radix(host.get(at * 8..at * 8 + 8)?, 16).ok())
        .flat_map(u32::to_ne_bytes)
        .collect();
    let address = match words.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(words).ok()?)),
        _ => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(words).ok()?)).to_canonical(),
    };
    (port != "0000" || !address.is_unspecified()).then_some(address)
}

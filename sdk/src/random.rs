//! Random bytes: command 52.

use crate::channel::Channel;
use crate::error::Error;
use crate::host;
use crate::runtime::Message;
use portico_abi::{List, which};

struct Bytes {
    list: List,
    bytes: Vec<u8>,
}

impl Message for Bytes {
    fn prepare(&mut self) -> u32 {
        let data = host::address(self.bytes.as_mut_ptr());
        self.list = List {
            size: (self.bytes.len() as u32).into(),
            data: data.into(),
        };
        host::address(&raw const self.list)
    }
}

/// Fills `bytes` from the host's generator.
///
/// # Errors
/// Why the host did not answer.
pub async fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    let channel = Channel::open(
        which::RANDOM,
        Bytes {
            list: List::default(),
            bytes: vec![0; bytes.len()],
        },
    );
    channel.ready().await?;
    channel.with(|message| bytes.copy_from_slice(&message.bytes));
    Ok(())
}

/// A random number, as the seed of a generator of the program's own.
///
/// # Errors
/// Why the host did not answer.
pub async fn seed() -> Result<u64, Error> {
    let mut bytes = [0; 8];
    fill(&mut bytes).await?;
    Ok(u64::from_le_bytes(bytes))
}

//! Values by key.

use crate::file::{self, FileError};
use crate::service::{Failure, Fields, Service, fields, wanted};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

const VALUES: TableDefinition<&str, &[u8]> = TableDefinition::new("values");

/// Keeps values by key: `set` a new one, `update` one that is there, `get`, `exists`, `delete`.
#[derive(Debug)]
pub struct Storage(Database);

#[derive(Deserialize)]
struct Key {
    key: String,
}

#[derive(Deserialize)]
struct Pair {
    key: String,
    value: String,
}

impl Pair {
    /// The value's bytes, which travel as base64.
    fn bytes(&self) -> Result<Vec<u8>, Failure> {
        let no = |error| Failure::Refused(format!("the value is no base64: {error}"));
        BASE64_STANDARD.decode(&self.value).map_err(no)
    }
}

impl Storage {
    /// Opens a database; one that isn't there is made.
    ///
    /// # Errors
    /// If it can't be made or read, is damaged, or open in another process.
    pub fn open(file: &Path) -> Result<Self, FileError> {
        file::open(file).map(Self)
    }

    fn set(&self, pair: &Pair) -> Result<(), Failure> {
        let value = pair.bytes()?;
        let set = self.write(|values| {
            if values.get(&*pair.key)?.is_some() {
                return Ok(false);
            }
            values.insert(&*pair.key, &*value)?;
            Ok(true)
        })?;
        if set {
            Ok(())
        } else {
            Err(Failure::Refused("the key is set already: an update changes it".into()))
        }
    }

    /// As in the original nothing is kept, and nothing wrong with it, if the key isn't there.
    fn update(&self, pair: &Pair) -> Result<(), Failure> {
        let value = pair.bytes()?;
        self.write(|values| {
            if values.get(&*pair.key)?.is_some() {
                values.insert(&*pair.key, &*value)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, redb::Error> {
        match self.0.begin_read()?.open_table(VALUES) {
            Ok(values) => Ok(values.get(key)?.map(|value| value.value().to_vec())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes values; it is on the disk when this returns.
    fn write<T>(
        &self,
        change: impl FnOnce(&mut redb::Table<'_, &str, &[u8]>) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let transaction = self.0.begin_write()?;
        let done = change(&mut transaction.open_table(VALUES)?)?;
        transaction.commit()?;
        Ok(done)
    }
}

impl Service for Storage {
    const NAME: &'static str = "portico-storage";
    const ABOUT: &'static str = "Keeps values by key, for whoever asks on port 11001 of the message broker";
    const TYPE: &'static str = "org.darqos.storage";
    const PORT: u64 = 11_001;
    const FILE: &'static str = "storage.redb";

    fn answer(&mut self, method: &str, asked: Value) -> Result<Fields, Failure> {
        Ok(match method {
            "set" => {
                self.set(&wanted(asked)?)?;
                Fields::new()
            }
            "update" => {
                self.update(&wanted(asked)?)?;
                Fields::new()
            }
            "exists" => {
                let Key { key } = wanted(asked)?;
                fields([("result", self.get(&key)?.is_some().into())])
            }
            "get" => {
                let Key { key } = wanted(asked)?;
                let value = self.get(&key)?;
                let there = value.is_some();
                let value = BASE64_STANDARD.encode(value.unwrap_or_default());
                fields([("result", there.into()), ("value", value.into())])
            }
            "delete" => {
                let Key { key } = wanted(asked)?;
                self.write(|values| Ok(values.remove(&*key)?.is_some()))?;
                Fields::new()
            }
            other => return Err(Failure::Method(other.to_owned())),
        })
    }
}

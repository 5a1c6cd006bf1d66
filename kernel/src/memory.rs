//! The one module that touches program memory. Every address and size comes from a program: all of it is checked here, in
//! 64-bit arithmetic that can't overflow, and none of it can panic.

use crate::fault::{Code, Fault};
use portico_abi::{List, Text};
use std::cell::Cell;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The memory of a program, for as long as it is inside `ar()`.
pub struct Memory<'a> {
    bytes: &'a mut [u8],
    /// Room of all buffers that were posted through this value: tells a message with more room from one without.
    room: Cell<u64>,
}

/// Where the host writes a value of variable length: a posted `List` or `Text`, with the capacity that it had when posted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    at: u32,
    data: u32,
    capacity: u32,
    /// Bytes an element.
    element: u32,
}

impl Buffer {
    /// Number of elements that fit.
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Number of elements in these bytes.
    fn elements(&self, bytes: &[u8]) -> usize {
        bytes.len() / (self.element as usize).max(1)
    }
}

impl<'a> Memory<'a> {
    /// Wraps the bytes of a program's memory.
    #[inline]
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self {
            bytes,
            room: Cell::new(0),
        }
    }

    /// The `size` bytes at `at`; an empty range is never outside.
    ///
    /// # Errors
    /// Traps when the range leaves memory.
    #[inline]
    pub fn range(&self, at: u32, size: u64, field: &'static str) -> Result<&[u8], Fault> {
        Ok(&self.bytes[self.check(at, size, field)?])
    }

    /// Reads a packed struct.
    ///
    /// # Errors
    /// Traps when it leaves memory.
    #[inline]
    pub fn read<T: FromBytes + KnownLayout + Immutable + Unaligned + Copy>(
        &self,
        at: u32,
        field: &'static str,
    ) -> Result<T, Fault> {
        let bytes = self.range(at, size_of::<T>() as u64, field)?;
        // Copied from where it lies, in one piece: as a value, zerocopy's result has it at an odd address, and the processor
        // waits for every field that it reads back from there.
        match T::ref_from_bytes(bytes) {
            Ok(value) => Ok(*value),
            Err(_) => Err(leaves(field, at)),
        }
    }

    /// Writes a packed struct.
    ///
    /// # Errors
    /// Traps when it leaves memory.
    #[inline]
    pub fn write<T: IntoBytes + Immutable>(&mut self, at: u32, value: &T, field: &'static str) -> Result<(), Fault> {
        let bytes = value.as_bytes();
        let range = self.check(at, bytes.len() as u64, field)?;
        self.bytes[range].copy_from_slice(bytes);
        Ok(())
    }

    /// Writes into a posted message. Its range was checked when it was sent and memory never shrinks, so there is nothing
    /// left to go wrong.
    #[inline]
    pub fn deliver<T: IntoBytes + Immutable + ?Sized>(&mut self, at: u32, value: &T) {
        let bytes = value.as_bytes();
        if let Ok(range) = self.check(at, bytes.len() as u64, "message") {
            self.bytes[range].copy_from_slice(bytes);
        }
    }

    /// An *in* list of packed structs, in place.
    ///
    /// # Errors
    /// Invalid when `data` is 0 and `size` is not; traps when the list leaves memory.
    pub fn list<T: FromBytes + KnownLayout + Immutable + Unaligned>(
        &self,
        list: List,
        field: &'static str,
    ) -> Result<&[T], Fault> {
        let (size, data) = (list.size.get(), list.data.get());
        if size == 0 {
            return Ok(&[]);
        }
        if data == 0 {
            return Err(Fault::failure(
                Code::Invalid,
                format!("`{field}` has {size} elements and no address"),
            ));
        }
        let bytes = self.range(data, u64::from(size) * size_of::<T>() as u64, field)?;
        <[T]>::ref_from_bytes(bytes).map_err(|_| leaves(field, data))
    }

    /// An *in* text, in place.
    ///
    /// # Errors
    /// As [`Memory::list`]; traps when it is not UTF-8.
    pub fn text(&self, text: Text, field: &'static str) -> Result<&str, Fault> {
        let bytes = self.list::<u8>(text, field)?;
        std::str::from_utf8(bytes).map_err(|error| {
            let at = text
                .data
                .get()
                .saturating_add(u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX));
            Fault::trap(field, at, "is not UTF-8")
        })
    }

    /// An *in* `bool`.
    ///
    /// # Errors
    /// Traps when it is neither 0 nor 1.
    pub fn boolean(&self, value: u8, at: u32, field: &'static str) -> Result<bool, Fault> {
        match value {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Fault::trap(field, at, format!("is {other}, neither 0 nor 1"))),
        }
    }

    /// Remembers where an *out* list of `T` goes: the `List` at `at`. With `data` 0 its capacity is 0.
    ///
    /// # Errors
    /// Traps when the `List` or the buffer that it names leaves memory.
    pub fn buffer<T>(&self, at: u32, field: &'static str) -> Result<Buffer, Fault> {
        let list: List = self.read(at, field)?;
        let (data, capacity) = (list.data.get(), list.size.get());
        if data == 0 {
            return Ok(Buffer {
                at,
                data,
                capacity: 0,
                element: size_of::<T>() as u32,
            });
        }
        self.check(data, u64::from(capacity) * size_of::<T>() as u64, field)?;
        self.room.set(self.room.get().saturating_add(u64::from(capacity)));
        Ok(Buffer {
            at,
            data,
            capacity,
            element: size_of::<T>() as u32,
        })
    }

    /// Writes values of variable length, all of them or, when one does not fit, none: then each `size` becomes the length
    /// needed and the `data` of those that are too small becomes NULL. Says whether all fitted.
    ///
    /// Buffers were checked when they were posted and memory never shrinks, so there is nothing left to go wrong.
    pub fn fill(&mut self, values: &[(Buffer, &[u8])]) -> bool {
        let fits = values
            .iter()
            .all(|(buffer, value)| buffer.elements(value) <= buffer.capacity());
        for (buffer, value) in values {
            self.put(*buffer, value, fits);
        }
        fits
    }

    /// As [`Memory::fill`], for one list of packed structs.
    pub fn fill_list<T: IntoBytes + Immutable>(&mut self, buffer: Buffer, values: &[T]) -> bool {
        self.fill(&[(buffer, values.as_bytes())])
    }

    /// What stands in a buffer of bytes, to its capacity.
    pub fn contents(&self, buffer: Buffer) -> &[u8] {
        self.check(buffer.data, u64::from(buffer.capacity), "buffer")
            .map_or(&[], |range| &self.bytes[range])
    }

    /// Fills a buffer of bytes to its capacity, in place.
    pub fn fill_whole(&mut self, buffer: Buffer, write: impl FnOnce(&mut [u8])) {
        if let Ok(range) = self.check(buffer.data, u64::from(buffer.capacity), "buffer") {
            write(&mut self.bytes[range]);
        }
        self.deliver(
            buffer.at,
            &List {
                size: buffer.capacity.into(),
                data: buffer.data.into(),
            },
        );
    }

    /// Elements that the buffers posted so far have room for.
    #[inline]
    pub(crate) fn room(&self) -> u64 {
        self.room.get()
    }

    fn put(&mut self, buffer: Buffer, bytes: &[u8], fits: bool) {
        let length = buffer.elements(bytes);
        if fits && let Ok(range) = self.check(buffer.data, bytes.len() as u64, "buffer") {
            self.bytes[range].copy_from_slice(bytes);
        }
        let data = if length <= buffer.capacity() { buffer.data } else { 0 };
        self.deliver(
            buffer.at,
            &List {
                size: u32::try_from(length).unwrap_or(u32::MAX).into(),
                data: data.into(),
            },
        );
    }

    #[inline]
    fn check(&self, at: u32, size: u64, field: &'static str) -> Result<std::ops::Range<usize>, Fault> {
        if size == 0 {
            return Ok(0..0);
        }
        let end = u64::from(at)
            .checked_add(size)
            .filter(|end| *end <= self.bytes.len() as u64);
        // Both ends are within a slice, so they fit a usize.
        end.map(|end| at as usize..end as usize)
            .ok_or_else(|| leaves(field, at))
    }
}

#[cold]
fn leaves(field: &'static str, at: u32) -> Fault {
    Fault::trap(field, at, "leaves memory")
}

//! The one door to the host: `ar()`, and addresses as it understands them.

pub(crate) use imp::{address, ar};

#[cfg(target_arch = "wasm32")]
mod imp {
    use portico_abi::Command;

    #[allow(unsafe_code, reason = "the host's function is outside of Rust")]
    #[link(wasm_import_module = "daku")]
    unsafe extern "C" {
        #[link_name = "ar"]
        fn daku_ar(size: u32, data: *const Command, done: *mut u32) -> u32;
    }

    #[allow(unsafe_code, reason = "the host's function is outside of Rust")]
    pub(crate) fn ar(commands: &[Command], done: &mut [u32]) -> usize {
        // SAFETY: both ranges are ours for the length of the call, and `done` has room for one entry per open channel, which
        // the runtime sees to. Messages are kept alive by the runtime for as long as the host knows their addresses.
        let ready = unsafe { daku_ar(commands.len() as u32, commands.as_ptr(), done.as_mut_ptr()) };
        ready as usize
    }

    pub(crate) fn address<T: ?Sized>(value: *const T) -> u32 {
        value.cast::<u8>() as usize as u32
    }
}

/// Lets the crate compile for the machine that it is written on (for rustdoc, clippy and the tests of programs).
#[cfg(all(not(target_arch = "wasm32"), not(test)))]
mod imp {
    use portico_abi::Command;

    pub(crate) fn ar(_: &[Command], _: &mut [u32]) -> usize {
        panic!("only a program that was built for wasm32 has a host")
    }

    pub(crate) fn address<T: ?Sized>(value: *const T) -> u32 {
        value.cast::<u8>() as usize as u32
    }
}

#[cfg(test)]
pub(crate) mod imp {
    use portico_abi::Command;
    use std::cell::RefCell;
    use std::collections::HashMap;

    type Fake = Box<dyn FnMut(&[Command], &mut [u32]) -> usize>;

    thread_local! {
        static FAKE: RefCell<Option<Fake>> = const { RefCell::new(None) };
        static ADDRESSES: RefCell<HashMap<u32, usize>> = RefCell::default();
    }

    /// Makes `fake` the host of this thread.
    pub(crate) fn install(fake: impl FnMut(&[Command], &mut [u32]) -> usize + 'static) {
        FAKE.with(|slot| *slot.borrow_mut() = Some(Box::new(fake)));
    }

    pub(crate) fn ar(commands: &[Command], done: &mut [u32]) -> usize {
        let mut fake = FAKE.with(|slot| slot.borrow_mut().take()).expect("a fake host");
        let ready = fake(commands, done);
        FAKE.with(|slot| *slot.borrow_mut() = Some(fake));
        ready
    }

    /// An address of 32 bits for a pointer of 64, which [`pointer`] leads back.
    pub(crate) fn address<T: ?Sized>(value: *const T) -> u32 {
        let pointer = value.cast::<u8>() as usize;
        ADDRESSES.with(|addresses| addresses.borrow_mut().insert(pointer as u32, pointer));
        pointer as u32
    }

    /// The pointer behind an address that the program has handed over.
    pub(crate) fn pointer<T>(address: u32) -> *mut T {
        ADDRESSES.with(|addresses| addresses.borrow()[&address]) as *mut T
    }
}

//! How messages and enums are declared: with their size and every offset, which the compiler checks.

/// Declares packed structs: `struct Name: size { offset => field: type, … }`.
macro_rules! messages {
    ($(
        $(#[$doc:meta])*
        struct $name:ident: $size:literal {
            $($(#[$field_doc:meta])* $offset:literal => $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(
            Clone,
            Copy,
            Debug,
            Default,
            PartialEq,
            zerocopy::FromBytes,
            zerocopy::IntoBytes,
            zerocopy::KnownLayout,
            zerocopy::Immutable,
            zerocopy::Unaligned,
        )]
        #[repr(C)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        const _: () = assert!(core::mem::size_of::<$name>() == $size);
        $(const _: () = assert!(core::mem::offset_of!($name, $field) == $offset);)*
    )*};
}

/// Declares enums of the ABI: `enum Name: type { Variant = number, … }`.
macro_rules! enums {
    ($(
        $(#[$doc:meta])*
        enum $name:ident: $type:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $number:expr,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr($type)]
        pub enum $name {
            $($(#[$variant_doc])* $variant = $number,)*
        }

        impl $name {
            /// Every one of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The one with that number, if there is one.
            pub fn from_number(number: $type) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| *value as $type == number)
            }

            /// Its number.
            pub const fn number(self) -> $type {
                self as $type
            }
        }
    )*};
}

pub(crate) use {enums, messages};

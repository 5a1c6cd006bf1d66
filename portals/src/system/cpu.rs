//! What the CPU can do beyond its base, as the standard library detects it on every system.

macro_rules! detected {
    ($is:ident: $($name:tt)*) => {
        [$(($name, std::arch::$is!($name))),*].into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
    };
}

/// Names of the extensions, as the Rust compiler calls them.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
pub(super) fn extensions() -> Vec<&'static str> {
    detected!(is_x86_feature_detected:
        "aes" "pclmulqdq" "rdrand" "rdseed" "tsc" "mmx" "sse" "sse2" "sse3" "ssse3" "sse4.1" "sse4.2" "sse4a" "sha" "avx"
        "avx2" "avx512f" "avx512cd" "avx512bw" "avx512dq" "avx512vl" "avx512ifma" "avx512vbmi" "avx512vpopcntdq"
        "avx512vbmi2" "gfni" "vaes" "vpclmulqdq" "avx512vnni" "avx512bitalg" "avx512bf16" "avx512fp16" "f16c" "fma" "bmi1"
        "bmi2" "lzcnt" "tbm" "popcnt" "fxsr" "xsave" "xsaveopt" "xsaves" "xsavec" "cmpxchg16b" "adx" "movbe")
}

/// Names of the extensions, as the Rust compiler calls them.
#[cfg(target_arch = "aarch64")]
pub(super) fn extensions() -> Vec<&'static str> {
    detected!(is_aarch64_feature_detected:
        "neon" "pmull" "fp" "fp16" "sve" "crc" "lse" "lse2" "rdm" "rcpc" "rcpc2" "dotprod" "tme" "fhm" "dit" "flagm" "ssbs"
        "sb" "paca" "pacg" "dpb" "dpb2" "sve2" "sve2-aes" "sve2-sm4" "sve2-sha3" "sve2-bitperm" "frintts" "i8mm" "f32mm"
        "f64mm" "bf16" "rand" "bti" "mte" "jsconv" "fcma" "aes" "sha2" "sha3" "sm4")
}

/// The standard library detects nothing here.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn extensions() -> Vec<&'static str> {
    Vec::new()
}

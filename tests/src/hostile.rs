//! Programs that are small and more work to compile than anybody wants to do for them. Each could run if it were compiled.

/// The beginning of each: no imports, a memory, and `run`, which is the first function.
fn module(functions: u32, elements: &[u8], body: &[u8]) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    // One type, without parameters and results; so many functions of it; a memory of one page; two exports.
    section(&mut module, 1, b"\x01\x60\0\0");
    section(&mut module, 3, &[leb(functions), vec![0; functions as usize]].concat());
    section(&mut module, 5, b"\x01\0\x01");
    section(&mut module, 7, b"\x02\x06memory\x02\0\x03run\0\0");
    if !elements.is_empty() {
        section(&mut module, 9, elements);
    }
    let empty = b"\x02\0\x0b".repeat(functions as usize - 1);
    section(
        &mut module,
        10,
        &[&*leb(functions), &leb(body.len() as u32), body, &empty].concat(),
    );
    module
}

fn section(module: &mut Vec<u8>, id: u8, content: &[u8]) {
    module.push(id);
    module.extend(leb(content.len() as u32));
    module.extend(content);
}

fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// One function of so many loops, one after the other, three bytes each.
pub fn loops(number: u32) -> Vec<u8> {
    let body = [&b"\0"[..], &b"\x03\x40\x0b".repeat(number as usize), b"\x0b"].concat();
    module(1, &[], &body)
}

/// A passive segment of so many null elements, each an expression of three bytes.
pub fn elements(number: u32) -> Vec<u8> {
    let elements = [
        &b"\x01\x05\x70"[..],
        &leb(number),
        &b"\xd0\x70\x0b".repeat(number as usize),
    ]
    .concat();
    module(1, &elements, b"\0\x0b")
}

/// So many functions, all empty.
pub fn functions(number: u32) -> Vec<u8> {
    module(number, &[], b"\0\x0b")
}

/// The three kinds as large as they have been met, with what they are called.
pub fn all() -> [(&'static str, Vec<u8>); 3] {
    [
        ("loops", loops(200_000)),
        ("elements", elements(1_000_000)),
        ("functions", functions(1_000_000)),
    ]
}

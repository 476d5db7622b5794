//! LLVM's text, between the two steps in which some sources are compiled.

use std::borrow::Cow;

/// What clang is told in the first step: to write what it has read, before it optimises. It has said its warnings before.
pub const FIRST_STEP: &[&str] = &["-w", "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm"];

/// What it is told in the second one, beside the flags of the first, some of which are of no use for it.
pub const SECOND_STEP: &[&str] = &["-w", "-Qunused-arguments"];

/// The text as clang can read it. Where a reduction's private copy of an array section is made, clang 19 divides a size of 32 bits by one of 64,
/// which LLVM takes in memory, but not as text. An element's size has few bits.
pub fn readable(text: &str) -> Cow<'_, str> {
    const DIVISION: &str = " = udiv exact i32 ";
    const SIZE: &str = ", i64 ptrtoint (ptr getelementptr (";
    const WIDE: &str = " to i64)";
    if !text.contains(SIZE) {
        return Cow::Borrowed(text);
    }
    let mend = |line: &str| -> Option<String> {
        let (_, operands) = line.split_once(DIVISION)?;
        operands.contains(SIZE).then(|| line.replacen(SIZE, &SIZE.replace("i64 ", ""), 1).replacen(WIDE, " to i32)", 1))
    };
    Cow::Owned(text.split_inclusive('\n').map(|line| mend(line).map_or(Cow::Borrowed(line), Cow::Owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_divided_by_one_of_its_own_width() {
        let text = "  %18 = mul i32 %17, 4
  %19 = udiv exact i32 %18, i64 ptrtoint (ptr getelementptr (i32, ptr null, i32 1) to i64)
  %20 = sdiv exact i64 %19, ptrtoint (ptr getelementptr (i32, ptr null, i32 1) to i64)
";
        let expected = "  %18 = mul i32 %17, 4
  %19 = udiv exact i32 %18, ptrtoint (ptr getelementptr (i32, ptr null, i32 1) to i32)
  %20 = sdiv exact i64 %19, ptrtoint (ptr getelementptr (i32, ptr null, i32 1) to i64)
";
        assert_eq!(readable(text), expected);
        assert!(matches!(readable("  %18 = mul i32 %17, 4\n"), Cow::Borrowed(_)));
    }
}

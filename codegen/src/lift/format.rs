//! Format strings of `printf` (ISO C, section 7.23.6.1), as far as they say which arguments there are.

/// An argument of `printf`, by what of it is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// An integer or a pointer of 32 bits.
    Word,
    /// An integer or a float of 64 bits.
    Double,
    /// A `long double`, of 128 bits.
    LongDouble,
    /// A pointer to a string.
    String(Precision),
}

/// How many bytes of a string are printed at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// All of it.
    All,
    /// So many.
    AtMost(u32),
    /// As many as the argument before it says; all if that is negative.
    Argument,
}

impl Argument {
    /// Bytes, of which its address is a multiple.
    pub fn bytes(self) -> u32 {
        match self {
            Self::Word | Self::String(_) => 4,
            Self::Double => 8,
            Self::LongDouble => 16,
        }
    }
}

/// The arguments that a format asks for, in order.
///
/// # Errors
/// What is not printed on a device, in words.
pub(super) fn arguments(format: &[u8]) -> Result<Vec<Argument>, &'static str> {
    /// A longer one is no format that anybody wrote.
    const MAX_FORMAT: usize = 1 << 16;
    if format.len() > MAX_FORMAT {
        return Err("its format is too long");
    }
    let mut arguments = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = conversion(&rest[at + 1..], &mut arguments)?;
    }
    Ok(arguments)
}

/// Reads a conversion behind its `%`, and says what is left behind it.
fn conversion<'f>(text: &'f [u8], arguments: &mut Vec<Argument>) -> Result<&'f [u8], &'static str> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let flags = text.iter().take_while(|byte| b"-+ #0'".contains(byte)).count();
    let mut rest = &text[flags..];
    match rest {
        [b'*', after @ ..] => {
            arguments.push(Argument::Word);
            rest = after;
        }
        _ => rest = &rest[digits(rest)..],
    }
    if rest.first() == Some(&b'$') {
        return Err("its format numbers the arguments");
    }
    let mut precision = Precision::All;
    match rest {
        [b'.', b'*', after @ ..] => {
            arguments.push(Argument::Word);
            (precision, rest) = (Precision::Argument, after);
        }
        [b'.', after @ ..] => {
            let (number, after) = after.split_at(digits(after));
            let number =
                number.iter().fold(0u32, |sum, digit| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
            (precision, rest) = (Precision::AtMost(number), after);
        }
        _ => {}
    }
    let length = rest.iter().take_while(|byte| b"hljztL".contains(byte)).count();
    let (length, rest) = rest.split_at(length);
    let Some((kind, rest)) = rest.split_first() else {
        return Err("its format ends in a conversion");
    };
    arguments.extend(match (kind, length) {
        (b'%' | b'm', b"") => None,
        (b'd' | b'i' | b'o' | b'u' | b'x' | b'X', b"ll" | b"j" | b"L") => Some(Argument::Double),
        (b'd' | b'i' | b'o' | b'u' | b'x' | b'X', _) | (b'c' | b'C', b"" | b"l") | (b'p', b"") => Some(Argument::Word),
        (b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G', b"" | b"l") => Some(Argument::Double),
        (b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G', b"L") => Some(Argument::LongDouble),
        (b's', b"") => Some(Argument::String(precision)),
        (b's' | b'S', _) => return Err("its format has a string of wide characters"),
        (b'n', _) => return Err("its format has %n"),
        _ => return Err("its format has a conversion that is not C's"),
    });
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::Argument::{Double, LongDouble, String, Word};
    use super::{Argument, Precision, arguments};

    #[track_caller]
    fn check(format: &str, expected: &[Argument]) {
        assert_eq!(arguments(format.as_bytes()).as_deref(), Ok(expected), "{format}");
    }

    #[test]
    fn arguments_have_the_sizes_of_their_types() {
        check("plain\n", &[]);
        check("100 %% of %d%c", &[Word, Word]);
        check("%hhd %hu %li %zu %tx %p %5c", &[Word; 7]);
        check("%lld %jd %llx %f %lf %.3e %G %a", &[Double; 8]);
        check("%Lf%LG", &[LongDouble; 2]);
        check("%-08.3d|%+.2f|% 'd|%#x", &[Word, Double, Word, Word]);
        check("%m", &[]);
    }

    #[test]
    fn stars_are_arguments() {
        check("%*d %.*f %*.*lld", &[Word, Word, Word, Double, Word, Word, Double]);
        check("%s %10s", &[String(Precision::All); 2]);
        check("%.5s %-3.s", &[String(Precision::AtMost(5)), String(Precision::AtMost(0))]);
        check("%.*s", &[Word, String(Precision::Argument)]);
        check("%.99999999999s", &[String(Precision::AtMost(u32::MAX))]);
    }

    #[test]
    fn other_formats_are_refused() {
        for format in ["%n", "%hhn", "%1$d", "%*1$d", "%ls", "%S", "%y", "%", "%l", "%-08.3", "%hs", "%ld%"] {
            assert!(arguments(format.as_bytes()).is_err(), "{format}");
        }
    }
}

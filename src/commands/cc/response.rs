//! Expands response files (`@file`) in the arguments.
//!
//! Invariant: the result is what GCC and clang make of the same arguments: words are separated by white space, quotes of
//! both kinds group, a backslash takes the next byte literally everywhere, a file that cannot be read stays the literal
//! argument that it looks like, and `@file` works inside response files too, relative to the working directory.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// Deeper nesting than this is taken for a cycle (through links, which the list of open files cannot see).
const MAX_DEPTH: usize = 64;

/// More arguments than any command has, but one whose files include one another again and again.
const MAX_WORDS: usize = 1 << 20;
/// The most response files, each counted as often as it is included.
const MAX_FILES: usize = 1 << 12;

/// Replaces each `@file` by the words of the file.
pub fn expand(args: Vec<OsString>) -> Result<Vec<OsString>> {
    let mut expanded = Vec::with_capacity(args.len());
    expand_into(args, &mut expanded, &mut Vec::new(), &mut 0)?;
    Ok(expanded)
}

fn expand_into(args: Vec<OsString>, out: &mut Vec<OsString>, open: &mut Vec<PathBuf>, files: &mut usize) -> Result<()> {
    for arg in args {
        let Some(name) = arg.as_bytes().strip_prefix(b"@") else {
            out.push(arg);
            continue;
        };
        let path = Path::new(std::ffi::OsStr::from_bytes(name)).to_owned();
        let Ok(text) = fs::read(&path) else {
            out.push(arg);
            continue;
        };
        if open.contains(&path) || open.len() >= MAX_DEPTH {
            bail!("response file {} includes itself", path.display());
        }
        *files += 1;
        if out.len() > MAX_WORDS || *files > MAX_FILES {
            bail!("response file {}: there are too many of them, or of arguments", path.display());
        }
        open.push(path);
        expand_into(split(&text), out, open, files)?;
        open.pop();
    }
    Ok(())
}

/// Splits the text of a response file into words.
fn split(text: &[u8]) -> Vec<OsString> {
    let mut words = Vec::new();
    // `None` between words: an empty pair of quotes is a word, white space is not.
    let mut word: Option<Vec<u8>> = None;
    let mut quote: Option<u8> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\\', _) => {
                if let Some(next) = bytes.next() {
                    word.get_or_insert_default().push(next);
                }
            }
            (b'"' | b'\'', None) => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (_, Some(open)) if byte == open => quote = None,
            (b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, None) => {
                words.extend(word.take().map(OsString::from_vec));
            }
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word.map(OsString::from_vec));
    words
}

/// Quotes words so that [`split`], and every other reader of response files, gives them back.
pub fn join(words: &[OsString]) -> Vec<u8> {
    let mut text = Vec::new();
    for word in words {
        text.push(b'"');
        for &byte in word.as_bytes() {
            if matches!(byte, b'"' | b'\\') {
                text.push(b'\\');
            }
            text.push(byte);
        }
        text.extend_from_slice(b"\"\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn quoting() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \t\r\n", &[]),
            ("a b\nc", &["a", "b", "c"]),
            (r#"-DX="a b" c"#, &["-DX=a b", "c"]),
            (r#"-DX=\"a\ b\""#, &[r#"-DX="a b""#]),
            (r#"'single "quoted" words' x"#, &[r#"single "quoted" words"#, "x"]),
            (r"'it\'s'", &["it's"]),
            (r#""a\\b""#, &[r"a\b"]),
            (r#"a "" ''b"#, &["a", "", "b"]),
            ("ends with \\", &["ends", "with"]),
            ("unclosed 'quote ", &["unclosed", "quote "]),
        ];
        for (text, want) in cases {
            assert_eq!(split(text.as_bytes()), words(want), "{text}");
        }
    }

    #[test]
    fn join_is_the_inverse_of_split() {
        let original = words(&["plain", "two words", r#"q"u'o\te"#, "", "-Wl,a,b", "new\nline"]);
        assert_eq!(split(&join(&original)), original);
    }

    #[test]
    fn files_expand_in_place_and_nest() {
        let dir = tempfile::tempdir().unwrap();
        let (outer, inner) = (dir.path().join("outer"), dir.path().join("inner"));
        fs::write(&inner, "-O2 'x y.c'").unwrap();
        fs::write(&outer, format!("-c @{} -g", inner.display())).unwrap();
        let args = words(&["before", &format!("@{}", outer.display()), "after"]);
        let want = words(&["before", "-c", "-O2", "x y.c", "-g", "after"]);
        assert_eq!(expand(args).unwrap(), want);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_argument() {
        let args = words(&["@no/such/response/file", "@", "a@b"]);
        assert_eq!(expand(args.clone()).unwrap(), args);
    }

    #[test]
    fn a_cycle_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("self");
        fs::write(&file, format!("-c @{}", file.display())).unwrap();
        let error = expand(words(&[&format!("@{}", file.display())])).unwrap_err();
        assert!(error.to_string().contains("includes itself"), "{error}");
    }
}

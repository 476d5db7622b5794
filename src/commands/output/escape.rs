//! Makes text harmless that others chose: names in modules, paths, what other programs say.
//!
//! Invariant: what these functions return has no character that a terminal obeys, and none that hides or moves its neighbours. A text
//! without such characters stays as it is, so that escaping twice is escaping once.

use std::borrow::Cow;
use std::path::Path;

/// How much of a name people are shown, in characters. The longest names that compilers make of C stay well below.
const NAME: usize = 200;
/// How much of a line of a message people are shown, in characters.
const LINE: usize = 2000;

/// A text of several lines: line feeds and tabs stay.
pub fn text(text: &str) -> Cow<'_, str> {
    escape(text, |c| acts(c) && c != '\n' && c != '\t')
}

/// The same for a message of ours: the middle of an overlong line is left out, and no line but the first looks like the beginning of one
/// of our messages.
pub fn message(message: &str) -> String {
    let message = text(message);
    let mut lines = message.split('\n');
    let mut escaped = shorten(lines.next().unwrap_or_default(), LINE).into_owned();
    for line in lines {
        escaped.push_str(if line.starts_with("omp2wasi") { "\\n" } else { "\n" });
        escaped.push_str(&shorten(line, LINE));
    }
    escaped
}

/// A text that stands in one line, and that must not look like more.
pub fn line(text: &str) -> String {
    shorten(&escape(text, acts), LINE).into_owned()
}

/// A name within a line.
pub fn name(name: &str) -> String {
    shorten(&escape(name, acts), NAME).into_owned()
}

/// A path within a line. It is shown in full: the system limits its length.
pub fn path(path: &Path) -> String {
    escape(&path.to_string_lossy(), acts).into_owned()
}

/// A JSON text (RFC 8259), in which only strings have characters beyond ASCII; they mean the same afterwards.
pub fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) && c != '\n' {
            let mut units = [0; 2];
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            // `\n`, `\r` and `\t`, or `\u{...}`.
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a character does something other than standing there: control characters of both ranges (C0 with DEL, C1), line and
/// paragraph separators, those that change the direction of writing, and those that nobody sees.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Leaves out the middle: in a message a name may come first, and what is wrong with it last.
fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    // A character has at least a byte, so that most texts need no counting.
    if text.len() <= limit || text.chars().count() <= limit {
        return Cow::Borrowed(text);
    }
    let head: String = text.chars().take(limit - limit / 4).collect();
    let tail = text.char_indices().rev().nth(limit / 4 - 2).map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{head}…{}", &text[tail..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped() {
        // Text, as text of several lines, as a line.
        let cases = [
            ("plain ä 漢字 🦀 \\ `'\"", "plain ä 漢字 🦀 \\ `'\"", "plain ä 漢字 🦀 \\ `'\""),
            ("\x1b[31mred\x07", r"\u{1b}[31mred\u{7}", r"\u{1b}[31mred\u{7}"),
            ("a\n\tb\r", "a\n\tb\\r", r"a\n\tb\r"),
            ("\u{7f}\u{9b}2J", r"\u{7f}\u{9b}2J", r"\u{7f}\u{9b}2J"),
            ("\u{202e}txt\u{2066}\u{2069}", r"\u{202e}txt\u{2066}\u{2069}", r"\u{202e}txt\u{2066}\u{2069}"),
            ("\u{200e}\u{200f}\u{61c}", r"\u{200e}\u{200f}\u{61c}", r"\u{200e}\u{200f}\u{61c}"),
            ("a\u{2028}b\u{2029}", r"a\u{2028}b\u{2029}", r"a\u{2028}b\u{2029}"),
            ("\u{e0041}\u{feff}", r"\u{e0041}\u{feff}", r"\u{e0041}\u{feff}"),
        ];
        for (raw, as_text, as_line) in cases {
            assert_eq!(text(raw), as_text);
            assert_eq!(line(raw), as_line);
            assert_eq!(name(raw), as_line);
            assert_eq!(path(Path::new(raw)), as_line);
            assert_eq!(text(&line(raw)), as_line, "once");
        }
    }

    #[test]
    fn all_control_characters_are_escaped() {
        for c in (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32) {
            assert!(!line(&c.to_string()).contains(c), "{c:?}");
        }
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "name": "\u{1b}[0m \u{9b} \u{202e} \u{7f} ä \u{e0041} \n \" \\u{1b}" });
        let printed = format!("{value:#}\n");
        let escaped = json(&printed);
        assert_eq!(text(&escaped), escaped, "nothing is left to be escaped");
        assert!(escaped.contains(r"\u001b[0m \u009b \u202e \u007f ä \udb40\udc41 \n"), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }

    #[test]
    fn a_message_is_one_message() {
        let forged = "omp2wasi: error: no `a\nomp2wasi: error: b\n  c\n\nomp2wasi cc: warning: d`";
        let shown = "omp2wasi: error: no `a\\nomp2wasi: error: b\n  c\n\\nomp2wasi cc: warning: d`";
        assert_eq!(message(forged), shown);
        assert_eq!(message("one\n  two\n"), "one\n  two\n");
        assert_eq!(message(""), "");
    }

    #[test]
    fn what_is_too_long_loses_its_middle() {
        let long = format!("begin{}end", "ä".repeat(1_000_000));
        let short = name(&long);
        assert_eq!(short.chars().count(), NAME);
        assert!(short.starts_with("beginä") && short.contains("ä…ä") && short.ends_with("äend"), "{short}");
        assert_eq!(name(&"x".repeat(NAME)), "x".repeat(NAME));
        assert_eq!(name(&"\x1b".repeat(NAME)).chars().count(), NAME);
        let lines = message(&format!("one\n{long}\ntwo\n"));
        assert!(lines.starts_with("one\nbegin") && lines.ends_with("end\ntwo\n"), "{lines}");
        assert_eq!(lines.lines().map(|line| line.chars().count()).max(), Some(LINE));
    }
}

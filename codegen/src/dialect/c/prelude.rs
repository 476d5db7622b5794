//! Which parts of a dialect's prelude a text needs: the functions for instructions that C has no operator for, and what those need.

use std::collections::BTreeMap;

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The prelude's items: what each defines, and its text.
///
/// Items are separated by empty lines, except that a line that begins with a macro's name is one of its own: it defines what it
/// names first.
fn items(parts: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    let mut items = Vec::new();
    for block in parts.iter().flat_map(|part| part.split("\n\n")).filter(|block| !block.trim().is_empty()) {
        let block = block.trim_matches('\n');
        let begin = block.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_').next();
        let is_family = begin.is_some_and(|macro_name| block[macro_name.len()..].starts_with('('));
        let parts: Vec<&str> = if is_family { block.lines().collect() } else { vec![block] };
        for part in parts {
            // Behind the comment that it may begin with.
            let code =
                if part.starts_with("/*") { part.split_once("*/\n").map_or(part, |(_, code)| code) } else { part };
            let code = code.trim_start_matches("static __attribute__((noinline)) ");
            let defined = if let Some(rest) = code.strip_prefix("#define ") {
                words(rest).next()
            } else if is_family {
                code.split_once('(').and_then(|(_, rest)| words(rest).next())
            } else {
                code.split_once('(').and_then(|(head, _)| words(head).last())
            };
            items.push((defined.unwrap_or(""), part));
        }
    }
    items
}

/// The items of these names, and those that they need, in the prelude's order. Names of what is no item are ignored. Where there are
/// several versions of an item, `ending` says what the name of the right one ends with.
pub(crate) fn needed<'n>(
    parts: &[&'static str],
    names: impl IntoIterator<Item = &'n str>,
    ending: impl Fn(&str) -> Option<&'static str>,
) -> String {
    let items = items(parts);
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, (name, _)) in items.iter().enumerate() {
        by_name.entry(name).or_default().push(i);
    }
    let mut needed = vec![false; items.len()];
    let mut queue: Vec<&str> = names.into_iter().collect();
    while let Some(word) = queue.pop() {
        let name = ending(word).map_or_else(|| word.to_owned(), |end| format!("{word}{end}"));
        // What an instruction needs beside its own function has its name, too.
        for item in by_name.get(name.as_str()).into_iter().flatten() {
            if !std::mem::replace(&mut needed[*item], true) {
                queue.extend(words(items[*item].1));
            }
        }
    }
    let needed = items.iter().zip(needed).filter(|(_, needed)| *needed);
    needed.fold(String::new(), |out, ((_, text), _)| out + text + "\n\n")
}

//! Objects made of a `linking` section between two others.

use super::*;
use wasm_encoder::{CustomSection, DataSymbolDefinition, LinkingSection, Module, SymbolTable};

const CRITICAL: &str = ".gomp_critical_user_.var";

fn definition() -> Option<DataSymbolDefinition> {
    Some(DataSymbolDefinition { index: 0, offset: 0, size: 32 })
}

/// An object whose `linking` section has sizes in the shortest form, between two other sections.
fn object(symbols: &[(&str, u32)]) -> Vec<u8> {
    let mut table = SymbolTable::new();
    table.function(0, 0, Some("main"));
    table.global(UNDEFINED, 0, None);
    for (name, flags) in symbols {
        let defined = flags & UNDEFINED == 0;
        table.data(*flags, name, definition().filter(|_| defined));
    }
    let mut linking = LinkingSection::new();
    linking.symbol_table(&table);
    let mut module = Module::new();
    let before = CustomSection { name: "before".into(), data: vec![1, 2, 3].into() };
    let after = CustomSection { name: "reloc.CODE".into(), data: vec![4, 5, 6].into() };
    module.section(&before).section(&linking).section(&after);
    module.finish()
}

/// Not the encoder under test, which a wrong one would suit.
fn five_bytes(size: usize) -> [u8; 5] {
    std::array::from_fn(|i| (size >> (7 * i)) as u8 & 0x7f | if i < 4 { 0x80 } else { 0 })
}

/// The same with sizes padded to five bytes, which is how LLVM writes them.
fn padded(object: &[u8]) -> Vec<u8> {
    let mut reader = BinaryReader::new(object, 0);
    let mut out = reader.read_bytes(8).unwrap().to_vec();
    while !reader.eof() {
        let id = reader.read_u8().unwrap();
        let section = sized(&mut reader).unwrap();
        let mut content = inner(object, &section.content);
        let mut body = object[section.content.clone()].to_vec();
        if content.read_unlimited_string().unwrap() == "linking" {
            content.read_var_u32().unwrap();
            body.truncate(content.original_position() - section.content.start);
            body.push(content.read_u8().unwrap());
            let table = sized(&mut content).unwrap();
            body.extend(five_bytes(table.content.len()));
            body.extend_from_slice(&object[table.content]);
        }
        out.push(id);
        out.extend(five_bytes(body.len()));
        out.extend(body);
    }
    out
}

/// The data symbols of an object, in order.
fn symbols(object: &[u8]) -> Vec<(String, u32)> {
    for payload in wasmparser::Parser::new(0).parse_all(object) {
        let wasmparser::Payload::CustomSection(section) = payload.unwrap() else {
            continue;
        };
        let wasmparser::KnownCustom::Linking(linking) = section.as_known() else {
            continue;
        };
        for subsection in linking {
            let wasmparser::Linking::SymbolTable(table) = subsection.unwrap() else {
                continue;
            };
            let data = table.into_iter().filter_map(|symbol| match symbol.unwrap() {
                wasmparser::SymbolInfo::Data { flags, name, .. } => Some((name.to_owned(), flags.bits())),
                _ => None,
            });
            return data.collect();
        }
    }
    panic!("no symbol table");
}

#[test]
fn flags_of_each_group() {
    let cases: &[(&str, u32, u32)] = &[
        (CRITICAL, 0, WEAK | HIDDEN),
        (".gomp_critical_user_foo.var", LOCAL, WEAK | HIDDEN),
        (".gomp_critical_user_.reduction.var", HIDDEN, WEAK | HIDDEN),
        (".gomp_critical_user_undefined.var", UNDEFINED, UNDEFINED),
        ("shared", 0, 0),
        ("shared.cache.", 0, WEAK | HIDDEN),
        ("static", LOCAL, LOCAL),
        ("static.cache.", 0, LOCAL),
        ("f.static", LOCAL, LOCAL),
        ("f.static.cache.", LOCAL, LOCAL),
        (".offloading.entry.f", WEAK, WEAK | NO_STRIP),
        ("gomp_critical_user_", 0, 0),
    ];
    let before: Vec<_> = cases.iter().map(|(name, flags, _)| (*name, *flags)).collect();
    let want: Vec<_> = cases.iter().map(|(name, _, flags)| ((*name).to_owned(), *flags)).collect();
    for object in [object(&before), padded(&object(&before))] {
        assert_eq!(symbols(&fix_object(&object).unwrap()), want);
    }
}

#[test]
fn a_flag_that_fits_is_changed_in_place() {
    let object = object(&[("a", 0), (CRITICAL, LOCAL)]);
    let fixed = fix_object(&object).unwrap();
    let differing: Vec<_> = (0..object.len()).filter(|&i| object[i] != fixed[i]).collect();
    assert_eq!((fixed.len(), differing.len()), (object.len(), 1));
    assert_eq!(fixed[differing[0]], (WEAK | HIDDEN) as u8);
}

#[test]
fn a_longer_flag_moves_what_follows_and_nothing_else() {
    let names: Vec<_> = (0..40).map(|i| format!(".offloading.entry.{i}")).collect();
    let entries: Vec<_> = names.iter().map(|name| (name.as_str(), 0)).collect();
    let short = object(&entries);
    for object in [short.clone(), padded(&short)] {
        let fixed = fix_object(&object).unwrap();
        assert_eq!(fixed.len(), object.len() + 40);
        assert!(symbols(&fixed).iter().all(|(_, flags)| *flags == NO_STRIP));
        assert!(fixed.ends_with(&object[object.len() - 16..]));
    }
}

#[test]
fn a_size_field_grows_with_its_section() {
    // One symbol more or less moves the section over the 128 bytes that one byte of size can count.
    for filler in 40..70 {
        let filler = "x".repeat(filler);
        let object = object(&[(&filler, 0), (".offloading.entry.f", 0)]);
        let fixed = fix_object(&object).unwrap();
        assert_eq!(symbols(&fixed)[1].1, NO_STRIP, "{} bytes", filler.len());
    }
}

#[test]
fn a_second_fix_up_changes_nothing() {
    let object = object(&[(CRITICAL, 0), ("s", LOCAL), ("s.cache.", 0), (".offloading.entry.f", 0)]);
    let once = fix_object(&object).unwrap();
    assert!(matches!(once, Cow::Owned(_)));
    assert!(matches!(fix_object(&once).unwrap(), Cow::Borrowed(_)));
}

#[test]
fn an_object_without_such_symbols_is_borrowed() {
    assert!(matches!(fix_object(&object(&[("a", 0)])).unwrap(), Cow::Borrowed(_)));
}

#[test]
fn what_is_no_object_is_refused() {
    let elf = fix_object(b"\x7fELF\x02\x01\x01").unwrap_err();
    assert!(elf.to_string().contains("another compiler") && elf.to_string().contains("ELF"));
    assert!(matches!(fix_object(b"BC\xc0\xde1234"), Err(ObjectError::Bitcode)));
    assert!(matches!(fix_object(b""), Err(ObjectError::Foreign(_))));
    assert!(matches!(fix_object(&Module::new().finish()), Err(ObjectError::NotRelocatable)));
    assert!(matches!(fix_object(b"\0asm\x0d\0\x01\0"), Err(ObjectError::NotRelocatable)));
    let mut unknown = Module::new();
    let version = [99];
    unknown.section(&CustomSection { name: "linking".into(), data: (&version[..]).into() });
    assert!(matches!(fix_object(&unknown.finish()), Err(ObjectError::LinkingVersion(99))));
}

#[test]
fn no_truncated_object_panics() {
    let object = padded(&object(&[(CRITICAL, 0), (".offloading.entry.f", 0)]));
    let complete = fix_object(&object).unwrap();
    for length in 0..object.len() {
        if let Ok(fixed) = fix_object(&object[..length]) {
            // Cut after the linking section: what is there is mended.
            assert_eq!(*fixed, complete[..complete.len() - (object.len() - length)]);
        }
    }
}

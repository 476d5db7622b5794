//! Removes from a program what `-s` removes.
//!
//! Invariant: what stays, stays verbatim and in its order, and what is removed means nothing to the program.

use omp2wasi_rewriter::{Error, without_sections};

/// The module without names and debugging information. Other custom sections stay, among them our manifest.
pub fn stripped(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    without_sections(wasm, is_debugging)
}

fn is_debugging(section: &str) -> bool {
    matches!(section, "name" | "producers" | "sourceMappingURL" | "external_debug_info")
        || section.starts_with(".debug_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, MemorySection, MemoryType, Module};

    #[test]
    fn stripping_removes_names_and_dwarf_alone() {
        let module = |customs: &[&str]| {
            let mut module = Module::new();
            let mut memory = MemorySection::new();
            memory.memory(MemoryType {
                minimum: 1,
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            });
            module.section(&memory);
            for &name in customs {
                module.section(&CustomSection { name: name.into(), data: vec![1; 200].into() });
            }
            module.finish()
        };
        let full = module(&["omp2wasi", ".debug_info", "name", "target_features", "producers"]);
        assert_eq!(stripped(&full).unwrap(), module(&["omp2wasi", "target_features"]));
        assert!(stripped(&full[..full.len() - 1]).is_err());
    }
}

;; this is a component, not a core module: link with wasm-ld for the target wasm32-wasi (wasip1)

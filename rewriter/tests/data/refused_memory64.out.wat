;; the module has a 64-bit memory; compile it for wasm32

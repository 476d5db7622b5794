//! Objects that clang has made.

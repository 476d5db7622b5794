//! Forms through the whole rewriter.

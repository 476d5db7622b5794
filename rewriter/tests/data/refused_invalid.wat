;; Well-formed, and not valid.
(module (func (result i32)))

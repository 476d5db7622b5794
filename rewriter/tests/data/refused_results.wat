;; A function with more results than any compiler makes.
(module
  (func (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (unreachable)))

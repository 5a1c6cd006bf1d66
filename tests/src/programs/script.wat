;; Runs a few lines of WAT and ends with code 0 if they do not end it otherwise.
(module
  {{PRELUDE}}
  (func (export "run") (local $i i32) (local $n i32)
    {{BODY}}))

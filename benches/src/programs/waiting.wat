;; Waits for command 21 again and again, and sends command 19 whenever it runs on.
(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; Opens of 19 as channel 1 and of 21 as channel 2; then a send on channel 1.
  (data (i32.const 0x100) "\00\00\00\00\01\00\00\00\13\00\00\00\10\00\00\00")
  (data (i32.const 0x110) "\00\00\00\00\02\00\00\00\15\00\00\00\10\00\00\00")
  (data (i32.const 0x120) "\01\00\00\00\01\00\00\00\00\00\00\00\10\00\00\00")
  (func (export "run")
    ;; The first lap says that it has started.
    (drop (call $ar (i32.const 2) (i32.const 0x100) (i32.const 0x200)))
    (loop $forever
      (drop (call $ar (i32.const 0) (i32.const 0) (i32.const 0x200)))
      (drop (call $ar (i32.const 1) (i32.const 0x120) (i32.const 0x200)))
      (br $forever))))

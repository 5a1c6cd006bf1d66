;; Paints one colour once and then waits for keys. What {{ON_KEY}} says happens when one is pressed.
(module
  {{PRELUDE}}
  (func (export "run")
    (call $fill (i32.const 0) (i32.const 0) (i32.const {{WIDTH}}) (i32.const {{HEIGHT}}) (i32.const {{COLOUR}}))
    (call $open (i32.const 11) (i32.const 48) (i32.const 0x20e0))
    (call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
    (call $open (i32.const 2) (i32.const 26) (i32.const 0x2020))
    (loop $forever
      (drop (call $wait))
      (if (i32.load (i32.const 0x2024)) (then
        ;; The capacity is 64 until keys have been received, then their number.
        (if (i32.lt_u (i32.load (i32.const 0x2020)) (i32.const 64)) (then {{ON_KEY}}))))
      (br $forever))))

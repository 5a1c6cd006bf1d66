;; Counts its frames, and fills each with the count as a colour: the screen tells how many were shown.
(module
  {{PRELUDE}}
  (func (export "run") (local $frame i32) (local $count i32) (local $index i32)
    (call $open (i32.const 11) (i32.const 48) (i32.const 0x20e0))
    (call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
    (loop $forever
      (local.set $count (call $wait))
      (local.set $index (i32.const 0))
      (loop $each
        (if (i32.lt_u (local.get $index) (local.get $count)) (then
          (if (i32.eq (call $ready (local.get $index)) (i32.const 1)) (then
            (local.set $frame (i32.add (local.get $frame) (i32.const 1)))
            (call $fill (i32.const 0) (i32.const 0) (i32.const {{WIDTH}}) (i32.const {{HEIGHT}})
              (i32.or (i32.const 0xff000000) (local.get $frame)))
            (call $send (i32.const 1) (i32.const 0x2000))))
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (br $each))))
      (br $forever))))

;; A picture of {{WIDTH}} by {{HEIGHT}} with a mark at (16, 16) that changes with each key press, and a counter at (96, 16)
;; whose colour is the number of the frame. Redraws when a key was pressed, or, if {{ANIMATE}}, whenever a frame was shown.
(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") {{PAGES}})
  ;; Opens of 35 (frame) and 26 (keys); then a send on channel 1.
  (data (i32.const 0x100) "\00\00\00\00\01\00\00\00\23\00\00\00\00\02\00\00")
  (data (i32.const 0x110) "\00\00\00\00\02\00\00\00\1a\00\00\00\20\02\00\00")
  (data (i32.const 0x120) "\01\00\00\00\01\00\00\00\00\00\00\00\00\02\00\00")
  (global $mark (mut i32) (i32.const 0))
  (global $frame (mut i32) (i32.const 0))

  (func $block (param $x i32) (param $colour i32) (local $row i32) (local $at i32) (local $end i32)
    (loop $rows
      (local.set $at (i32.add (i32.const 0x10000) (i32.shl (i32.add (local.get $x)
        (i32.mul (i32.add (i32.const 16) (local.get $row)) (i32.const {{WIDTH}}))) (i32.const 2))))
      (local.set $end (i32.add (local.get $at) (i32.const 256)))
      (loop $pixels
        (i32.store (local.get $at) (local.get $colour))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $pixels (i32.lt_u (local.get $at) (local.get $end))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $row) (i32.const 64)))))

  (func $draw
    (call $block (i32.const 16) (select (i32.const 0xff2040c0) (i32.const 0xffc04020) (global.get $mark)))
    (global.set $frame (i32.add (global.get $frame) (i32.const 1)))
    (call $block (i32.const 96) (i32.or (i32.const 0xff000000) (global.get $frame))))

  (func $paper (local $x i32) (local $y i32)
    (loop $rows
      (local.set $x (i32.const 0))
      (loop $pixels
        (i32.store
          (i32.add (i32.const 0x10000) (i32.shl (i32.add (local.get $x) (i32.mul (local.get $y) (i32.const {{WIDTH}}))) (i32.const 2)))
          (i32.or (i32.const 0xff800000) (i32.or
            (i32.and (i32.shr_u (local.get $x) (i32.const 2)) (i32.const 255))
            (i32.shl (i32.and (i32.shr_u (local.get $y) (i32.const 2)) (i32.const 255)) (i32.const 8)))))
        (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (br_if $pixels (i32.lt_u (local.get $x) (i32.const {{WIDTH}}))))
      (local.set $y (i32.add (local.get $y) (i32.const 1)))
      (br_if $rows (i32.lt_u (local.get $y) (i32.const {{HEIGHT}})))))

  ;; Flips the mark for each key press among those received; whether there was one.
  (func $pressed (result i32) (local $at i32) (local $end i32) (local $any i32)
    (local.set $at (i32.const 0x400))
    (local.set $end (i32.add (i32.const 0x400) (i32.mul (i32.load (i32.const 0x220)) (i32.const 12))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (if (i32.eq (i32.load8_u offset=10 (local.get $at)) (i32.const 1)) (then
        (global.set $mark (i32.eqz (global.get $mark)))
        (local.set $any (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 12)))
      (br $next)))
    (local.get $any))

  (func (export "run") (local $count i32) (local $index i32) (local $redraw i32)
    (call $paper)
    (call $draw)
    ;; The frame's message, and room for 64 keys.
    (i32.store (i32.const 0x200) (i32.const {{WIDTH}}))
    (i32.store (i32.const 0x204) (i32.const {{HEIGHT}}))
    (i32.store (i32.const 0x208) (i32.const {{STRIDE}}))
    (i32.store (i32.const 0x210) (i32.const 0x10000))
    (i32.store (i32.const 0x220) (i32.const 64))
    (i32.store (i32.const 0x224) (i32.const 0x400))
    (local.set $count (call $ar (i32.const 2) (i32.const 0x100) (i32.const 0x300)))
    (loop $forever
      (local.set $redraw (i32.const 0))
      (local.set $index (i32.const 0))
      (block $heard (loop $each
        (br_if $heard (i32.ge_u (local.get $index) (local.get $count)))
        (if (i32.eq (i32.load offset=0x300 (i32.shl (local.get $index) (i32.const 2))) (i32.const 1))
          (then (local.set $redraw (i32.or (local.get $redraw) (i32.const {{ANIMATE}})))))
        (if (i32.eq (i32.load offset=0x300 (i32.shl (local.get $index) (i32.const 2))) (i32.const 2))
          (then (local.set $redraw
            (i32.or (local.get $redraw) (i32.gt_u (call $pressed) (i32.const {{ANIMATE}}))))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $each)))
      (if (local.get $redraw) (then (call $draw)))
      (local.set $count (call $ar (local.get $redraw) (i32.const 0x120) (i32.const 0x300)))
      (br $forever))))

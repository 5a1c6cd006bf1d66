;; What every test program starts with. Commands gather at 0x100, the ready list comes at 0x1000, the picture is at 0x10000.
(import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
(memory (export "memory") {{PAGES}})
(global $posted (mut i32) (i32.const 0))

;; Adds a command to the next call.
(func $post (param $channel i32) (param $new i32) (param $which i32) (param $data i32)
  (local $at i32)
  (local.set $at (i32.add (i32.const 0x100) (i32.shl (global.get $posted) (i32.const 4))))
  (i32.store (local.get $at) (local.get $channel))
  (i32.store offset=4 (local.get $at) (local.get $new))
  (i32.store offset=8 (local.get $at) (local.get $which))
  (i32.store offset=12 (local.get $at) (local.get $data))
  (global.set $posted (i32.add (global.get $posted) (i32.const 1))))

(func $open (param $id i32) (param $which i32) (param $data i32)
  (call $post (i32.const 0) (local.get $id) (local.get $which) (local.get $data)))

(func $send (param $id i32) (param $data i32)
  (call $post (local.get $id) (local.get $id) (i32.const 0) (local.get $data)))

;; Carries out what was posted; the number of ready channels.
(func $wait (result i32) (local $count i32)
  (local.set $count (global.get $posted))
  (global.set $posted (i32.const 0))
  (call $ar (local.get $count) (i32.const 0x100) (i32.const 0x1000)))

;; Ends the program.
(func $exit (param $code i32)
  (call $post (i32.const 0) (i32.const 0) (local.get $code) (i32.const 0))
  (drop (call $wait))
  (unreachable))

;; The entry of the ready list at that place.
(func $ready (param $index i32) (result i32)
  (i32.load offset=0x1000 (i32.shl (local.get $index) (i32.const 2))))

(func $rgb (param $r i32) (param $g i32) (param $b i32) (result i32)
  (i32.or (i32.or (i32.and (local.get $r) (i32.const 255))
                  (i32.shl (i32.and (local.get $g) (i32.const 255)) (i32.const 8)))
          (i32.or (i32.shl (i32.and (local.get $b) (i32.const 255)) (i32.const 16)) (i32.const 0xff000000))))

;; Fills a rectangle of a picture that is {{WIDTH}} pixels wide.
(func $fill (param $x i32) (param $y i32) (param $w i32) (param $h i32) (param $colour i32)
  (local $row i32) (local $at i32) (local $end i32)
  (loop $rows
    (local.set $at (i32.add (i32.const 0x10000)
      (i32.shl (i32.add (i32.mul (i32.add (local.get $y) (local.get $row)) (i32.const {{WIDTH}})) (local.get $x)) (i32.const 2))))
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $w) (i32.const 2))))
    (loop $pixels
      (i32.store (local.get $at) (local.get $colour))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $pixels (i32.lt_u (local.get $at) (local.get $end))))
    (local.set $row (i32.add (local.get $row) (i32.const 1)))
    (br_if $rows (i32.lt_u (local.get $row) (local.get $h)))))

;; A cell of 40 × 40 pixels, eight of them a row: how a program tells a test what it has received.
(func $cell (param $index i32) (param $colour i32)
  (call $fill (i32.mul (i32.rem_u (local.get $index) (i32.const 8)) (i32.const 40))
              (i32.mul (i32.div_u (local.get $index) (i32.const 8)) (i32.const 40))
              (i32.const 40) (i32.const 40) (local.get $colour)))

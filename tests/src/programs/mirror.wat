;; Opens everything that a window can give, and shows what it receives as the colours of cells: see `Cell` in programs.rs.
(module
  {{PRELUDE}}
  (global $presses (mut i32) (i32.const 0))
  (global $releases (mut i32) (i32.const 0))
  (global $repeats (mut i32) (i32.const 0))
  (global $clicks (mut i32) (i32.const 0))
  (global $unclicks (mut i32) (i32.const 0))
  (global $scrolls (mut i32) (i32.const 0))
  (global $actions (mut i32) (i32.const 0))
  (global $navigations (mut i32) (i32.const 0))
  (global $chosen (mut i32) (i32.const 0))
  (global $tabs (mut i32) (i32.const 0))
  (global $searches (mut i32) (i32.const 0))
  (global $texts (mut i32) (i32.const 0))
  (global $closed (mut i32) (i32.const 0))
  (global $locked (mut i32) (i32.const 0))
  (global $dx (mut f32) (f32.const 0))
  (global $dy (mut f32) (f32.const 0))

  (func $keys (local $at i32) (local $end i32) (local $what i32)
    (local.set $at (i32.const 0x8000))
    (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 0x2020)) (i32.const 12))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $what (call $rgb (i32.load8_u offset=8 (local.get $at)) (i32.load8_u offset=11 (local.get $at)) (i32.const 0x77)))
        (if (i32.eq (i32.load8_u offset=10 (local.get $at)) (i32.const 1)) (then
          (global.set $presses (i32.add (global.get $presses) (i32.const 1)))
          (call $cell (i32.const 1) (local.get $what))))
        (if (i32.eqz (i32.load8_u offset=10 (local.get $at))) (then
          (global.set $releases (i32.add (global.get $releases) (i32.const 1)))
          (call $cell (i32.const 2) (local.get $what))))
        (if (i32.eq (i32.load8_u offset=10 (local.get $at)) (i32.const 2)) (then
          (global.set $repeats (i32.add (global.get $repeats) (i32.const 1)))))
        (local.set $at (i32.add (local.get $at) (i32.const 12)))
        (br $next))))
    (call $cell (i32.const 3) (call $rgb (global.get $presses) (global.get $releases) (global.get $repeats))))

  (func $cursor (local $at i32) (local $end i32) (local $kind i32) (local $x i32) (local $y i32)
    (local.set $at (i32.const 0x8600))
    (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 0x2060)) (i32.const 28))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $kind (i32.load8_u offset=24 (local.get $at)))
        (local.set $x (i32.trunc_sat_f32_s (f32.load offset=8 (local.get $at))))
        (local.set $y (i32.trunc_sat_f32_s (f32.load offset=12 (local.get $at))))
        (if (i32.le_u (local.get $kind) (i32.const 2)) (then
          (call $cell (i32.const 4) (call $rgb (local.get $x) (local.get $y)
            (i32.or (i32.and (i32.shr_s (local.get $x) (i32.const 8)) (i32.const 15))
                    (i32.shl (i32.and (i32.shr_s (local.get $y) (i32.const 8)) (i32.const 15)) (i32.const 4)))))))
        (if (i32.and (global.get $locked) (i32.eqz (local.get $kind))) (then
          (global.set $dx (f32.add (global.get $dx) (f32.load offset=16 (local.get $at))))
          (global.set $dy (f32.add (global.get $dy) (f32.load offset=20 (local.get $at))))
          (call $cell (i32.const 21) (call $rgb
            (i32.add (i32.trunc_sat_f32_s (global.get $dx)) (i32.const 128))
            (i32.add (i32.trunc_sat_f32_s (global.get $dy)) (i32.const 128)) (i32.const 0x99)))))
        (if (i32.eq (local.get $kind) (i32.const 1)) (then (global.set $clicks (i32.add (global.get $clicks) (i32.const 1)))))
        (if (i32.eq (local.get $kind) (i32.const 2)) (then (global.set $unclicks (i32.add (global.get $unclicks) (i32.const 1)))))
        (if (i32.or (i32.eq (local.get $kind) (i32.const 1)) (i32.eq (local.get $kind) (i32.const 2))) (then
          (call $cell (i32.const 5) (call $rgb (i32.add (i32.load8_u offset=25 (local.get $at)) (i32.const 1)) (global.get $clicks) (global.get $unclicks)))))
        (if (i32.eq (local.get $kind) (i32.const 3)) (then
          (global.set $scrolls (i32.add (global.get $scrolls) (i32.const 1)))
          (call $cell (i32.const 6) (call $rgb
            (i32.add (i32.trunc_sat_f32_s (f32.load offset=16 (local.get $at))) (i32.const 128))
            (i32.add (i32.trunc_sat_f32_s (f32.load offset=20 (local.get $at))) (i32.const 128))
            (global.get $scrolls)))))
        (if (i32.eq (local.get $kind) (i32.const 4)) (then (call $cell (i32.const 7) (call $rgb (i32.const 1) (i32.const 1) (i32.const 1)))))
        (if (i32.eq (local.get $kind) (i32.const 5)) (then (call $cell (i32.const 7) (call $rgb (i32.const 2) (i32.const 2) (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 28)))
        (br $next)))))

  ;; The first three bytes of a posted text, where there are as many.
  (func $three (param $text i32) (result i32) (local $at i32) (local $size i32)
    (local.set $at (i32.load offset=4 (local.get $text)))
    (local.set $size (i32.load (local.get $text)))
    (call $rgb
      (select (i32.load8_u (local.get $at)) (i32.const 0) (i32.gt_u (local.get $size) (i32.const 0)))
      (select (i32.load8_u offset=1 (local.get $at)) (i32.const 0) (i32.gt_u (local.get $size) (i32.const 1)))
      (select (i32.load8_u offset=2 (local.get $at)) (i32.const 0) (i32.gt_u (local.get $size) (i32.const 2)))))

  (func $text
    (if (i32.load (i32.const 0x2040)) (then
      (global.set $texts (i32.add (global.get $texts) (i32.load (i32.const 0x2040))))
      (call $cell (i32.const 8) (call $three (i32.const 0x2040)))))
    (call $cell (i32.const 9) (call $rgb (global.get $texts) (i32.load (i32.const 0x2040)) (i32.load (i32.const 0x2048))))
    (if (i32.load (i32.const 0x2048)) (then (call $cell (i32.const 10) (call $three (i32.const 0x2048))))))

  (func $window
    (call $cell (i32.const 11) (call $rgb (i32.load (i32.const 0x2070)) (i32.shr_u (i32.load (i32.const 0x2070)) (i32.const 8)) (i32.load (i32.const 0x207c))))
    (call $cell (i32.const 12) (call $rgb (i32.load (i32.const 0x2074)) (i32.shr_u (i32.load (i32.const 0x2074)) (i32.const 8))
      (i32.trunc_sat_f32_u (f32.mul (f32.load (i32.const 0x2078)) (f32.const 16))))))

  (func $menu (local $index i32)
    (local.set $index (i32.load (i32.const 0x20a0)))
    (global.set $chosen (i32.add (global.get $chosen) (i32.const 1)))
    (call $cell (i32.const 15) (call $rgb (i32.add (local.get $index) (i32.const 1)) (global.get $chosen) (i32.const 0x55)))
    ;; Action 2 goes to mode 1, action 3 back to mode 0, action 6 locks the cursor.
    (if (i32.eq (local.get $index) (i32.const 6)) (then
      (global.set $locked (i32.const 1))
      (call $open (i32.const 14) (i32.const 49) (i32.const 0x21f0))))
    (if (i32.eq (local.get $index) (i32.const 2)) (then (call $mode (i32.const 1))))
    (if (i32.eq (local.get $index) (i32.const 3)) (then (call $mode (i32.const 0)))))

  (func $mode (param $mode i32)
    (i32.store (i32.const 0x20e8) (local.get $mode))
    (call $send (i32.const 12) (i32.const 0x20e8))
    (call $cell (i32.const 19) (call $rgb (i32.add (local.get $mode) (i32.const 1)) (i32.const 0x33) (i32.const 0x33))))

  (func $receive (param $entry i32)
    (if (i32.lt_s (local.get $entry) (i32.const 0)) (then
      (global.set $closed (i32.add (global.get $closed) (i32.const 1)))
      (call $cell (i32.const 20) (call $rgb (local.get $entry) (global.get $closed) (i32.const 0x11)))
      (return)))
    (if (i32.eq (local.get $entry) (i32.const 2)) (then (call $keys)))
    (if (i32.eq (local.get $entry) (i32.const 3)) (then (call $text)))
    (if (i32.eq (local.get $entry) (i32.const 4)) (then (call $cursor)))
    (if (i32.eq (local.get $entry) (i32.const 5)) (then (call $window)))
    (if (i32.eq (local.get $entry) (i32.const 6)) (then
      (global.set $actions (i32.add (global.get $actions) (i32.const 1)))
      (call $cell (i32.const 13) (call $rgb (i32.add (i32.load (i32.const 0x2080)) (i32.const 1)) (global.get $actions) (i32.const 0x66)))))
    (if (i32.eq (local.get $entry) (i32.const 7)) (then
      (global.set $navigations (i32.add (global.get $navigations) (i32.const 1)))
      (call $cell (i32.const 14) (call $rgb (i32.add (i32.load (i32.const 0x2090)) (i32.const 1)) (global.get $navigations) (i32.const 0x66)))))
    (if (i32.eq (local.get $entry) (i32.const 8)) (then (call $menu)))
    (if (i32.eq (local.get $entry) (i32.const 9)) (then
      (global.set $tabs (i32.add (global.get $tabs) (i32.const 1)))
      (call $cell (i32.const 16) (call $rgb (i32.add (i32.load (i32.const 0x20bc)) (i32.const 1)) (global.get $tabs) (i32.const 0x44)))
      (i32.store (i32.const 0x20b8) (i32.load (i32.const 0x20bc)))
      (call $send (i32.const 9) (i32.const 0x20b0))))
    (if (i32.eq (local.get $entry) (i32.const 10)) (then
      (global.set $searches (i32.add (global.get $searches) (i32.const 1)))
      (call $cell (i32.const 17) (call $three (i32.const 0x20d0)))
      (call $cell (i32.const 18) (call $rgb (i32.load (i32.const 0x20d0)) (global.get $searches) (i32.const 0x22))))))

  (func (export "run") (local $count i32) (local $index i32)
    (call $fill (i32.const 0) (i32.const 0) (i32.const {{WIDTH}}) (i32.const {{HEIGHT}}) (i32.const 0xff203040))
    (call $cell (i32.const 0) (i32.const {{COLOUR}}))
    (call $open (i32.const 11) (i32.const 48) (i32.const 0x20e0))
    (call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
    (call $open (i32.const 2) (i32.const 26) (i32.const 0x2020))
    (call $open (i32.const 3) (i32.const 27) (i32.const 0x2040))
    (call $open (i32.const 4) (i32.const 28) (i32.const 0x2060))
    (call $open (i32.const 5) (i32.const 47) (i32.const 0x2070))
    (call $open (i32.const 6) (i32.const 21) (i32.const 0x2080))
    (call $open (i32.const 7) (i32.const 22) (i32.const 0x2090))
    (call $open (i32.const 8) (i32.const 23) (i32.const 0x20a0))
    (call $open (i32.const 9) (i32.const 24) (i32.const 0x20b0))
    (call $open (i32.const 10) (i32.const 25) (i32.const 0x20c0))
    (call $open (i32.const 12) (i32.const 44) (i32.const 0x20e8))
    (call $open (i32.const 13) (i32.const 61) (i32.const 0x20f0))
    (loop $forever
      (local.set $count (call $wait))
      (local.set $index (i32.const 0))
      (loop $each
        (if (i32.lt_u (local.get $index) (local.get $count)) (then
          (call $receive (call $ready (local.get $index)))
          ;; Whatever was not just a frame shown is worth a new picture.
          (if (i32.ne (call $ready (local.get $index)) (i32.const 1)) (then (call $send (i32.const 1) (i32.const 0x2000))))
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (br $each))))
      (br $forever))))

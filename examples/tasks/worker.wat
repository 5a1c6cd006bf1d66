;; A child of the example `tasks`: it computes one row of the Mandelbrot set, sends it, and finds the next in the answer.
;;
;; The memory that it shares with its parent:
;;    0  f64  real part of the first point
;;    8  f64  imaginary part of the first row
;;   16  f64  distance between points
;;   24  u32  points a row
;;   28  u32  the row
;;   32  u32  most steps of a point
;;   64  f32, f32 a point: steps until it was far away, and the square of its distance then
(module
  (import "daku" "ar" (func $ar (param $size i32) (param $data i32) (param $done i32) (result i32)))
  (memory (export "memory") 4)

  ;; At 0x100: open command 18 as channel 1 with the Message at 0x20. At 0x110: send on channel 1.
  (data (i32.const 0x100) "\00\00\00\00\01\00\00\00\12\00\00\00\20\00\00\00")
  (data (i32.const 0x110) "\01\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00")
  ;; The Message: 0x30000 bytes at 0x400.
  (data (i32.const 0x20) "\00\00\03\00\00\04\00\00")

  (func (export "run")
    ;; Opening copies in what the parent shares.
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x200)))
    (loop $next
      (call $row)
      (drop (call $ar (i32.const 1) (i32.const 0x110) (i32.const 0x200)))
      (br $next)))

  (func $row (local $at i32) (local $left i32) (local $cx f64) (local $cy f64)
    (local.set $cx (f64.load (i32.const 0x400)))
    (local.set $cy (f64.add
      (f64.load (i32.const 0x408))
      (f64.mul (f64.convert_i32_u (i32.load (i32.const 0x41c))) (f64.load (i32.const 0x410)))))
    (local.set $left (i32.load (i32.const 0x418)))
    (local.set $at (i32.const 0x440))
    (loop $points
      (call $point (local.get $at) (local.get $cx) (local.get $cy))
      (local.set $cx (f64.add (local.get $cx) (f64.load (i32.const 0x410))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $points (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))

  (func $point (param $at i32) (param $cx f64) (param $cy f64)
    (local $steps i32) (local $x f64) (local $y f64) (local $xx f64) (local $yy f64)
    (block $away
      (loop $step
        (local.set $xx (f64.mul (local.get $x) (local.get $x)))
        (local.set $yy (f64.mul (local.get $y) (local.get $y)))
        (br_if $away (f64.gt (f64.add (local.get $xx) (local.get $yy)) (f64.const 256)))
        (local.set $y (f64.add (f64.mul (f64.mul (f64.const 2) (local.get $x)) (local.get $y)) (local.get $cy)))
        (local.set $x (f64.add (f64.sub (local.get $xx) (local.get $yy)) (local.get $cx)))
        (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
        (br_if $step (i32.lt_u (local.get $steps) (i32.load (i32.const 0x420))))))
    (f32.store (local.get $at) (f32.convert_i32_u (local.get $steps)))
    (f32.store offset=4 (local.get $at) (f32.demote_f64 (f64.add (local.get $xx) (local.get $yy))))))

;; Uses what the user is asked about, each on its key, and shows in a cell what came of it: 1 while it waits, 2 when it is ready
;; (with the first word of the message for a notification), 3 when it was closed, with the reason.
(module
  {{PRELUDE}}
  ;; Whether the clipboard is to be read when another window gets the focus.
  (global $later (mut i32) (i32.const 0))

  (func $shows (param $which i32) (param $state i32) (param $code i32)
    (i32.store offset=0x3400 (i32.shl (local.get $which) (i32.const 2)) (local.get $state))
    (call $cell (local.get $which) (call $rgb (local.get $state) (local.get $code) (i32.const 0x77))))

  ;; Opens the channel, or sends on it if it is open.
  (func $want (param $which i32) (local $row i32) (local $id i32)
    (i64.store (i32.const 0x3044) (i64.const 0x0000310000000040))
    (i64.store (i32.const 0x3060) (i64.const 0x0000320000000005))
    (local.set $row (i32.shl (local.get $which) (i32.const 3)))
    (local.set $id (i32.add (local.get $which) (i32.const 20)))
    (if (i32.rem_u (i32.load offset=0x3400 (i32.shl (local.get $which) (i32.const 2))) (i32.const 3))
      (then (call $send (local.get $id) (i32.load offset=0x3504 (local.get $row))))
      (else (call $open (local.get $id) (i32.load offset=0x3500 (local.get $row)) (i32.load offset=0x3504 (local.get $row)))))
    (call $shows (local.get $which) (i32.const 1) (i32.const 0)))

  (func $key (param $code i32)
    (if (i32.eq (local.get $code) (i32.const 15)) (then (call $want (i32.const 0))))
    (if (i32.eq (local.get $code) (i32.const 6)) (then (call $want (i32.const 1))))
    (if (i32.eq (local.get $code) (i32.const 17)) (then (call $want (i32.const 2))))
    (if (i32.eq (local.get $code) (i32.const 26)) (then (call $want (i32.const 3))))
    (if (i32.eq (local.get $code) (i32.const 5)) (then (call $want (i32.const 0)) (call $want (i32.const 2))))
    (if (i32.eq (local.get $code) (i32.const 24)) (then (global.set $later (i32.const 1)))))

  ;; Something has become of a channel; asks why if it was closed.
  (func $became (param $which i32) (param $closed i32) (local $why i32)
    (if (local.get $closed)
      (then
        (local.set $why (i32.shl (local.get $which) (i32.const 4)))
        (i32.store offset=0x3600 (local.get $why) (i32.add (local.get $which) (i32.const 20)))
        (i64.store offset=0x3608 (local.get $why) (i64.const 0x0000380000000100))
        (call $open (i32.add (local.get $which) (i32.const 30)) (i32.const 45) (i32.add (i32.const 0x3600) (local.get $why))))
      (else
        (call $shows (local.get $which) (i32.const 2)
          (select (i32.load (i32.const 0x3060)) (i32.const 0) (i32.eq (local.get $which) (i32.const 2))))
        (if (i32.eq (local.get $which) (i32.const 1))
          (then (call $cell (i32.const 8)
            (i32.or (i32.and (i32.load (i32.const 0x3100)) (i32.const 0xffffff)) (i32.const 0xff000000))))))))

  (func $entry (param $entry i32) (local $id i32) (local $index i32) (local $at i32)
    (local.set $id (i32.and (local.get $entry) (i32.const 0x7fffffff)))
    (if (i32.eq (local.get $id) (i32.const 2)) (then
      (block $done (loop $keys
        (br_if $done (i32.ge_u (local.get $index) (i32.load (i32.const 0x2020))))
        (local.set $at (i32.mul (local.get $index) (i32.const 12)))
        (if (i32.eq (i32.load8_u offset=0x800a (local.get $at)) (i32.const 1))
          (then (call $key (i32.load16_u offset=0x8008 (local.get $at)))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $keys)))))
    (if (i32.eq (local.get $id) (i32.const 3)) (then
      (if (i32.and (global.get $later) (i32.eqz (i32.and (i32.load (i32.const 0x204c)) (i32.const 1)))) (then
        (global.set $later (i32.const 0))
        (call $want (i32.const 1))))))
    (if (i32.eq (i32.div_u (local.get $id) (i32.const 10)) (i32.const 2))
      (then (call $became (i32.sub (local.get $id) (i32.const 20)) (i32.shr_u (local.get $entry) (i32.const 31)))))
    (if (i32.eq (i32.div_u (local.get $id) (i32.const 10)) (i32.const 3)) (then
      (local.set $at (i32.sub (local.get $id) (i32.const 30)))
      (call $shows (local.get $at) (i32.const 3) (i32.load offset=0x3604 (i32.shl (local.get $at) (i32.const 4))))
      (call $post (local.get $id) (i32.const 0) (i32.const 0) (i32.const 0)))))

  (func (export "run") (local $count i32) (local $index i32) (local $seen i32)
    (call $fill (i32.const 0) (i32.const 0) (i32.const {{WIDTH}}) (i32.const {{HEIGHT}}) (i32.const {{COLOUR}}))
    (call $open (i32.const 11) (i32.const 48) (i32.const 0x20e0))
    (call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
    (call $open (i32.const 2) (i32.const 26) (i32.const 0x2020))
    (call $open (i32.const 3) (i32.const 47) (i32.const 0x2040))
    (loop $forever
      (local.set $count (call $wait))
      (local.set $index (i32.const 0))
      (local.set $seen (i32.const 0))
      (block $done (loop $entries
        (br_if $done (i32.ge_u (local.get $index) (local.get $count)))
        (call $entry (call $ready (local.get $index)))
        (if (i32.ne (call $ready (local.get $index)) (i32.const 1)) (then (local.set $seen (i32.const 1))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $entries)))
      (if (local.get $seen) (then (call $send (i32.const 1) (i32.const 0x2000))))
      (br $forever))))

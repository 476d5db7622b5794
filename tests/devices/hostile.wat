;; A program that gives device functions what is wrong: each call fails with the errno that is its last argument, and none harms the host.
(module
  (import "omp2wasi" "num_devices" (func $num_devices (result i32)))
  (import "omp2wasi" "device_map" (func $map (param i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_unmap" (func $unmap (param i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_sync" (func $sync (param i32 i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_copy" (func $copy (param i32 i32 i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_host_use" (func $host_use (param i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_region" (func $region (param i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_begin_teams" (func $begin_teams (param i32 i32 i32 i32) (result i32)))
  (import "omp2wasi" "device_end_teams" (func $end_teams (param i32) (result i32)))
  (import "omp2wasi" "device_launch" (func $device_launch (param i32 i32) (result i32)))
  (import "omp2wasi" "device_printed" (func $printed (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (elem (i32.const 1) $no_region)
  (func $no_region)
  ;; A range at the memory's end, one beyond it, and one with unknown flags.
  (data (i32.const 1024) "\f0\ff\00\00\10\00\00\00\f0\ff\00\00\00\00\00\00"
                         "\f0\ff\00\00\11\00\00\00\f0\ff\00\00\04\00\00\00"
                         "\f0\ff\00\00\10\00\00\00\f0\ff\00\00\00\00\00\80")

  (func $is (param $found i32) (param $expected i32)
    (if (i32.ne (local.get $found) (local.get $expected)) (then (unreachable))))

  ;; Launches a microtask in a teams region, with no arguments: the record is at 2048.
  (func $launch (param $device i32) (param $region i32) (param $microtask i32) (result i32)
    (i32.store (i32.const 2048) (local.get $region))
    (i32.store (i32.const 2052) (local.get $microtask))
    (call $device_launch (local.get $device) (i32.const 2048)))
  (func (export "_start")
    (if (i32.eqz (call $num_devices)) (then (unreachable)))
    ;; Devices that there are not.
    (call $is (call $map (i32.const 99) (i32.const 1024) (i32.const 1)) (i32.const 2))
    (call $is (call $unmap (i32.const -1) (i32.const 1024) (i32.const 1)) (i32.const 2))
    (call $is (call $sync (i32.const 99) (i32.const 1024) (i32.const 1) (i32.const 0)) (i32.const 2))
    (call $is (call $copy (i32.const -2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const 2))
    (call $is (call $host_use (i32.const 99) (i32.const 1024) (i32.const 1)) (i32.const 2))
    (call $is (call $region (i32.const 99) (i32.const 1024) (i32.const 1)) (i32.const 0))
    (call $is (call $begin_teams (i32.const 99) (i32.const 1) (i32.const 0) (i32.const 0)) (i32.const 0))
    (call $is (call $launch (i32.const 99) (i32.const 1) (i32.const 1)) (i32.const 2))
    ;; Nothing has been printed.
    (call $is (call $printed (i32.const 0) (i32.const 0) (i32.const 16)) (i32.const 0))
    (call $is (call $printed (i32.const 256) (i32.const 0) (i32.const -1)) (i32.const 0))
    (call $is (call $printed (i32.const -1) (i32.const -1) (i32.const -1)) (i32.const 0))
    ;; Lists and names outside of the memory, and too long ones.
    (call $is (call $map (i32.const 0) (i32.const 0xfff8) (i32.const 1)) (i32.const 1))
    (call $is (call $map (i32.const 0) (i32.const 0) (i32.const -1)) (i32.const 1))
    (call $is (call $unmap (i32.const 0) (i32.const -4) (i32.const 1)) (i32.const 1))
    (call $is (call $host_use (i32.const 0) (i32.const 0) (i32.const 0x10000000)) (i32.const 1))
    (call $is (call $region (i32.const 0) (i32.const 0xffff) (i32.const 2)) (i32.const 0))
    (call $is (call $begin_teams (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0xffff)) (i32.const 0))
    ;; Flags and directions that mean nothing.
    (call $is (call $map (i32.const 0) (i32.const 1056) (i32.const 1)) (i32.const 1))
    (call $is (call $sync (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2)) (i32.const 1))
    ;; Bytes outside of the memory, here or there.
    (call $is (call $sync (i32.const 0) (i32.const 1040) (i32.const 1) (i32.const 0)) (i32.const 1))
    (call $is (call $sync (i32.const 0) (i32.const 1040) (i32.const 1) (i32.const 1)) (i32.const 1))
    (call $is (call $copy (i32.const 0) (i32.const 0xfff0) (i32.const -1) (i32.const 0) (i32.const 17)) (i32.const 1))
    (call $is (call $copy (i32.const -1) (i32.const 0xfff0) (i32.const 0) (i32.const 0) (i32.const 17)) (i32.const 1))
    (call $is (call $copy (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0xffffffff) (i32.const 2)) (i32.const 1))
    (call $is (call $copy (i32.const -1) (i32.const 0) (i32.const -1) (i32.const 0xffff) (i32.const 2)) (i32.const 1))
    ;; What can be mapped can be mapped twice, used, and unmapped twice.
    (call $is (call $map (i32.const 0) (i32.const 1024) (i32.const 1)) (i32.const 0))
    (call $is (call $map (i32.const 0) (i32.const 1024) (i32.const 1)) (i32.const 0))
    (call $is (call $host_use (i32.const 0) (i32.const 1024) (i32.const 1)) (i32.const 0))
    (call $is (call $unmap (i32.const 0) (i32.const 1024) (i32.const 1)) (i32.const 0))
    (call $is (call $unmap (i32.const 0) (i32.const 1024) (i32.const 1)) (i32.const 0))
    ;; No regions.
    (call $is (call $end_teams (i32.const 0)) (i32.const 2))
    (call $is (call $end_teams (i32.const 1)) (i32.const 0))
    (call $is (call $end_teams (i32.const 2)) (i32.const 2))
    (call $is (call $end_teams (i32.const -1)) (i32.const 2))
    (call $is (call $begin_teams (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0)) (i32.const 0))
    (call $is (call $launch (i32.const 0) (i32.const 7) (i32.const 1)) (i32.const 2))
    (call $is (call $launch (i32.const 0) (i32.const 1) (i32.const 1)) (i32.const 3))
    (call $is (call $launch (i32.const 0) (i32.const 1) (i32.const 9)) (i32.const 3))
    ;; Records outside of the memory, and one whose arguments are.
    (call $is (call $device_launch (i32.const 0) (i32.const 0xffe8)) (i32.const 1))
    (call $is (call $device_launch (i32.const 0) (i32.const -4)) (i32.const 1))
    (i32.store (i32.const 2056) (i32.const 2))
    (i32.store (i32.const 2060) (i32.const 0xfffc))
    (call $is (call $launch (i32.const 0) (i32.const 1) (i32.const 1)) (i32.const 1))))

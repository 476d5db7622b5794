# A toolchain file for CMake 3.18 or later: `omp2wasi toolchain --cmake` has printed it.
#   cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=THIS_FILE

set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_VERSION 1)
set(CMAKE_SYSTEM_PROCESSOR wasm32)

set(CMAKE_C_COMPILER @CC@)
set(CMAKE_AR @AR@ CACHE FILEPATH "The archiver")
set(CMAKE_RANLIB @RANLIB@ CACHE FILEPATH "The program that makes the index of an archive")
# What strips other programs knows nothing of WebAssembly, or takes away what says where the parallel regions are.
set(CMAKE_STRIP true CACHE FILEPATH "Strips nothing")

# Runs what `try_run` and `add_test` have built. A program has the folder that it is started in, and no other.
if(NOT DEFINED CMAKE_CROSSCOMPILING_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR @OMP2WASI@ run --dir=.)
endif()

# Libraries, headers and packages are those of WebAssembly: below the folders that CMAKE_PREFIX_PATH names, and in the sysroot. Programs
# are this machine's.
list(APPEND CMAKE_FIND_ROOT_PATH ${CMAKE_PREFIX_PATH} @INCLUDE@ @LIB@)
list(REMOVE_DUPLICATES CMAKE_FIND_ROOT_PATH)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
if(NOT DEFINED ENV{PKG_CONFIG_LIBDIR})
  set(_omp2wasi_lib @LIB@)
  set(ENV{PKG_CONFIG_LIBDIR} ${_omp2wasi_lib}/pkgconfig)
endif()

# What the system is like. CMake reads that from a file of the system's name; the newest have one of their own, and read this one when they
# know the compiler.
set(_omp2wasi ${CMAKE_BINARY_DIR}/CMakeFiles/omp2wasi)
file(CONFIGURE OUTPUT ${_omp2wasi}/Platform/WASI.cmake @ONLY CONTENT [==[
set(WASI 1)
set(UNIX 1)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_DL_LIBS "")
set(CMAKE_SYSTEM_INCLUDE_PATH @INCLUDE@)
set(CMAKE_SYSTEM_LIBRARY_PATH @LIB@)
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
]==])
list(APPEND CMAKE_MODULE_PATH ${_omp2wasi})
set(CMAKE_USER_MAKE_RULES_OVERRIDE ${_omp2wasi}/Platform/WASI.cmake)

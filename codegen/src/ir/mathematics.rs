//! The functions of the C library's mathematics that devices have themselves, by their names in C: calls of them become operations.
//!
//! A device's functions are not exact to the bit, and neither are the C library's; how far they may be from the exact result is in
//! OpenCL's specification (section 7.4, relative error as ULPs). Some are instructions of WebAssembly.
//!
//! Invariant: a function that is here changes no memory that programs look at (the C library here sets no `errno`; `signgam` of `lgamma` is
//! no device's business), has no argument that is an address, and has a name that ISO C reserves.

use super::Op;

macro_rules! functions {
    ($($name:literal $single:ident $double:ident;)*) => {
        /// The operation that a call of a function of this name is: `sin` and `sinf`, for instance.
        pub(crate) fn function(name: &str) -> Option<Op> {
            match name {
                $($name => Some(Op::$double),)*
                $(concat!($name, "f") => Some(Op::$single),)*
                _ => None,
            }
        }
    };
}

functions! {
    "acos" F32Acos F64Acos;
    "acosh" F32Acosh F64Acosh;
    "asin" F32Asin F64Asin;
    "asinh" F32Asinh F64Asinh;
    "atan" F32Atan F64Atan;
    "atanh" F32Atanh F64Atanh;
    "cbrt" F32Cbrt F64Cbrt;
    "cos" F32Cos F64Cos;
    "cosh" F32Cosh F64Cosh;
    "erf" F32Erf F64Erf;
    "erfc" F32Erfc F64Erfc;
    "exp" F32Exp F64Exp;
    "exp2" F32Exp2 F64Exp2;
    "exp10" F32Exp10 F64Exp10;
    "expm1" F32Expm1 F64Expm1;
    "lgamma" F32Lgamma F64Lgamma;
    "log" F32Log F64Log;
    "log10" F32Log10 F64Log10;
    "log1p" F32Log1p F64Log1p;
    "log2" F32Log2 F64Log2;
    "logb" F32Logb F64Logb;
    "round" F32Round F64Round;
    "sin" F32Sin F64Sin;
    "sinh" F32Sinh F64Sinh;
    "tan" F32Tan F64Tan;
    "tanh" F32Tanh F64Tanh;
    "tgamma" F32Tgamma F64Tgamma;
    "atan2" F32Atan2 F64Atan2;
    "fdim" F32Fdim F64Fdim;
    "fmax" F32Fmax F64Fmax;
    "fmin" F32Fmin F64Fmin;
    "fmod" F32Fmod F64Fmod;
    "hypot" F32Hypot F64Hypot;
    "nextafter" F32Nextafter F64Nextafter;
    "pow" F32Pow F64Pow;
    "remainder" F32Remainder F64Remainder;
    "ldexp" F32Ldexp F64Ldexp;
    "fma" F32Fma F64Fma;
    "scalbn" F32Ldexp F64Ldexp;
    "scalbln" F32Ldexp F64Ldexp;
    "rint" F32Nearest F64Nearest;
    "nearbyint" F32Nearest F64Nearest;
    "ceil" F32Ceil F64Ceil;
    "floor" F32Floor F64Floor;
    "trunc" F32Trunc F64Trunc;
    "fabs" F32Abs F64Abs;
    "sqrt" F32Sqrt F64Sqrt;
    "copysign" F32Copysign F64Copysign;
    "lrint" I32LrintF32 I32LrintF64;
    "llrint" I64LrintF32 I64LrintF64;
    "lround" I32LroundF32 I32LroundF64;
    "llround" I64LroundF32 I64LroundF64;
    "ilogb" I32IlogbF32 I32IlogbF64;
}

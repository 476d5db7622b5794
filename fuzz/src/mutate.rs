//! Inputs without a fuzzer: seeds that are changed, and bytes at random.
//!
//! Invariant: the same seed gives the same inputs, everywhere.

/// Numbers that look random: xorshift64*.
pub struct Random(u64);

impl Random {
    /// Numbers that follow from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below a limit, or 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { ((self.next() >> 32) % limit as u64) as usize }
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// The most bytes that an input has: as libFuzzer has it by default.
const MAX_LEN: usize = 4096;

/// Numbers at which programs change their minds.
const INTERESTING: [u32; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_fffe, 0xffff_ffff];

/// An input: one of the seeds, changed in a few places, or bytes at random.
pub fn input(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    if seeds.is_empty() || random.below(4) == 0 {
        let len = random.below(600);
        return random.bytes(len);
    }
    let mut data = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        change(&mut data, random, seeds);
    }
    data.truncate(MAX_LEN.max(seeds.iter().map(Vec::len).max().unwrap_or(0)));
    data
}

fn change(data: &mut Vec<u8>, random: &mut Random, seeds: &[Vec<u8>]) {
    let at = random.below(data.len());
    let most = random.below(data.len() - at);
    let len = random.below(1 + most);
    match random.below(8) {
        0 | 1 if !data.is_empty() => data[at] ^= 1 << random.below(8),
        2 if !data.is_empty() => data[at] = random.next() as u8,
        3 => {
            let number = INTERESTING[random.below(INTERESTING.len())].to_le_bytes();
            let number = &number[..[1, 2, 4][random.below(3)]];
            let end = data.len().min(at + number.len());
            data.splice(at..end, number.iter().copied());
        }
        4 => drop(data.drain(at..at + len)),
        5 => {
            let part = data[at..at + len].to_vec();
            let to = random.below(data.len() + 1);
            data.splice(to..to, part);
        }
        6 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len());
            let to = from + random.below(1 + other.len() - from);
            let end = if random.below(2) == 0 { at } else { data.len().min(at + to - from) };
            data.splice(at..end, other[from..to].iter().copied());
        }
        _ => {
            let len = 1 + random.below(8);
            let part = random.bytes(len);
            data.splice(at..at, part);
        }
    }
}

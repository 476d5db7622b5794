//! Finds the fastest shape of work-groups for a kernel whose iterations are distributed in tiles, by trying each a few times.

use omp2wasi_codegen::Artifact;
use std::time::Duration;

const SHAPES: usize = Artifact::TILE_SHAPES.len();

/// How long a kernel took with each of [`Artifact::TILE_SHAPES`].
#[derive(Default)]
pub(super) struct Tuning {
    /// The shortest time of each.
    shortest: [Option<Duration>; SHAPES],
    /// Launches whose times have been noted.
    launches: usize,
}

impl Tuning {
    /// How often each shape is tried; the first launch, which may be slow for other reasons, does not count.
    const TRIES: usize = 2;

    /// The shape of the next launch, as an index.
    pub fn shape(&self) -> usize {
        if self.launches <= Self::TRIES * SHAPES {
            return self.launches % SHAPES;
        }
        // A shape without a time counts as the slowest.
        (0..SHAPES).min_by_key(|shape| self.shortest[*shape].unwrap_or(Duration::MAX)).unwrap_or(0)
    }

    /// Notes how long a launch with that shape took.
    pub fn note(&mut self, shape: usize, time: Duration) {
        if self.launches > 0 {
            self.shortest[shape] = Some(self.shortest[shape].map_or(time, |shortest| shortest.min(time)));
        }
        self.launches = self.launches.saturating_add(1);
    }
}

//! Random C programs with target regions: serial code around parallel regions, loops in teams, barriers, nested parallel regions, private arrays,
//! structures by value, and functions that are given pointers to private arrays and to mapped ones.
//!
//! Invariant: what a program prints does not depend on how many teams and threads there are, nor on their order: iterations write their own
//! elements, and all else are sums, exclusive ors, and maxima of unsigned integers.

use crate::instructions::Random;
use std::fmt::Write;

/// What all programs begin with.
const BEGIN: &str = r#"#include <omp.h>
#include <stdio.h>

enum { N = 240, ROWS = 12, COLUMNS = N / ROWS, LENGTH = 6, COUNTS = 8 };

struct pair {
    unsigned x, y;
};

static unsigned mix(unsigned *at, unsigned n, unsigned x)
{
    for (unsigned k = 0; k < n; k++) {
        at[k] = at[k] * 31 + x;
        x ^= at[k] >> 3;
    }
    return x;
}

static __attribute__((noinline)) unsigned fold(const unsigned *at, unsigned n, unsigned step)
{
    unsigned sum = 0;
    for (unsigned k = 0; k < n; k++)
        sum = sum * step + at[k];
    return sum;
}

static struct pair turn(struct pair p, unsigned by)
{
    struct pair turned = {p.y + by, p.x ^ by};
    return turned;
}

static void report(const char *name, const unsigned *x, int n)
{
    unsigned long long hash = 1469598103934665603u;
    for (int i = 0; i < n; i++)
        hash = (hash ^ x[i]) * 1099511628211u;
    printf("%s %016llx\n", name, hash);
}

static unsigned in[N], out[N], between[N], counts[COUNTS], sum, most;

int main(void)
{
    for (unsigned i = 0; i < N; i++)
        in[i] = i * 2654435761u;
"#;

/// A program, the same for the same seed.
pub fn program(seed: u64) -> String {
    let mut writer =
        Writer { random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), text: BEGIN.to_owned(), depth: 1 };
    for _ in 0..2 {
        match writer.random.below(4) {
            0 => writer.combined(),
            1 => writer.serial(),
            2 => writer.rows(),
            _ => writer.team(),
        }
        for (name, count) in [("out", "N"), ("between", "N"), ("counts", "COUNTS")] {
            writer.line(&format!("report(\"{name}\", {name}, {count});"));
        }
        writer.line("printf(\"%u %u\\n\", sum, most);");
    }
    writer.text + "    return 0;\n}\n"
}

const MAPS: &str = "map(to : in) map(tofrom : out, between, counts, sum, most)";

struct Writer {
    random: Random,
    text: String,
    depth: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", 4 * self.depth);
    }

    /// `head` and a block.
    fn block(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        if !head.is_empty() {
            self.line(head);
        }
        self.line("{");
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line("}");
    }

    fn number(&mut self) -> u64 {
        1 + self.random.below(97)
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.random.below(of.len() as u64) as usize]
    }

    /// A combined construct.
    fn combined(&mut self) {
        let schedule = self.pick(&["", "", " schedule(static, 1)", " schedule(static, 7)", " schedule(dynamic)"]);
        let construct = self.pick(&["teams distribute parallel for", "parallel for", "teams loop"]);
        let schedule = if construct == "teams loop" { "" } else { schedule };
        let reduction = self.pick(&["", " reduction(+ : sum)", " reduction(+ : sum) reduction(max : most)"]);
        self.line(&format!("#pragma omp target {construct}{schedule}{reduction} {MAPS}"));
        self.block("for (unsigned i = 0; i < N; i++)", |this| this.iteration(true, reduction));
    }

    /// Serial code around parallel regions.
    fn serial(&mut self) {
        self.line(&format!("#pragma omp target {MAPS}"));
        self.block("", |this| {
            let number = this.number();
            this.line(&format!("unsigned i = {number}, x = in[i];"));
            this.line("unsigned p[LENGTH] = {0};");
            this.statements(2, false);
            for _ in 0..1 + this.random.below(2) {
                this.parallel_loop();
                this.statements(1, false);
            }
            this.line("out[i] = x;");
        });
    }

    /// Rows that are distributed to teams, with parallel loops in each.
    fn rows(&mut self) {
        let teams = self.pick(&["", " num_teams(3)", " thread_limit(4)", " num_teams(5) thread_limit(8)"]);
        self.line(&format!("#pragma omp target teams distribute{teams} {MAPS}"));
        self.block("for (unsigned row = 0; row < ROWS; row++)", |this| {
            this.line("unsigned i = row, x = in[row], s = 0;");
            this.line("unsigned p[LENGTH] = {0};");
            this.statements(1, false);
            let threads = this.pick(&["", " num_threads(3)"]);
            this.line(&format!("#pragma omp parallel for{threads} reduction(+ : s)"));
            this.block("for (unsigned column = 0; column < COLUMNS; column++)", |this| {
                this.line("unsigned i = row * COLUMNS + column, y = x + in[i];");
                this.block("", |this| {
                    this.line("unsigned x = y;");
                    this.line("unsigned p[LENGTH] = {0};");
                    this.statements(2, true);
                    this.line("between[i] = x;");
                });
                this.line("s += between[i];");
            });
            this.line("x += s;");
            this.statements(1, false);
            this.line("out[row] = x;");
        });
    }

    /// A team with several loops, barriers and what one thread does.
    fn team(&mut self) {
        let construct = self.pick(&["target parallel", "target parallel num_threads(4)", "target teams num_teams(1)"]);
        self.line(&format!("#pragma omp {construct} {MAPS}"));
        if construct.ends_with("(1)") {
            self.line("#pragma omp parallel");
        }
        self.block("", |this| {
            this.line("#pragma omp for");
            this.block("for (unsigned i = 0; i < N; i++)", |this| {
                this.line("unsigned x = in[i] ^ out[i];");
                this.line("unsigned p[LENGTH] = {0};");
                this.statements(2, true);
                this.line("between[i] = x;");
            });
            let (one, by) = (this.pick(&["single", "single", "masked", "critical"]), this.number());
            match one {
                "critical" => this.line("#pragma omp critical"),
                _ => this.line(&format!("#pragma omp {one}")),
            }
            match one {
                "critical" => this.line("most |= 1;"),
                _ => this.line(&format!("sum += fold(between, N, {by});")),
            }
            this.line("#pragma omp barrier");
            let (schedule, by) = (this.pick(&["", " schedule(dynamic, 3)", " nowait"]), this.number());
            this.line(&format!("#pragma omp for{schedule}"));
            this.block("for (unsigned i = 0; i < N; i++)", |this| {
                this.line(&format!("unsigned x = between[(i * {by}) % N] + sum;"));
                this.line("unsigned p[LENGTH] = {0};");
                this.statements(2, true);
                this.line("out[i] = x;");
            });
        });
    }

    fn parallel_loop(&mut self) {
        let clauses = self.pick(&["", " num_threads(3)", " schedule(static, 5)", " if (x & 1)", " schedule(guided)"]);
        let reduction = self.pick(&["", " reduction(+ : sum)", " reduction(max : most)"]);
        self.line(&format!("#pragma omp parallel for{clauses}{reduction}"));
        self.block("for (unsigned i = 0; i < N; i++)", |this| {
            this.line("unsigned y = x + in[i];");
            this.block("", |this| {
                this.line("unsigned x = y;");
                this.line("unsigned p[LENGTH] = {0};");
                this.statements(2, true);
                this.line("between[i] = x;");
                this.reduce(reduction);
            });
        });
    }

    /// The body of a loop whose iterations are on their own.
    fn iteration(&mut self, has_atomics: bool, reduction: &str) {
        self.line("unsigned x = in[i];");
        self.line("unsigned p[LENGTH] = {0};");
        self.statements(3, has_atomics);
        self.line("out[i] = x;");
        self.reduce(reduction);
    }

    fn reduce(&mut self, reduction: &str) {
        if reduction.contains("sum") {
            self.line("sum += x;");
        }
        if reduction.contains("most") {
            self.line("most = x > most ? x : most;");
        }
    }

    /// Statements that change `x` and the private array `p`, and read what no other iteration changes.
    fn statements(&mut self, depth: u64, has_atomics: bool) {
        for _ in 0..1 + self.random.below(3) {
            let (a, b) = (self.number(), self.number());
            match self.random.below(if depth == 0 { 6 } else { 9 }) {
                0 => self.line(&format!("x = x * {a} + in[(i * {b} + x) % N];")),
                1 => self.line(&format!("p[x % LENGTH] += x ^ {a};")),
                2 => self.line("x ^= mix(p, LENGTH, x);"),
                3 => self.line(&format!("x += fold(x & {a} ? p : in + x % (N - LENGTH), LENGTH, {b});")),
                4 => self.block("", |this| {
                    this.line("struct pair q = {x, i};");
                    this.line(&format!("q = turn(q, {a});"));
                    this.line("x = q.x ^ p[q.y % LENGTH];");
                }),
                5 if has_atomics => {
                    self.line("#pragma omp atomic");
                    self.line(&format!("counts[x % COUNTS] += {a};"));
                }
                5 => self.line(&format!("x += (unsigned)((x % {a}) * 0.5);")),
                6 => {
                    let head = format!("for (unsigned k = 0; k < 1 + x % {}; k++)", 1 + a % 4);
                    self.block(&head, |this| this.statements(depth - 1, has_atomics));
                }
                7 => {
                    self.block(&format!("if (x & {a})"), |this| this.statements(depth - 1, has_atomics));
                    self.block("else", |this| this.statements(depth - 1, has_atomics));
                }
                _ => self.block("", |this| {
                    this.line("unsigned s = 0;");
                    this.line("#pragma omp parallel for reduction(+ : s)");
                    this.line("for (unsigned k = 0; k < 8; k++)");
                    this.line(&format!("    s += in[(k * {a} + i) % N] >> (x & 7);"));
                    this.line("x += s;");
                }),
            }
        }
    }
}

//! What a draw reads, and that it is the same everywhere.

use sha2::{Digest, Sha256};

use super::{cases, stream, variates};

#[test]
fn r10_2_a_variate_reads_a_fixed_number_of_words() {
    for case in cases() {
        assert_eq!(case.distribution.uniforms(), case.uniforms, "{}", case.name);
        let mut draws = stream(&case);
        let mut counted = draws.clone();
        for _ in 0..1_000 {
            case.distribution.draw(&mut draws);
            for _ in 0..case.uniforms {
                counted.uniform();
            }
            assert_eq!(draws.clone().uniform(), counted.clone().uniform(), "{}", case.name);
        }
    }
}

#[test]
fn r10_2_a_draw_is_the_quantile_of_its_uniform() {
    for case in cases().into_iter().filter(|case| case.uniforms == 1) {
        let mut draws = stream(&case);
        let mut uniforms = draws.clone();
        for _ in 0..1_000 {
            let expected = case.distribution.quantile(uniforms.uniform().value());
            assert_eq!(case.distribution.draw(&mut draws).to_bits(), expected.to_bits(), "{}", case.name);
        }
    }
}

/// Hashes of the bits of the first thousand draws. They are the same on every platform; on one machine
/// `GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA` changes what functions of the system would give.
#[test]
fn r10_3_draws_are_the_same_everywhere() {
    let found: Vec<String> = cases().iter().map(|case| format!("{} {}", case.name, hash(case))).collect();
    assert_eq!(found, EXPECTED);
}

fn hash(case: &super::Case) -> String {
    let mut hasher = Sha256::new();
    variates(case, 1_000).iter().for_each(|x| hasher.update(x.to_bits().to_le_bytes()));
    hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

const EXPECTED: [&str; 17] = [
    "exponential 716fa219e22a830b",
    "erlang 3d9a5d9536b6db22",
    "gamma 5dc52b443f58bf06",
    "gamma of a large shape f67778b3614e0fa6",
    "hyper_exponential 38ed0124d178ad4e",
    "log_normal 5d3b4587a8676e2a",
    "log_normal of a mean f1d15014f73014e2",
    "uniform 22e9cd60c0b9915c",
    "triangular 8050778b6de14cb2",
    "weibull 431e8c509ee057c9",
    "bounded_pareto 5503910c7e618617",
    "fixed ec9fefb1120b8ca7",
    "empirical 45411e86c1ecc56a",
    "mixture cf1e847ea97c26b1",
    "truncated cce1d2ce73d9cefb",
    "truncated log_normal b95591261a876747",
    "truncated mixture 144dabadb6739e48",
];

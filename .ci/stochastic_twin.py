"""The run of tests/data/stochastic.json by a second program: its own generator, arithmetic and queue.

Without arguments it prints the SHA-256 of the ends of all copies in microseconds, by arrival. With a copies.csv
of copysim it compares each end, and fails at the first that differs.
"""

import csv
import hashlib
import heapq
import math
import struct
import sys
from decimal import Decimal
from statistics import NormalDist

SEED, COPIES, SLOTS = 42, 10_000, 5
MASK = 0xFFFFFFFF


class Draws:
    """ChaCha with 8 rounds, keyed by the SHA-256 of the seed, the replication and both names (R10.1)."""

    def __init__(self, purpose: str, source: str) -> None:
        digest = hashlib.sha256()
        numbers = [struct.pack("<Q", SEED), struct.pack("<Q", 0)]
        for part in [b"copysim draws", *numbers, purpose.encode(), source.encode()]:
            digest.update(struct.pack("<Q", len(part)) + part)
        self.key = struct.unpack("<8I", digest.digest())
        self.blocks = 0
        self.words: list[int] = []

    def block(self) -> list[int]:
        start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *self.key, self.blocks, 0, 0, 0]
        state = start[:]

        def mix(a: int, b: int, c: int, d: int) -> None:
            for x, y, z, turn in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)]:
                state[x] = (state[x] + state[y]) & MASK
                word = state[z] ^ state[x]
                state[z] = (word << turn | word >> (32 - turn)) & MASK

        for _ in range(4):
            for column in range(4):
                mix(column, 4 + column, 8 + column, 12 + column)
            for column in range(4):
                mix(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
        self.blocks += 1
        return [(before + after) & MASK for before, after in zip(start, state)]

    def uniform(self) -> float:
        """(k + 1/2) x 2^-52 for the top 52 bits of a word (R10.2)."""
        if not self.words:
            self.words = self.block()
        low, high, *self.words = self.words
        return (2 * ((high << 32 | low) >> 12) + 1) * 2.0**-53


def rounded(number: float) -> int:
    whole = math.floor(number)
    return int(whole + 1 if number - whole >= 0.5 else whole)


def ends() -> list[int]:
    gaps, sizes, setups = Draws("arrivals", "jobs"), Draws("size", "jobs"), Draws("setup", "jobs@b")
    normal = NormalDist()
    now, found = 0, []
    free_at = [0] * SLOTS
    for _ in range(COPIES):
        now += rounded(-(3600e6 / 27) * math.log(1 - gaps.uniform()))
        size = rounded(20 * 2**30 * math.exp(0.6 * normal.inv_cdf(sizes.uniform())))
        setup = rounded(-120e6 * math.log(1 - setups.uniform()))
        transfer = -(-size * 10**6 // (60 * 2**20))
        end = max(now, heapq.heappop(free_at)) + setup + transfer
        heapq.heappush(free_at, end)
        found.append(end)
    return found


def main() -> None:
    expected = ends()
    if len(sys.argv) < 2:
        print(hashlib.sha256(b"".join(struct.pack("<Q", end) for end in expected)).hexdigest())
        return
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        rows = {int(row["number"]): int(Decimal(row["end_s"]) * 10**6) for row in csv.DictReader(file)}
    if len(rows) != COPIES:
        sys.exit(f"{len(rows)} copies, not {COPIES}")
    for number, end in enumerate(expected, start=1):
        if rows[number] != end:
            sys.exit(f"copy {number} ends at {rows[number]} us; this program says {end} us")
    print(f"{COPIES} copies end at the same microseconds")


main()

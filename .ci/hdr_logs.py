#!/usr/bin/env python3
"""Reads the histogram files of results with a public reader, and compares them with summary.json.

Call it with result folders; it needs the package `hdrhistogram`:

    python3 -m venv venv && venv/bin/pip install hdrhistogram
    copysim run scenarios/quickstart.json --out result
    venv/bin/python .ci/hdr_logs.py result

For each figure: the count, the buckets of the smallest and the largest value, the percentiles to three
significant digits, and every row of the .hgrm table against the counts of the .hlog.
Exit status: 0 all agree, 1 something differs, 2 nothing to compare.
"""

import json
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

FIGURES = ["wait", "copy", "total", "lead"]
PERCENTILES = ["50", "90", "95", "99", "99.9"]
LONGEST = 2**53


def micros(seconds):
    """Exact seconds of the summary in microseconds."""
    value = seconds * 1_000_000
    assert value == int(value), f"{seconds} s is no whole number of microseconds"
    return int(value)


def read_log(path):
    """The one histogram of a log, its tag and its buckets: lowest, highest value and count, ascending."""
    template = HdrHistogram(1, LONGEST, 3)
    reader = HistogramLogReader(str(path), template)
    histogram = reader.get_next_interval_histogram()
    assert histogram is not None, f"{path} holds no histogram"
    assert reader.get_next_interval_histogram() is None, f"{path} holds more than one histogram"
    reader.close()
    buckets = []
    for index in range(histogram.counts_len):
        count = histogram.get_count_at_index(index)
        if count:
            value = histogram.get_value_from_index(index)
            lowest = histogram.get_lowest_equivalent_value(value)
            buckets.append((lowest, histogram.get_highest_equivalent_value(value), count))
    return histogram, buckets


def read_table(path):
    """The rows of a percentile table: value in microseconds and total count; and the count below it."""
    rows, total = [], None
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("#[Total count"):
            total = int(line.split("=")[1].split(",")[0])
        elif line.strip() and not line.startswith("#"):
            value, _, count = line.split()[:3]
            rows.append((micros(Decimal(value)), int(count)))
    return rows, total


def at_rank(buckets, percentile, n):
    """The bucket of the nearest rank, ceil(p n / 100); the reader's own ranks are rounded half up."""
    rank = max(1, -(-(Fraction(percentile) * n) // 100))
    for lowest, highest, count in buckets:
        rank -= count
        if rank <= 0:
            return lowest, highest
    raise AssertionError(f"no value has rank p{percentile} of {n}")


def differences(folder, name, figure):
    """What differs between the files of a figure and the summary, in words."""
    histogram, buckets = read_log(folder / f"{name}.hlog")
    rows, total = read_table(folder / f"{name}.hgrm")
    n = figure["n"]
    if histogram.get_tag() != name:
        yield f"the log's tag is {histogram.get_tag()}"
    if (histogram.get_total_count(), total) != (n, n):
        yield f"the log counts {histogram.get_total_count()}, the table {total}, the summary {n}"
        return
    if n == 0:
        if buckets or rows or "min_s" in figure:
            yield "there are values of nothing"
        return
    for key, (lowest, highest, _) in [("min_s", buckets[0]), ("max_s", buckets[-1])]:
        if not lowest <= micros(figure[key]) <= highest:
            yield f"{key} {figure[key]} isn't in its bucket, {lowest} to {highest} us"
    for percentile in PERCENTILES:
        told = micros(figure[f"p{percentile}_s"])
        lowest, highest = at_rank(buckets, percentile, n)
        # A percentile from buckets is an upper edge; both say the value to three digits.
        if not lowest <= told <= highest and abs(highest - told) * 1000 > told:
            yield f"p{percentile} is {told} us, the log says {lowest} to {highest} us"
    for value, count in rows:
        # The last edge is cut to the largest value, so a bucket counts where it begins.
        below = sum(bucket for lowest, _, bucket in buckets if lowest <= value)
        if below != count:
            yield f"the table counts {count} up to {value} us, the log {below}"
    if rows[-1] != (micros(figure["max_s"]), n):
        yield f"the table ends at {rows[-1]}"


def main(folders):
    if not folders:
        print(__doc__, file=sys.stderr)
        return 2
    is_wrong = False
    for folder in map(Path, folders):
        text = (folder / "summary.json").read_text(encoding="utf-8")
        figures = json.loads(text, parse_float=Decimal)["figures"]
        for name in FIGURES:
            try:
                found = list(differences(folder, name, figures[name]))
            except (AssertionError, LookupError, OSError, ValueError) as error:
                found = [f"can't be read: {error}"]
            is_wrong = is_wrong or bool(found)
            print(f"{'FAIL' if found else 'PASS'}   {folder}/{name}   {figures[name]['n']} values")
            for difference in found:
                print(f"  {difference}")
    return 1 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

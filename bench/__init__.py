"""The benchmarks: ratios against a stated limit, both sides measured in the same run (`make bench`)."""

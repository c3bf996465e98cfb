"""The figures of `make bench`: ratios to yardsticks that run alternately in the same minutes."""
